//! Documents for operators name keys, fields and metrics that the program has.

use std::collections::BTreeSet;

use crate::{rooms, source, tree};

const METRICS: &str = "docs/operate/metrics.md";

const SUPPORT: &str = "docs/operate/support.md";

/// The statuses that refusals have, by their names in code.
const STATUSES: [(&str, &str); 16] = [
    ("BAD_REQUEST", "400"),
    ("UNAUTHORIZED", "401"),
    ("FORBIDDEN", "403"),
    ("NOT_FOUND", "404"),
    ("REQUEST_TIMEOUT", "408"),
    ("PAYLOAD_TOO_LARGE", "413"),
    ("URI_TOO_LONG", "414"),
    ("UNSUPPORTED_MEDIA_TYPE", "415"),
    ("UNPROCESSABLE_ENTITY", "422"),
    ("UPGRADE_REQUIRED", "426"),
    ("TOO_MANY_REQUESTS", "429"),
    ("REQUEST_HEADER_FIELDS_TOO_LARGE", "431"),
    ("INTERNAL_SERVER_ERROR", "500"),
    ("BAD_GATEWAY", "502"),
    ("SERVICE_UNAVAILABLE", "503"),
    ("GATEWAY_TIMEOUT", "504"),
];

/// Names of other programs in these documents.
const OF_OTHERS: [&str; 1] = ["SSL_CERT_FILE"];

#[test]
fn names_in_documents_for_operators_exist() {
    let files = tree::files();
    let known: BTreeSet<&str> = files
        .iter()
        .filter(|file| !file.path.ends_with(".md") && !file.path.starts_with("crates/tidegate/tests/tidy"))
        .flat_map(|file| source::words(file.text.as_deref().unwrap_or_default()).map(|(_, word)| word))
        .collect();
    let is_for_operators = |path: &str| {
        path.starts_with("docs/operate/") || matches!(path, "README.md" | "SECURITY.md" | "docs/config.md")
    };
    let mut found = Vec::new();
    for file in files.iter().filter(|file| is_for_operators(&file.path)) {
        let text = file.text.as_deref().unwrap_or_default();
        for name in text.lines().flat_map(names).filter(|name| !OF_OTHERS.contains(name)) {
            if !known.contains(name) {
                found.push(format!("{}: `{name}`", file.path));
            }
        }
    }
    tree::nothing_of(
        found,
        "write keys, fields and metrics as the program has them, or take out what is gone:",
    );
}

#[test]
fn the_page_of_metrics_lists_every_metric_and_every_kind_of_refusal() {
    let page = tree::read(METRICS);
    let listed: BTreeSet<&str> = page.lines().flat_map(names).filter(|name| is_metric(name)).collect();
    let mut made = BTreeSet::new();
    let mut kinds = BTreeSet::new();
    for (path, text) in tree::rust().into_iter().filter(|(path, _)| !rooms::is_test(path)) {
        if path.contains("metrics") {
            made.extend(
                texts(&text)
                    .filter(|text| is_metric(text))
                    .map(|name| base(name).to_owned()),
            );
        } else if path.ends_with("/stats/refusal_kind.rs") {
            kinds.extend(texts(&text).filter(|text| !text.is_empty()).map(str::to_owned));
        }
    }
    assert!(
        made.len() > 8 && kinds.len() > 8,
        "metrics are found: {made:?}, {kinds:?}"
    );
    let mut found: Vec<String> = made
        .iter()
        .filter(|name| !listed.contains(name.as_str()))
        .map(|name| format!("`{name}` is not listed"))
        .collect();
    found.extend(
        listed
            .iter()
            .filter(|name| !made.contains(**name))
            .map(|name| format!("`{name}` is listed and not made")),
    );
    let is_said = |kind: &String| page.contains(&format!("`{kind}`"));
    found.extend(
        kinds
            .iter()
            .filter(|kind| !is_said(kind))
            .map(|kind| format!("the kind `{kind}` is not said")),
    );
    tree::nothing_of(found, "docs/operate/metrics.md says what `/metrics` does:");
}

#[test]
fn the_page_for_support_says_every_status_of_a_refusal() {
    const BEGINS: &str = "fn status(refusal: &Refusal) -> StatusCode {";
    let texts: Vec<String> = tree::rust().into_iter().map(|(_, text)| text).collect();
    let bodies: Vec<&str> = texts
        .iter()
        .filter(|text| !text.contains("const BEGINS"))
        .filter_map(|text| text.split_once(BEGINS)?.1.split("\n}").next())
        .collect();
    assert_eq!(bodies.len(), 1, "one function gives refusals their statuses: {BEGINS}");
    let page = tree::read(SUPPORT);
    let firsts: Vec<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split(" | ").next())
        .collect();
    let found = bodies[0]
        .split("StatusCode::")
        .skip(1)
        .map(|rest| source::words(rest).next().map_or("", |(_, name)| name))
        .filter_map(|name| {
            let Some((_, number)) = STATUSES.iter().find(|(known, _)| *known == name) else {
                return Some(format!("StatusCode::{name}: give it its number in this file"));
            };
            let is_said = firsts
                .iter()
                .any(|first| first.split(", ").any(|status| status == *number));
            (!is_said).then(|| format!("{number} has no row"))
        });
    tree::nothing_of(
        found.collect(),
        "docs/operate/support.md says what each status of a refusal means:",
    );
}

/// Names with an underscore in the code spans of a line.
fn names(line: &str) -> impl Iterator<Item = &str> {
    let spans = line.split('`').skip(1).step_by(2);
    let words = spans.flat_map(|span| source::words(span).map(|(_, word)| word));
    words.filter(|word| word.trim_matches('_').contains('_'))
}

fn is_metric(name: &str) -> bool {
    let rest = name.strip_prefix("tidegate_").or_else(|| name.strip_prefix("process_"));
    rest.is_some_and(|rest| !rest.is_empty() && rest.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
}

/// A histogram's name without the endings of its series.
fn base(name: &str) -> &str {
    let ends = ["_seconds_bucket", "_seconds_sum", "_seconds_count"];
    let end = ends.into_iter().find(|end| name.ends_with(end));
    end.map_or(name, |end| &name[..name.len() - end.len() + "_seconds".len()])
}

/// The beginnings of the quoted texts, up to the first character that no name has.
fn texts(text: &str) -> impl Iterator<Item = &str> {
    let quoted = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    quoted.flat_map(|line| line.split('"').skip(1).step_by(2)).map(|text| {
        let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        &text[..end.unwrap_or(text.len())]
    })
}
