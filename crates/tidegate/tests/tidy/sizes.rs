//! Sizes of files and functions. Code that fits on a screen is read; longer code is skimmed.

use crate::{rooms, source, tree};

const FILE_LINES_MAX: usize = 400;
const FUNCTION_LINES_MAX: usize = 70;
const MEDIAN_FILE_LINES_MAX: usize = 120;
/// Most lines of the program; the parts that it wires together are libraries.
const PROGRAM_LINES_MAX: usize = 9_000;
const README_LINES_MAX: usize = 120;

#[test]
fn no_file_is_longer_than_400_lines() {
    let long = tree::rust()
        .into_iter()
        .map(|(path, text)| (path, text.lines().count()))
        .filter(|(_, lines)| *lines > FILE_LINES_MAX);
    let found = long.map(|(path, lines)| format!("{path}: {lines} lines")).collect();
    tree::nothing_of(
        found,
        "a file holds one noun in at most 400 lines; move what is a noun of its own into `foo/bar.rs`:",
    );
}

#[test]
fn no_function_is_longer_than_70_lines() {
    let mut found = Vec::new();
    for (path, text) in tree::rust() {
        for function in source::functions(&source::code(&text)) {
            if function.lines > FUNCTION_LINES_MAX {
                found.push(format!(
                    "{path}:{}: `{}` has {} lines",
                    function.line, function.name, function.lines
                ));
            }
        }
    }
    tree::nothing_of(
        found,
        "a function has at most 70 lines; keep the branches in the parent and move the work into leaves:",
    );
}

#[test]
fn the_median_file_has_at_most_120_lines() {
    let mut lines: Vec<usize> = tree::rust().iter().map(|(_, text)| text.lines().count()).collect();
    lines.sort_unstable();
    let median = lines[lines.len() / 2];
    assert!(
        median <= MEDIAN_FILE_LINES_MAX,
        "the median of {} files has {median} lines; it is at most {MEDIAN_FILE_LINES_MAX}: move a noun of its own out of a long file",
        lines.len()
    );
}

#[test]
fn the_program_is_shorter_than_9000_lines() {
    let files = tree::rust().into_iter();
    let lines: usize = files
        .filter(|(path, _)| path.starts_with("crates/tidegate/src/") && !rooms::is_test(path))
        .map(|(_, text)| text.lines().count())
        .sum();
    assert!(
        lines < PROGRAM_LINES_MAX,
        "crates/tidegate/src has {lines} lines without tests; it is the command line and the wiring, what it wires goes into a library"
    );
}

#[test]
fn the_readme_is_shorter_than_120_lines() {
    let readme = tree::files().into_iter().find(|file| file.path == "README.md");
    let lines = readme.and_then(|file| file.text).map_or(0, |text| text.lines().count());
    assert!(
        lines < README_LINES_MAX,
        "README.md has {lines} lines; it says what this is and how it starts, the rest goes into docs/"
    );
}
