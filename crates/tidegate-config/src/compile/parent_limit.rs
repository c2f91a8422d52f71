//! The limit of a parent: over all counts together that callers can choose below it.

use tidegate_core::limit::{Limit, Quantity};

use super::{Draft, DraftLimit, limit_names, quantity};
use crate::{
    diagnostics::{Fault, Report},
    location::{Located, Location},
    sections::limit::{LimitText, WithinText},
};

/// The name of the parent's limit, and where it stands; `None` where the parent has none.
pub fn name_of<'t>(child: &str, text: &'t LimitText) -> Option<(String, &'t Location)> {
    let at = text.within.as_ref()?;
    if at.value.rate.is_none() && at.value.sliding.is_none() {
        return None;
    }
    Some(match &at.value.name {
        Some(name) => (name.value.clone(), &name.location),
        None => (format!("{child}-parent"), &at.location),
    })
}

/// Returns the amount that the parent admits, if it has a limit.
pub fn quantity(child: &LimitText, at: &Located<WithinText>, report: &mut Report) -> Option<Quantity> {
    let text = &at.value;
    let kinds = [
        ("rate", text.rate.as_ref().map(|at| &at.location)),
        ("sliding", text.sliding.as_ref().map(|at| &at.location)),
    ];
    let written = kinds.iter().find_map(|(_, location)| *location);
    if let (Some(location), Some(_)) = (written, &child.slots) {
        let right = "remove it, and add a separate limit with `rate`";
        report.error(
            location,
            Fault::new("the parent of a limit with `slots` cannot have a rate", right),
        );
        return None;
    }
    if let (None, Some(name)) = (written, &text.name)
        && !text.written.iter().any(|key| key == "rate" || key == "sliding")
    {
        let right = "add `rate = \"1200 per 2 minutes\"`, or remove it";
        report.error(
            &name.location,
            Fault::new("names a parent limit that has no `rate` or `sliding`", right),
        );
    }
    if quantity::is_one_too_many(&kinds, report) {
        return None;
    }
    match (&text.rate, &text.sliding) {
        (Some(at), _) => Some(quantity::rate(at, None, report)),
        (_, Some(at)) => quantity::sliding(at, report),
        (None, None) => None,
    }
}

/// The parent's limit: whose calls count, where and how is as with the limit it stands over, which is told its name.
pub fn compile(
    child: &mut Limit,
    text: &LimitText,
    quantity: Quantity,
    draft: &Draft,
    report: &mut Report,
) -> Option<DraftLimit> {
    let (parent, location) = name_of(&child.name, text)?;
    limit_names::check(&parent, location, report);
    let within = child.within.as_mut()?;
    // A name that stands twice was reported.
    if draft.limit_named(&parent).is_some() || *parent == *child.name {
        return None;
    }
    within.limit = Some(parent.as_str().into());
    Some(DraftLimit {
        limit: Limit {
            name: parent.into(),
            per: within.per.clone(),
            quantity,
            within: None,
            plans: Vec::new(),
            tenants: Default::default(),
            ..child.clone()
        },
        location: Some(location.clone()),
    })
}
