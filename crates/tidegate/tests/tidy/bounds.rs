//! A bound that operators set is written once, by the part that keeps it.

use crate::{rooms, source, tree};

/// Keys that the reader of limits files names for a reason of its own.
const NAMED: [(&str, &str); 2] = [
    ("body_bytes_max", "a limit on bodies that is larger is a warning"),
    ("idle_timeout_s", "a key of `[route.NAME.socket]` too"),
];

#[test]
fn the_reader_of_limits_files_names_no_bound_of_a_part() {
    let sources: Vec<(String, String)> = tree::rust()
        .into_iter()
        .filter(|(path, _)| path.starts_with("crates/") && path.contains("/src/") && !rooms::is_test(path))
        .collect();
    let keys: Vec<String> = sources.iter().flat_map(|(_, text)| keys(text)).collect();
    assert!(
        keys.len() > 20,
        "bounds are declared by `tidegate_core::bounds!`: {keys:?}"
    );
    let mut found = Vec::new();
    for (path, text) in sources
        .iter()
        .filter(|(path, _)| path.starts_with("crates/tidegate-config/"))
    {
        let of_a_part = |word: &&str| keys.iter().any(|key| key == word) && !NAMED.iter().any(|(key, _)| key == word);
        for (_, word) in source::words(text).filter(|(_, word)| of_a_part(word)) {
            found.push(format!("{path}: `{word}`"));
        }
    }
    tree::nothing_of(
        found,
        "docs/contributing/bound.md: a bound is declared by its part and has a row in docs/config.md:",
    );
}

/// The keys of the bounds that a file declares, `field: Type = default in min..=max as key`.
fn keys(text: &str) -> Vec<String> {
    let Some((_, declared)) = text.split_once("tidegate_core::bounds! {") else {
        return Vec::new();
    };
    let lines = declared.lines().map(str::trim).filter(|line| !line.starts_with("//"));
    lines.filter_map(key).collect()
}

fn key(line: &str) -> Option<String> {
    let (field, rest) = line.strip_suffix(',')?.split_once(": ")?;
    let (_, range) = rest.split_once(" = ")?.1.split_once(" in ")?;
    let key = range.split_once(" as ").map_or(field, |(_, key)| key);
    range.contains("..=").then(|| key.to_owned())
}

#[test]
fn a_bound_is_read_by_its_key() {
    let text = "tidegate_core::bounds! {\n    /// A: b.\n    a_max: usize = 1 in 0..=2,\n    wait: Duration = 5 in 0..=6 as wait_ms,\n}";
    assert_eq!(keys(text), ["a_max", "wait_ms"]);
}
