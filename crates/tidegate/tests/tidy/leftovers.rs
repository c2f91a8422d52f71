//! Leftovers: unfinished work, and paths of the machine it was written on.

use crate::{source, tree};

/// Marks of unfinished work, in comments too. Put together here, so that this file does not find itself.
const MARKS: [&str; 3] = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];

/// Macros that say "not yet" or "let me see", without their `!`.
const MACROS: [&str; 3] = [concat!("db", "g"), concat!("to", "do"), concat!("unimpl", "emented")];

/// Beginnings of paths that only one machine has.
const MACHINES: [&str; 5] = [
    concat!("/ro", "ot/"),
    concat!("/ho", "me/"),
    concat!("/wo", "rk/"),
    concat!("/Us", "ers/"),
    concat!("C:\\", "Users"),
];

#[test]
fn nothing_unfinished_is_left_behind() {
    let mut found = Vec::new();
    for (path, text) in tree::rust() {
        for (line, number) in text.lines().zip(1..) {
            let marked = source::words(line).any(|(_, word)| MARKS.contains(&word));
            if marked {
                found.push(format!("{path}:{number}: {}", line.trim()));
            }
        }
        let code = source::code(&text);
        for (at, word) in source::words(&code) {
            if MACROS.contains(&word) && code[at + word.len()..].starts_with('!') {
                found.push(format!("{path}:{}: `{word}!`", code[..at].matches('\n').count() + 1));
            }
        }
    }
    tree::nothing_of(found, "finish it, or open an issue and leave no mark in the code:");
}

#[test]
fn no_test_is_switched_off_without_a_reason() {
    let mut found = Vec::new();
    for (path, text) in tree::rust() {
        let off = source::code(&text)
            .lines()
            .zip(1..)
            .filter(|(line, _)| line.trim() == "#[ignore]")
            .map(|(_, number)| number)
            .collect::<Vec<_>>();
        found.extend(off.into_iter().map(|number| format!("{path}:{number}")));
    }
    tree::nothing_of(found, "write `#[ignore = \"why, and what would bring it back\"]`:");
}

#[test]
fn no_file_names_somebodys_machine() {
    let mut found = Vec::new();
    for file in tree::files() {
        for (line, number) in file.text.iter().flat_map(|text| text.lines().zip(1..)) {
            if MACHINES.iter().any(|machine| line.contains(machine)) {
                found.push(format!("{}:{number}: {}", file.path, line.trim()));
            }
        }
    }
    tree::nothing_of(found, "write paths from the repository's root or the data directory:");
}

#[test]
fn every_locked_dependency_comes_from_the_public_index() {
    const INDEX: &str = "source = \"registry+https://github.com/rust-lang/crates.io-index\"";
    let lock = tree::read("Cargo.lock");
    let found = lock
        .lines()
        .filter(|line| line.starts_with("source = ") && *line != INDEX)
        .map(str::to_owned)
        .collect();
    tree::nothing_of(
        found,
        "a dependency comes from the public index, not from a mirror or a git branch:",
    );
}
