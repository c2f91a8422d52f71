//! The list of faults and attacks, and the tests that hold each: `docs/faults.md`.

use std::collections::{BTreeMap, BTreeSet};

use crate::tree;

/// The ids that have a test. Those left out wait for what they are about: a shared store.
const IN_SCOPE: [&str; 70] = [
    "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12", "23", "26", "27", "28", "29", "30", "31",
    "32", "33", "34", "35", "36", "37", "38", "39", "40", "41", "42", "43", "44", "45", "46", "47", "48", "49", "50",
    "51", "52", "53", "54", "55", "56", "57", "58", "59", "60", "61", "62", "63", "64", "65", "66", "67", "68", "69",
    "70", "71", "72", "73", "74", "75", "76", "77", "78", "79", "80", "81", "82",
];

/// One row of the page.
struct Row {
    id: String,
    claim: String,
    path: String,
    name: String,
}

#[test]
fn every_fault_in_scope_has_a_row() {
    let rows = rows();
    let missing = IN_SCOPE
        .iter()
        .filter(|id| !rows.iter().any(|row| row.id == **id))
        .map(|id| format!("fault {id} has no row"));
    tree::nothing_of(
        missing.collect(),
        "docs/faults.md names a test for each fault in scope:",
    );
}

#[test]
fn every_row_names_a_test_that_says_its_id() {
    let sources: BTreeMap<String, String> = tree::rust().into_iter().collect();
    let mut found = Vec::new();
    for row in rows() {
        let at = format!("fault {}: {}::{}", row.id, row.path, row.name);
        if row.claim.is_empty() {
            found.push(format!("{at}: no claim"));
        }
        let Some(text) = sources.get(&row.path) else {
            found.push(format!("{at}: no such file"));
            continue;
        };
        match above(text, &row.name) {
            None => found.push(format!("{at}: no such function")),
            Some(lines) if !lines.iter().any(|line| line.starts_with("#[") && line.contains("test")) => {
                found.push(format!("{at}: it is no test"));
            }
            Some(lines) if lines.iter().any(|line| line.starts_with("#[ignore")) => {
                found.push(format!("{at}: it is not run"));
            }
            Some(lines) if !lines.iter().any(|line| says(line, &row.id)) => {
                found.push(format!("{at}: write `// fault {}` above it", row.id));
            }
            Some(_) => {}
        }
    }
    tree::nothing_of(found, "a row of docs/faults.md leads to a test that says its id:");
}

#[test]
fn rows_stand_in_order() {
    let ids: Vec<String> = rows().into_iter().map(|row| row.id).collect();
    assert!(ids.is_sorted(), "the rows of docs/faults.md are sorted by id: {ids:?}");
}

#[test]
fn the_page_says_once_what_each_id_is_about() {
    let page = tree::read("docs/faults.md");
    let (head, _) = page.split_once("\n| id |").expect("docs/faults.md has a table");
    let words: Vec<&str> = head.split_whitespace().collect();
    let ranges: Vec<(&str, &str)> = words
        .windows(3)
        .filter(|three| three[1] == "to" && begins_with_id(three[0]) && begins_with_id(three[2]))
        .map(|three| (three[0], three[2]))
        .collect();
    let found = ids().into_iter().filter_map(|id| {
        let count = ranges
            .iter()
            .filter(|(from, to)| (*from..=*to).contains(&id.as_str()))
            .count();
        (count != 1).then(|| format!("fault {id} is in {count} of them"))
    });
    tree::nothing_of(
        found.collect(),
        "docs/faults.md says above its table what the ids are about, `01 to 12`, each in one range:",
    );
}

#[test]
fn an_id_has_one_form_in_comments() {
    let mut found = Vec::new();
    for (path, text) in tree::rust() {
        let comments = text
            .lines()
            .zip(1..)
            .filter(|(line, _)| line.trim_start().starts_with("//"));
        let other = comments.filter(|(line, _)| {
            let lower = line.to_lowercase();
            ["case ", "cases "]
                .iter()
                .any(|word| lower.split(word).skip(1).any(begins_with_id))
        });
        found.extend(other.map(|(_, number)| format!("{path}:{number}")));
    }
    tree::nothing_of(found, "write `// fault 62`, of several `// fault 38, fault 39`:");
}

/// The ids that have a row.
pub fn ids() -> BTreeSet<String> {
    rows().into_iter().map(|row| row.id).collect()
}

/// The rows of the page's table.
fn rows() -> Vec<Row> {
    let page = tree::read("docs/faults.md");
    page.lines().filter_map(row).collect()
}

/// `| 62 | claim | `path::name` |`
fn row(line: &str) -> Option<Row> {
    let cells: Vec<&str> = line.trim().strip_prefix('|')?.split('|').map(str::trim).collect();
    let [id, claim, test, ""] = cells[..] else { return None };
    if !begins_with_id(id) {
        return None;
    }
    let test = test.trim_matches('`');
    let (path, name) = test.rsplit_once("::").unwrap_or((test, ""));
    Some(Row {
        id: id.to_owned(),
        claim: claim.to_owned(),
        path: path.to_owned(),
        name: name.to_owned(),
    })
}

fn begins_with_id(text: &str) -> bool {
    let digits = text.chars().take_while(char::is_ascii_digit).count();
    digits == 2
}

/// The comment and attributes right above a function; `None` where there is no such function.
fn above<'t>(text: &'t str, name: &str) -> Option<Vec<&'t str>> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let calls = format!("fn {name}(");
    let at = lines
        .iter()
        .position(|line| line.starts_with(&calls) || line.starts_with(&format!("async {calls}")))?;
    let block = lines[..at].iter().rev().take_while(|line| {
        let is_attribute = line.starts_with("#[") && line.ends_with(']');
        is_attribute || line.starts_with("//")
    });
    Some(block.copied().collect())
}

/// Is true when a comment names the id.
fn says(line: &str, id: &str) -> bool {
    let names = |rest: &str| rest.starts_with(id) && !rest[id.len()..].starts_with(|c: char| c.is_ascii_digit());
    line.starts_with("//") && line.split("fault ").skip(1).any(names)
}
