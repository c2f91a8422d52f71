//! The pages that say where to add something name files that are there, and few of them.

use crate::tree;

const FOLDER: &str = "docs/contributing/";

/// A row of a page's list of files.
struct Row {
    path: String,
    is_new: bool,
}

#[test]
fn pages_for_contributors_name_files_that_are_there() {
    let mut found = Vec::new();
    for (page, rows) in pages() {
        for row in &rows {
            let is_there = tree::root().join(&row.path).is_file();
            if is_there == row.is_new {
                let how = if row.is_new { "is there already" } else { "is not there" };
                found.push(format!("{page}: `{}` {how}", row.path));
            }
        }
    }
    tree::nothing_of(
        found,
        "docs/contributing/ says where to add something: `| `path` | what |`, and `| `path` (new) | what |`:",
    );
}

#[test]
fn a_kind_of_limit_is_at_most_12_files_and_a_door_fewer_than_10_new_ones() {
    let pages = pages();
    let of = |name: &str| {
        let page = pages.iter().find(|(page, _)| page.ends_with(name));
        &page.unwrap_or_else(|| panic!("{FOLDER}{name} is not there")).1
    };
    let kind = of("limit-kind.md").len();
    assert!(
        kind <= 12,
        "a kind of limit touches {kind} files; join what is said of kinds in one place"
    );
    let door = of("door.md").iter().filter(|row| row.is_new).count();
    assert!(
        door < 10,
        "a door is {door} new files; the gate or the engine can do what doors share"
    );
}

#[test]
fn contributing_links_every_page() {
    let page = tree::read("CONTRIBUTING.md");
    let missing = pages()
        .into_iter()
        .map(|(path, _)| path)
        .filter(|path| !page.contains(path.as_str()));
    tree::nothing_of(
        missing.collect(),
        "CONTRIBUTING.md links every page of docs/contributing/:",
    );
}

fn pages() -> Vec<(String, Vec<Row>)> {
    let files = tree::files().into_iter().filter(|file| file.path.starts_with(FOLDER));
    files
        .map(|file| {
            let text = file.text.unwrap_or_default();
            (file.path, text.lines().filter_map(row).collect())
        })
        .collect()
}

/// A row that begins with a path of the repository.
fn row(line: &str) -> Option<Row> {
    let (path, rest) = line.strip_prefix("| `")?.split_once('`')?;
    let is_path = path.contains('/') || path.ends_with(".toml") || path.ends_with(".md");
    is_path.then(|| Row {
        path: path.to_owned(),
        is_new: rest.starts_with(" (new)"),
    })
}
