//! Documents, checked against the code: code map, decision records, links.

use std::collections::BTreeSet;

use crate::tree;

const RECORD_LINES_MAX: usize = 60;

/// The groups that the list of decisions has.
const DECISION_ROOMS: [&str; 10] = [
    "workspace",
    "core",
    "engine",
    "config",
    "gate",
    "gateway",
    "staff",
    "accounts",
    "streams",
    "program",
];

#[test]
fn the_code_map_lists_every_crate_and_its_top_level_files() {
    let page = tree::read("ARCHITECTURE.md");
    let mut found = Vec::new();
    for name in crates() {
        let Some(section) = section(&page, &format!("### `{name}`")) else {
            found.push(format!("{name} has no section `### `{name}``"));
            continue;
        };
        let files = top_level(&name);
        let listed: BTreeSet<String> = section
            .split('`')
            .skip(1)
            .step_by(2)
            .filter(|span| is_file_name(span))
            .map(str::to_owned)
            .collect();
        found.extend(
            files
                .difference(&listed)
                .map(|file| format!("{name}: `{file}` is not listed")),
        );
        found.extend(
            listed
                .difference(&files)
                .map(|file| format!("{name}: `{file}` is listed and is not there")),
        );
    }
    tree::nothing_of(
        found,
        "ARCHITECTURE.md's code map names each top-level source file once:",
    );
}

#[test]
fn every_decision_record_has_its_number_and_its_sections() {
    let records: Vec<_> = tree::files()
        .into_iter()
        .filter(|file| file.path.starts_with("docs/adr/"))
        .collect();
    assert!(!records.is_empty(), "decisions are recorded in docs/adr/");
    let mut found = Vec::new();
    for (record, number) in records.iter().zip(1..) {
        let text = record.text.as_deref().unwrap_or_default();
        let wanted = format!("docs/adr/{number:04}-");
        if !record.path.starts_with(&wanted) || !text.starts_with(&format!("# {number:04}. ")) {
            found.push(format!(
                "{}: its name begins with `{wanted}`, its text with `# {number:04}. `",
                record.path
            ));
        }
        for line in ["Status: ", "## Context", "## Decision", "## Cost"] {
            if !text.lines().any(|found| found.starts_with(line)) {
                found.push(format!("{}: no line begins with `{line}`", record.path));
            }
        }
        let lines = text.lines().count();
        if lines > RECORD_LINES_MAX {
            found.push(format!(
                "{}: {lines} lines; a record is one page, {RECORD_LINES_MAX} at most",
                record.path
            ));
        }
    }
    tree::nothing_of(
        found,
        "a decision record states context, decision and cost on one page:",
    );
}

#[test]
fn every_decision_record_is_in_the_list_of_its_room() {
    let page = tree::read("ARCHITECTURE.md");
    let (_, index) = page
        .split_once("\n## Decisions\n")
        .expect("ARCHITECTURE.md has `## Decisions`");
    let mut found = Vec::new();
    let mut listed: Vec<String> = Vec::new();
    let mut room = None;
    for line in index.lines() {
        if let Some(heading) = line.strip_prefix("### ") {
            let is_known = DECISION_ROOMS.contains(&heading);
            found.extend((!is_known).then(|| format!("`### {heading}` is none of {DECISION_ROOMS:?}")));
            room = Some(heading);
        }
        for path in links(line).into_iter().filter(|path| path.starts_with("docs/adr/")) {
            if room.is_none() {
                found.push(format!("{path} stands before the first room"));
            }
            if listed.contains(&path) {
                found.push(format!("{path} is listed twice"));
            }
            listed.push(path);
        }
    }
    let records = tree::files()
        .into_iter()
        .filter(|file| file.path.starts_with("docs/adr/"));
    let missing = records.filter(|file| !listed.contains(&file.path));
    found.extend(missing.map(|file| format!("{} is not listed", file.path)));
    tree::nothing_of(
        found,
        "ARCHITECTURE.md links every record once, below `### ROOM` of what it shaped most:",
    );
}

#[test]
fn the_changelog_has_a_place_for_what_is_not_released() {
    assert!(
        tree::read("CHANGELOG.md").lines().any(|line| line == "## Unreleased"),
        "CHANGELOG.md has a section `## Unreleased`"
    );
}

#[test]
fn every_link_between_documents_leads_somewhere() {
    let mut found = Vec::new();
    for file in tree::files().into_iter().filter(|file| file.path.ends_with(".md")) {
        let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        for target in links(file.text.as_deref().unwrap_or_default()) {
            let (path, anchor) = target.split_once('#').unwrap_or((&target, ""));
            let to = if path.is_empty() {
                tree::root().join(&file.path)
            } else {
                tree::root().join(folder).join(path)
            };
            if !to.exists() {
                found.push(format!("{}: {target}", file.path));
            } else if !anchor.is_empty() && !is_heading_of(&std::fs::read_to_string(&to).unwrap_or_default(), anchor) {
                found.push(format!("{}: {target}: no such heading", file.path));
            }
        }
    }
    tree::nothing_of(found, "a link leads to a file and a heading that are there:");
}

fn crates() -> BTreeSet<String> {
    let names = tree::files()
        .into_iter()
        .filter_map(|file| Some(file.path.strip_prefix("crates/")?.split_once('/')?.0.to_owned()));
    names.collect()
}

/// `main.rs` for `crates/NAME/src/main.rs`; what stands deeper belongs to one of them.
fn top_level(name: &str) -> BTreeSet<String> {
    let folder = format!("crates/{name}/src/");
    let files = tree::rust()
        .into_iter()
        .filter_map(|(path, _)| path.strip_prefix(&folder).map(str::to_owned));
    files.filter(|file| !file.contains('/')).collect()
}

fn section<'p>(page: &'p str, heading: &str) -> Option<&'p str> {
    let start = page.find(&format!("{heading}\n"))? + heading.len();
    let rest = &page[start..];
    Some(&rest[..rest.find("\n#").unwrap_or(rest.len())])
}

fn is_file_name(span: &str) -> bool {
    span.strip_suffix(".rs")
        .is_some_and(|stem| !stem.is_empty() && stem.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'))
}

/// The targets of `[text](target)` that are no addresses of the web.
fn links(text: &str) -> Vec<String> {
    let targets = text
        .split("](")
        .skip(1)
        .filter_map(|rest| Some(rest[..rest.find(')')?].to_owned()));
    targets
        .filter(|target| !target.contains("://") && !target.contains(' '))
        .collect()
}

/// Is true when a page, by its path from the root, has a heading with this anchor.
pub fn has_heading(path: &str, anchor: &str) -> bool {
    is_heading_of(&tree::read(path), anchor)
}

fn is_heading_of(page: &str, anchor: &str) -> bool {
    page.lines().any(|line| heading(line).as_deref() == Some(anchor))
}

/// The anchor of a heading, as forges make it.
fn heading(line: &str) -> Option<String> {
    let text = line.trim_start_matches('#');
    if text.len() == line.len() {
        return None;
    }
    let lower = text.trim().to_lowercase();
    let kept = lower
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    Some(kept.map(|c| if c == ' ' { '-' } else { c }).collect())
}
