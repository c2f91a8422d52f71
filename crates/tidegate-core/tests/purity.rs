//! The core has no clock, no I/O, no runtime and no text format: an invariant as an absence, read from the sources.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Words that must not stand in the sources, and what stands in their place.
const SOURCE_WORDS: [(&str, &str); 16] = [
    ("tokio", "nothing waits here"),
    ("TcpStream", "doors own sockets"),
    ("TcpListener", "doors own sockets"),
    ("UdpSocket", "doors own sockets"),
    ("std::fs", "files are the program's"),
    ("std::env", "configuration is compiled into `Policy`"),
    ("std::process", "only the program ends processes"),
    ("std::thread", "nothing waits here"),
    ("SystemTime", "take `Now` as an argument"),
    ("Instant", "take `Now` as an argument"),
    ("Zoned::now", "take `Now` as an argument"),
    ("Timestamp::now", "take `Now` as an argument"),
    ("async fn", "nothing waits here"),
    ("tracing", "return what happened"),
    ("println!", "return what happened"),
    ("serde", "forms are the doors'"),
];

/// What the core may depend on. A new line here is a new edge of the architecture and wants an ADR; one that took the place
/// of own code and reads no clock, such as httpdate, does not.
const DEPENDENCIES: [&str; 10] = [
    "bytes",
    "http",
    "httpdate",
    "ipnet",
    "itoa",
    "jiff",
    "percent-encoding",
    "sfv",
    "siphasher",
    "thiserror",
];

#[test]
fn sources_have_no_clock_io_runtime_or_text_format() {
    let mut found = Vec::new();
    for path in sources(&root().join("src")) {
        let text = fs::read_to_string(&path).unwrap();
        for (number, line) in text
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.trim_start().starts_with("//"))
        {
            for (word, instead) in SOURCE_WORDS.iter().filter(|(word, _)| line.contains(word)) {
                found.push(format!("{}:{}: `{word}`: {instead}", path.display(), number + 1));
            }
        }
    }
    assert!(found.is_empty(), "the core is pure:\n{}", found.join("\n"));
}

#[test]
fn manifest_has_only_the_dependencies_agreed_on() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let section = manifest
        .split("[dependencies]")
        .nth(1)
        .unwrap()
        .split("\n[")
        .next()
        .unwrap();
    let mut named: Vec<&str> = section
        .lines()
        .filter_map(|line| line.split(['.', ' ', '=']).next())
        .filter(|name| !name.is_empty())
        .collect();
    named.sort_unstable();
    assert_eq!(named, DEPENDENCIES, "crates/tidegate-core/Cargo.toml");
}

#[test]
fn the_words_are_looked_for_where_the_code_is() {
    // A moved folder would make the first test pass on nothing.
    let names: Vec<_> = sources(&root().join("src"))
        .into_iter()
        .filter_map(|path| path.file_name()?.to_str().map(str::to_owned))
        .collect();
    assert!(names.contains(&"cell.rs".to_owned()) && names.len() > 14, "{names:?}");
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}
