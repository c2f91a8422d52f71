//! The names of limits: unique over all pages, and what references may name.

use super::parent_limit;
use crate::{
    diagnostics::{Fault, Report},
    location::Location,
    parsed_file::ParsedFile,
    suggest::instead_of,
};

/// The names of all limits, also of limits with mistakes.
#[derive(Debug)]
pub struct Names(Vec<String>);

/// Characters in a name.
const CHARS_MAX: usize = 64;

/// A name of a route or limit stands in header fields, metrics and commands, so it is kept to what all of them carry.
pub fn check(name: &str, location: &Location, report: &mut Report) {
    let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.len() > CHARS_MAX || !name.starts_with(|c: char| c.is_ascii_lowercase()) || !name.chars().all(letters) {
        let right = format!(
            "use up to {CHARS_MAX} lower-case letters, digits and hyphens, beginning with a letter, such as `rest-per-user`"
        );
        report.error(location, Fault::new(format!("`{name}` is not a valid name"), right));
    }
}

/// The name of a plan or a tenant follows the accounts' rule; `whose` is `plan` or `tenant`.
pub fn check_account(name: &str, whose: &str, location: &Location, report: &mut Report) {
    let letters = |c: char| c.is_ascii_alphanumeric() || "._@+-".contains(c);
    if name.len() > CHARS_MAX || !name.starts_with(|c: char| c.is_ascii_alphanumeric()) || !name.chars().all(letters) {
        let right = format!("use up to {CHARS_MAX} of A-Z a-z 0-9 . _ @ + -, beginning with a letter or digit");
        report.error(
            location,
            Fault::new(format!("`{name}` is not a valid {whose} name"), right),
        );
    }
}

// === impl Names ===

impl Names {
    /// Collects them; one that two pages give is a mistake.
    pub fn of(files: &[ParsedFile], report: &mut Report) -> Names {
        let mut seen: Vec<(String, Location)> = Vec::new();
        let limits = files
            .iter()
            .filter_map(|file| file.text.limit.as_ref())
            .flat_map(|limits| &limits.value.0);
        let named = limits.flat_map(|(name, at)| {
            [(name.clone(), &at.location)]
                .into_iter()
                .chain(parent_limit::name_of(name, &at.value))
        });
        for (name, location) in named {
            match seen.iter().find(|(other, _)| *other == name) {
                Some((_, first)) => {
                    // A preset cannot be mended, so the other of the two is told.
                    let (first, second) = if location.file.starts_with("preset:") {
                        (location, first)
                    } else {
                        (first, location)
                    };
                    let wrong = format!("`{name}` is already the name of the limit at {first}");
                    report.error(
                        second,
                        Fault::new(wrong, "give each limit a unique name across all pages"),
                    );
                }
                None => seen.push((name, location.clone())),
            }
        }
        Names(
            seen.into_iter()
                .map(|(name, _)| name)
                .chain([super::limits_page_guard::NAME.to_owned()])
                .collect(),
        )
    }

    /// Is true when there is such a limit; reports a mistake here otherwise.
    pub fn require(&self, name: &str, location: &Location, report: &mut Report) -> bool {
        let known = self.0.iter().any(|of| of == name);
        if !known {
            let names: Vec<&str> = self.0.iter().map(String::as_str).collect();
            report.error(
                location,
                Fault::new(format!("there is no limit `{name}`"), instead_of(name, &names)),
            );
        }
        known
    }
}
