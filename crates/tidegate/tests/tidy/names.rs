//! Names of files. A name that says nothing collects everything.

use crate::tree;

/// Names of files and folders that say nothing about what is in them.
const EMPTY_NAMES: [&str; 10] = [
    "common", "helper", "helpers", "impl", "manager", "managers", "misc", "mod", "util", "utils",
];

#[test]
fn every_rust_file_is_named_for_one_thing() {
    let is_empty = |part: &str| EMPTY_NAMES.contains(&part.trim_end_matches(".rs"));
    let found = tree::rust()
        .into_iter()
        .filter(|(path, _)| path.split('/').any(is_empty))
        .map(|(path, _)| path)
        .collect();
    tree::nothing_of(
        found,
        "name the file for the noun it holds; a folder `foo/` stands beside `foo.rs`, not around a `mod.rs`:",
    );
}

#[test]
fn unit_tests_stand_in_a_file_of_their_own() {
    let mut found = Vec::new();
    for (path, text) in tree::rust() {
        let inline = text
            .lines()
            .zip(1..)
            .filter(|(line, _)| line.trim_start().starts_with("mod tests {"));
        found.extend(inline.map(|(_, number)| format!("{path}:{number}")));
    }
    tree::nothing_of(
        found,
        "write `#[cfg(test)] mod tests;` and put them into `foo/tests.rs`:",
    );
}
