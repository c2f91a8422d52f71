//! A citation leads to something in the repository: a file, a heading, a rule, a row of a platform's page, a fault.

use std::collections::BTreeSet;

use crate::{documents, faults, tree};

const RULES: &str = "docs/semantics.md";
const PLATFORMS: &str = "docs/platforms/";

/// Names of papers that are not in the repository. Put together here, so that this file does not find itself.
const ELSEWHERE: [&str; 7] = [
    concat!("SEMAN", "TICS"),
    concat!("DES", "IGN.md"),
    concat!("CONT", "RACT"),
    concat!("seed-", "limits"),
    concat!("seed ", "limits"),
    concat!("wire-", "formats"),
    concat!("ire formats", ","),
];

/// A path below `docs/` in a line, and what follows it.
struct Citation<'l> {
    path: &'l str,
    rest: &'l str,
}

#[test]
fn every_citation_leads_somewhere() {
    let mut found = Vec::new();
    let files = tree::files();
    let records: Vec<&str> = files
        .iter()
        .filter_map(|file| file.path.strip_prefix("docs/adr/"))
        .collect();
    for file in files.iter().filter(|file| !is_exempt(&file.path)) {
        for (line, number) in file.text.iter().flat_map(|text| text.lines().zip(1..)) {
            for citation in citations(line) {
                if let Some(why) = wrong(&citation, &records, file.path.ends_with(".rs")) {
                    found.push(format!("{}:{number}: `{}`: {why}", file.path, citation.path));
                }
            }
        }
    }
    tree::nothing_of(
        found,
        "cite `docs/adr/0064`, `docs/semantics.md rule 6`, `docs/platforms/tempest.md T9` or `docs/PAGE.md#heading`:",
    );
}

#[test]
fn nothing_cites_a_paper_that_is_not_here() {
    let mut found = Vec::new();
    let files = tree::files()
        .into_iter()
        .filter(|file| !file.path.starts_with("LICENSE"));
    for file in files {
        for (line, number) in file.text.iter().flat_map(|text| text.lines().zip(1..)) {
            let words = ELSEWHERE.iter().filter(|word| line.contains(**word));
            found.extend(words.map(|word| format!("{}:{number}: `{word}`", file.path)));
        }
    }
    tree::nothing_of(
        found,
        "cite docs/semantics.md, docs/platforms/ or a decision record, which a reader of the repository has:",
    );
}

#[test]
fn rules_and_rows_are_cited_with_their_page() {
    let mut found = Vec::new();
    for (path, text) in tree::rust().into_iter().filter(|(path, _)| !is_exempt(path)) {
        for (line, number) in text.lines().zip(1..) {
            let bare = line.find("//").and_then(|at| bare(&line[at..]));
            found.extend(bare.map(|word| format!("{path}:{number}: `{word}`")));
        }
    }
    tree::nothing_of(
        found,
        "write the page before a rule or a row: `docs/semantics.md rule 6`, `docs/platforms/tempest.md T9, T10`:",
    );
}

#[test]
fn every_fault_that_code_cites_has_a_row() {
    let rows = faults::ids();
    let mut found = Vec::new();
    for (path, text) in tree::rust().into_iter().filter(|(path, _)| !is_exempt(path)) {
        for (line, number) in text.lines().zip(1..) {
            let cited = faults_of(line).into_iter().filter(|id| !rows.contains(id));
            found.extend(cited.map(|id| format!("{path}:{number}: fault {id}")));
        }
    }
    tree::nothing_of(
        found,
        "docs/faults.md has a row for every fault that code and tests cite:",
    );
}

/// These tests show forms that cite nothing.
fn is_exempt(path: &str) -> bool {
    path.starts_with("crates/tidegate/tests/tidy/")
}

fn citations(line: &str) -> Vec<Citation<'_>> {
    let is_path = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/');
    let begins = line
        .match_indices("docs/")
        .filter(|(at, _)| !line[..*at].ends_with(is_path));
    begins
        .map(|(at, _)| {
            let from = &line[at..];
            let end = from.find(|c| !is_path(c)).unwrap_or(from.len());
            let path = from[..end].trim_end_matches('.');
            Citation {
                path,
                rest: &from[path.len()..],
            }
        })
        .collect()
}

/// The reason why a citation leads nowhere.
fn wrong(citation: &Citation<'_>, records: &[&str], in_code: bool) -> Option<String> {
    let Citation { path, rest } = *citation;
    let is_number = |name: &str| name.len() == 4 && name.bytes().all(|byte| byte.is_ascii_digit());
    if let Some(number) = path.strip_prefix("docs/adr/").filter(|name| is_number(name)) {
        let is_there = records.iter().any(|record| record.starts_with(&format!("{number}-")));
        return (!is_there).then(|| "no such record".to_owned());
    }
    if !tree::root().join(path).exists() {
        return Some("no such file".to_owned());
    }
    if let Some(anchor) = rest.strip_prefix('#') {
        let end = anchor.find(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_')));
        let anchor = &anchor[..end.unwrap_or(anchor.len())];
        return (!documents::has_heading(path, anchor)).then(|| format!("no heading `#{anchor}`"));
    }
    let (kind, names) = if path == RULES {
        ("rule", rules_of(rest))
    } else if path.starts_with(PLATFORMS) && path.ends_with(".md") {
        ("row", rows_of(rest))
    } else {
        return None;
    };
    if names.is_empty() && in_code {
        return Some(format!("say which {kind}, on the same line"));
    }
    let page = tree::read(path);
    let missing = names.into_iter().find(|name| {
        let heading = match kind {
            "rule" => format!("### Rule {name}:"),
            _ => format!("### {name}:"),
        };
        !page.lines().any(|line| line.starts_with(&heading))
    });
    missing.map(|name| format!("no {kind} {name}"))
}

/// The numbers behind ` rule 6`, ` rules 6 and 7` or ` rules 1 to 3`.
fn rules_of(rest: &str) -> Vec<String> {
    let Some(list) = rest.strip_prefix(" rules ").or_else(|| rest.strip_prefix(" rule ")) else {
        return Vec::new();
    };
    numbers(list).into_iter().map(|number| number.to_string()).collect()
}

/// The rows behind ` T9` or ` T9, T10`.
fn rows_of(rest: &str) -> Vec<String> {
    let mut rows = Vec::new();
    let mut rest = rest.strip_prefix(' ').unwrap_or_default();
    while let Some(row) = row(rest) {
        rows.push(row.to_owned());
        rest = rest[row.len()..].strip_prefix(", ").unwrap_or_default();
    }
    rows
}

/// A row's id at the beginning of a text: T or G and a number.
fn row(text: &str) -> Option<&str> {
    let digits = text.strip_prefix(['T', 'G'])?;
    let count = digits.bytes().take_while(u8::is_ascii_digit).count();
    let ends = !digits[count..].starts_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | ':' | '-'))
        || digits[count..].starts_with(": ")
        || &digits[count..] == ":";
    (matches!(count, 1 | 2) && ends).then(|| &text[..=count])
}

/// The ids that a line cites by `fault 62`, `faults 38 to 42` or `faults 17 and 19`.
fn faults_of(line: &str) -> Vec<String> {
    let cited = ["fault ", "faults "].iter().flat_map(|word| line.split(word).skip(1));
    let lists = cited.filter(|list| list.bytes().take_while(u8::is_ascii_digit).count() == 2);
    lists.flat_map(numbers).map(|number| format!("{number:02}")).collect()
}

/// The numbers of a list: `6`, `6 and 7`, `1, 2 and 3`, `1 to 3`, `1-3`.
fn numbers(list: &str) -> BTreeSet<u32> {
    let mut found = BTreeSet::new();
    let (mut rest, mut is_range) = (list, false);
    loop {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let Ok(number) = rest[..digits].parse::<u32>() else {
            break;
        };
        let from = found.last().copied().filter(|_| is_range).unwrap_or(number);
        found.extend(from..=number);
        rest = &rest[digits..];
        let joint = [" to ", "-", " and ", ", "]
            .into_iter()
            .find(|joint| rest.starts_with(joint));
        let Some(joint) = joint else { break };
        is_range = matches!(joint, " to " | "-");
        rest = &rest[joint.len()..];
    }
    found
}

/// The first rule or row in a comment that stands without its page.
fn bare(comment: &str) -> Option<&str> {
    let mut from = 0;
    for (at, word) in words(comment) {
        if at < from {
            continue;
        }
        let before = &comment[..at];
        if word.ends_with(".md") && word.starts_with(PLATFORMS) {
            let rows = rows_of(&comment[at + word.len()..]);
            from = at + word.len() + rows.iter().map(|row| row.len() + 2).sum::<usize>();
        } else if row(word).is_some_and(|row| row.len() == word.len()) {
            return Some(word);
        } else if matches!(word, "rule" | "rules") && !before.ends_with(&format!("{RULES} ")) {
            let after = comment[at + word.len()..].trim_start();
            if after.starts_with(|c: char| c.is_ascii_digit()) {
                return Some(word);
            }
        }
    }
    None
}

/// The words of a line, paths whole, each with where it begins.
fn words(line: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '/' | '.' | '-' | ':');
    let mut from = 0;
    std::iter::from_fn(move || {
        let begin = from + line[from..].find(is_word)?;
        let end = line[begin..]
            .find(|c| !is_word(c))
            .map_or(line.len(), |end| begin + end);
        from = end;
        Some((begin, line[begin..end].trim_end_matches(['.', ':'])))
    })
}

#[test]
fn lists_of_numbers_and_rows_are_read() {
    let list = |text| numbers(text).into_iter().collect::<Vec<_>>();
    assert_eq!(list("6: limits first"), [6]);
    assert_eq!(list("17 and 19, faults 55"), [17, 19]);
    assert_eq!(list("1 to 3)"), [1, 2, 3]);
    assert_eq!(rows_of(" T1, T5, fault 26"), ["T1", "T5"]);
    assert_eq!(rows_of(" G6: a free name"), ["G6"]);
    assert_eq!(
        faults_of("// fault 26, fault 28; faults 38 to 40"),
        ["26", "28", "38", "39", "40"]
    );
    assert_eq!(bare("// docs/platforms/tempest.md T9, T10: as stated"), None);
    assert_eq!(bare("// as row T9 says"), Some("T9"));
    assert_eq!(bare("// rule 6 of many"), Some("rule"));
    assert_eq!(bare("// docs/semantics.md rule 6"), None);
}
