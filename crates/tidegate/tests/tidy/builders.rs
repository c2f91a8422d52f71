//! Tests and examples make policies, pages, routes and limits by the builders of `tidegate_core::testing`.

use crate::{source, tree};

/// The types that have a builder.
const BUILT: [&str; 5] = ["Limit", "PayloadLimit", "Page", "Policy", "Route"];

/// The folder of the builders.
const BUILDERS: &str = "crates/tidegate-core/src/testing/";

#[test]
fn no_test_writes_out_every_field_of_what_has_a_builder() {
    let mut found = Vec::new();
    for (path, text) in tree::rust().into_iter().filter(|(path, _)| is_of_tests(path)) {
        let code = source::code(&text);
        for (at, name) in source::words(&code).filter(|(_, word)| BUILT.contains(word)) {
            if literal(&code, at, name).is_some_and(|fields| !fields.contains("..")) {
                let line = code[..at].matches('\n').count() + 1;
                found.push(format!("{path}:{line}: {name}"));
            }
        }
    }
    tree::nothing_of(
        found,
        "begin with `tidegate_core::testing`, or with another one by `..`:",
    );
}

/// The text between the braces of a literal of this type; `None` where the name begins none.
fn literal<'c>(code: &'c str, at: usize, name: &str) -> Option<&'c str> {
    let before = code[..at].trim_end();
    let declares = ["struct", "impl", "enum", "trait", "for", "->"];
    if declares.iter().any(|word| before.ends_with(word)) {
        return None;
    }
    let fields = code[at + name.len()..].trim_start().strip_prefix('{')?;
    let mut depth = 1;
    let end = fields.find(|c| {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        depth == 0
    })?;
    Some(&fields[..end])
}

fn is_of_tests(path: &str) -> bool {
    let is_test = path.ends_with("/tests.rs") || path.contains("/tests/") || path.contains("/examples/");
    is_test && !path.starts_with(BUILDERS)
}
