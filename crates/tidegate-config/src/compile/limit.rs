//! A single limit: its amount and the callers it counts. [`super::limit_routes`] binds it to routes.

use tidegate_core::limit::{CountsAt, Limit, OnStoreLoss, Who};

use super::{Draft, DraftLimit, limit_names, parent_limit, partition, payload_limit, quantity};
use crate::{
    diagnostics::{Fault, Report},
    location::Located,
    sections::{defaults::DefaultsText, limit::LimitText},
};

/// Adds the limit, and its parent's, if something can be made of it.
pub fn compile(
    name: &str,
    at: &Located<LimitText>,
    defaults: Option<&Located<DefaultsText>>,
    draft: &mut Draft,
    report: &mut Report,
) {
    if payload_limit::is_one(&at.value) {
        return payload_limit::compile(name, at, defaults, draft, report);
    }
    limit_names::check(name, &at.location, report);
    let text = &at.value;
    let defaults = defaults.map(|at| &at.value);
    let who = text.who.as_ref().map_or(Who::Everyone, |at| at.value.0);
    let per = partition::counted(text.per.as_ref(), who, report);
    let quantity = quantity::of_limit(at, report);
    let parents = text
        .within
        .as_ref()
        .and_then(|at| parent_limit::quantity(text, at, report));
    let within = text.within.as_ref().and_then(|at| partition::within(at, who, report));
    let counts_at = text
        .counts_at
        .as_ref()
        .or(defaults.and_then(|text| text.counts_at.as_ref()));
    let on_store_loss = text
        .on_store_loss
        .as_ref()
        .or(defaults.and_then(|text| text.on_store_loss.as_ref()));
    let shadow = text.shadow.as_ref().or(defaults.and_then(|text| text.shadow.as_ref()));
    let hint = text.hint.as_ref().map(|at| hint(at, report));
    if let Some(strings) = &text.string_points {
        let right = "add `points`, or remove it";
        report.error(
            &strings.location,
            Fault::new("`string_points` only applies together with `points`", right),
        );
    }
    // A name that stands twice was reported, and a limit of two minds is none.
    let (Some(quantity), None, None) = (quantity, draft.limit_named(name), draft.payload_named(name)) else {
        return;
    };
    let mut limit = Limit {
        name: name.into(),
        who,
        per,
        quantity,
        within,
        counts_at: counts_at.map_or(CountsAt::Edge, |at| at.value.0),
        on_store_loss: on_store_loss.map_or(OnStoreLoss::LocalShare, |at| at.value.0),
        shadow: shadow.is_some_and(|at| at.value),
        hint: hint.map(Into::into),
        plans: Vec::new(),
        tenants: Default::default(),
    };
    let parent = parents.and_then(|quantity| parent_limit::compile(&mut limit, text, quantity, draft, report));
    draft.limits.push(DraftLimit {
        limit,
        location: Some(at.location.clone()),
    });
    draft.limits.extend(parent);
}

/// Characters in a hint: it stands in every refusal.
const HINT_CHARS_MAX: usize = 300;

/// A line that stands in refusals.
pub fn hint(at: &Located<String>, report: &mut Report) -> String {
    if at.value.is_empty() || at.value.chars().count() > HINT_CHARS_MAX || at.value.chars().any(char::is_control) {
        report.error(
            &at.location,
            Fault::new(
                "the hint does not fit into a refusal",
                format!("write one line of 1 to {HINT_CHARS_MAX} characters"),
            ),
        );
    }
    at.value.clone()
}
