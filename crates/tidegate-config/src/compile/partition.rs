//! The keys that divide a count, and the cap on counts that callers can choose.

use tidegate_core::limit::{Part, Who, Within};

use crate::{
    diagnostics::{Fault, Report},
    location::Located,
    reader::{OneOrMany, Written},
    sections::limit::WithinText,
};

/// A list of parts, as it is written.
type List = Located<OneOrMany<Written<Part>>>;

/// The parts of a limit's own partitions.
pub fn counted(per: Option<&List>, who: Who, report: &mut Report) -> Vec<Part> {
    for (part, at) in named(per) {
        if who == Who::Anonymous && names_caller(part) {
            let wrong = format!("an anonymous caller has no {}", part.name());
            report.error(
                &at.location,
                Fault::new(wrong, "count by `ip`, or write `who = \"known\"`"),
            );
        }
        if who == Who::Everyone && names_caller(part) {
            let name = part.name();
            let wrong = format!("callers without a valid credential have no {name}, so this limit does not count them");
            let right = "write `who = \"known\"`, and add another limit for the other callers";
            report.warn(&at.location, Fault::new(wrong, right));
        }
    }
    each_once(per, report)
}

/// The cap. A caller who has no parent would have no cap, so every caller of the limit must have one.
pub fn within(at: &Located<WithinText>, who: Who, report: &mut Report) -> Option<Within> {
    let text = &at.value;
    for (part, at) in named(text.per.as_ref()) {
        if *part == Part::App || (who != Who::Known && names_caller(part)) {
            let wrong = format!("a caller without {} would have no cap", article(part));
            let right = "name parts that every caller of the limit has, such as `ip`";
            report.error(&at.location, Fault::new(wrong, right));
        }
    }
    let per = each_once(text.per.as_ref(), report);
    for key in ["per", "subkeys_max"] {
        if !text.written.iter().any(|written| written == key) {
            let right = "write `within = { per = \"ip\", subkeys_max = 100 }`";
            report.error(&at.location.below(key), Fault::new("is missing", right));
        }
    }
    let subkeys_max = text.subkeys_max.as_ref()?.value.to_u32();
    Some(Within {
        per,
        subkeys_max,
        limit: None,
    })
}

/// Is true when only known callers have a value of this part.
pub fn names_caller(part: &Part) -> bool {
    matches!(part, Part::User | Part::Token | Part::Tenant | Part::App)
}

fn article(part: &Part) -> String {
    match part {
        Part::App => "an app key".to_owned(),
        other => format!("a {}", other.name()),
    }
}

fn named(per: Option<&List>) -> impl Iterator<Item = (&Part, &Located<Written<Part>>)> {
    per.into_iter().flat_map(|at| &at.value.0).map(|at| (&at.value.0, at))
}

fn each_once(per: Option<&List>, report: &mut Report) -> Vec<Part> {
    let mut extensions: Vec<Part> = Vec::new();
    for (part, at) in named(per) {
        if extensions.contains(part) {
            let wrong = format!("`{}` is listed twice", part.name());
            report.error(&at.location, Fault::new(wrong, "remove one of the two"));
        }
        extensions.push(part.clone());
    }
    extensions
}
