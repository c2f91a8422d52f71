//! The names of limits: unique over all pages, and what references may name.

use super::parent;
use crate::{
    finding::{Fault, Report},
    place::Place,
    sheet::Sheet,
    suggest::instead_of,
};

/// All names of limits that stand somewhere, also of limits that are no good themselves.
#[derive(Debug)]
pub struct Names(Vec<String>);

/// Characters in a name.
const CHARS_MAX: usize = 64;

/// A name of a route or limit stands in header fields, metrics and commands, so it is kept to what all of them carry.
pub fn check(name: &str, place: &Place, report: &mut Report) {
    let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.len() > CHARS_MAX || !name.starts_with(|c: char| c.is_ascii_lowercase()) || !name.chars().all(letters) {
        let right = format!(
            "use up to {CHARS_MAX} lower-case letters, digits and hyphens, a letter first, such as `rest-per-user`"
        );
        report.error(place, Fault::new(format!("`{name}` is no name"), right));
    }
}

/// The name of a plan or a tenant follows the accounts' rule; `whose` is `plan` or `tenant`.
pub fn check_account(name: &str, whose: &str, place: &Place, report: &mut Report) {
    let letters = |c: char| c.is_ascii_alphanumeric() || "._@+-".contains(c);
    if name.len() > CHARS_MAX || !name.starts_with(|c: char| c.is_ascii_alphanumeric()) || !name.chars().all(letters) {
        let right = format!("use up to {CHARS_MAX} of A-Z a-z 0-9 . _ @ + - and a letter or digit first");
        report.error(place, Fault::new(format!("`{name}` is no {whose}'s name"), right));
    }
}

// === impl Names ===

impl Names {
    /// Collects them; one that two pages give is a mistake.
    pub fn of(sheets: &[Sheet], report: &mut Report) -> Names {
        let mut seen: Vec<(String, Place)> = Vec::new();
        let limits = sheets
            .iter()
            .filter_map(|sheet| sheet.text.limit.as_ref())
            .flat_map(|limits| &limits.value.0);
        let named = limits.flat_map(|(name, at)| {
            [(name.clone(), &at.place)]
                .into_iter()
                .chain(parent::name_of(name, &at.value))
        });
        for (name, place) in named {
            match seen.iter().find(|(other, _)| *other == name) {
                Some((_, first)) => {
                    // A preset cannot be mended, so the other of the two is told.
                    let (first, second) = if place.file.starts_with("preset:") {
                        (place, first)
                    } else {
                        (first, place)
                    };
                    let wrong = format!("`{name}` is already the name of the limit at {first}");
                    report.error(
                        second,
                        Fault::new(wrong, "give each limit a name of its own, over all pages"),
                    );
                }
                None => seen.push((name, place.clone())),
            }
        }
        Names(
            seen.into_iter()
                .map(|(name, _)| name)
                .chain([super::guard::NAME.to_owned()])
                .collect(),
        )
    }

    /// Whether there is such a limit; if not, that is a mistake here.
    pub fn require(&self, name: &str, place: &Place, report: &mut Report) -> bool {
        let known = self.0.iter().any(|of| of == name);
        if !known {
            let names: Vec<&str> = self.0.iter().map(String::as_str).collect();
            report.error(
                place,
                Fault::new(format!("there is no limit `{name}`"), instead_of(name, &names)),
            );
        }
        known
    }
}
