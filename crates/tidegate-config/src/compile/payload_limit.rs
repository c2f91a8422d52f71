//! A limit on the content of one request. It counts nothing, so most of a limit's keys have no meaning for it.

use std::sync::Arc;

use tidegate_core::{
    limit::Who,
    payload::{PayloadKind, PayloadLimit},
    policy::PayloadIndex,
    route::Route,
};

use super::{Draft, DraftPayload, limit, limit_names, limit_routes, limits_page_guard, quantity};
use crate::{
    diagnostics::{Fault, Report},
    location::{Located, Location},
    sections::{
        defaults::DefaultsText,
        limit::{Amount, LimitText},
    },
};

/// Keys that say how much of what, each with its kind.
fn kinds(text: &LimitText) -> [(&'static str, Option<&Located<Amount>>, PayloadKind); 6] {
    let points = PayloadKind::Points {
        quota_strings: text.string_points.as_ref().map(|at| at.value.to_u32()),
    };
    [
        ("points", text.points.as_ref(), points),
        ("body_bytes", text.body_bytes.as_ref(), PayloadKind::BodyBytes),
        ("samples", text.samples.as_ref(), PayloadKind::Samples),
        ("streams", text.streams.as_ref(), PayloadKind::Streams),
        ("string_chars", text.string_chars.as_ref(), PayloadKind::StringChars),
        ("subsecond", text.subsecond.as_ref(), PayloadKind::Subsecond),
    ]
}

/// Is true when the table is of such a limit.
pub fn is_one(text: &LimitText) -> bool {
    kinds(text).iter().any(|(_, at, _)| at.is_some())
}

/// Adds the limit.
pub fn compile(
    name: &str,
    at: &Located<LimitText>,
    defaults: Option<&Located<DefaultsText>>,
    draft: &mut Draft,
    report: &mut Report,
) {
    limit_names::check(name, &at.location, report);
    let text = &at.value;
    let kinds = kinds(text);
    let locations = kinds.map(|(key, at, _)| (key, at.map(|at| &at.location)));
    if quantity::is_one_too_many(&locations, report) || has_what_counts(text, report) {
        return;
    }
    if name == limits_page_guard::NAME {
        let right = "write `rate = \"60 per minute\"`";
        report.error(
            &at.location,
            Fault::new("the limit that guards the limits pages must count calls", right),
        );
        return;
    }
    let found = kinds
        .into_iter()
        .find_map(|(_, at, kind)| Some((at?.value.to_u32(), kind)));
    let (Some((quota, kind)), None, None) = (found, draft.limit_named(name), draft.payload_named(name)) else {
        return;
    };
    if let (Some(strings), false) = (&text.string_points, matches!(kind, PayloadKind::Points { .. })) {
        let right = "add `points`, or remove it";
        report.error(
            &strings.location,
            Fault::new("`string_points` only applies together with `points`", right),
        );
    }
    let shadow = text
        .shadow
        .as_ref()
        .or(defaults.and_then(|at| at.value.shadow.as_ref()));
    let limit = PayloadLimit {
        name: name.into(),
        who: text.who.as_ref().map_or(Who::Everyone, |at| at.value.0),
        kind,
        quota,
        shadow: shadow.is_some_and(|at| at.value),
        hint: text.hint.as_ref().map(|at| limit::hint(at, report).into()),
        plans: Vec::new(),
        tenants: Default::default(),
    };
    draft.payload_limits.push(DraftPayload {
        limit,
        location: at.location.clone(),
    });
}

/// A limit that counts nothing has no window, no partition and no store.
fn has_what_counts(text: &LimitText, report: &mut Report) -> bool {
    let locations = [
        text.per.as_ref().map(|at| &at.location),
        text.rate.as_ref().map(|at| &at.location),
        text.sliding.as_ref().map(|at| &at.location),
        text.quota.as_ref().map(|at| &at.location),
        text.slots.as_ref().map(|at| &at.location),
        text.burst.as_ref().map(|at| &at.location),
        text.counts_at.as_ref().map(|at| &at.location),
        text.on_store_loss.as_ref().map(|at| &at.location),
        text.within.as_ref().map(|at| &at.location),
    ];
    let mut found = false;
    for location in locations.into_iter().flatten() {
        let wrong = "does not apply to a limit on the content of one request";
        report.error(location, Fault::new(wrong, "remove it, or write two limits"));
        found = true;
    }
    found
}

/// Binds it to routes of its page: those it names, or all where it has a meaning.
pub fn bind(
    index: PayloadIndex,
    text: &LimitText,
    wanted: &limit_routes::Wanted,
    first: usize,
    draft: &mut Draft,
    report: &mut Report,
) {
    let kind = draft.payload_limits[index.0].limit.kind;
    for routed in &mut draft.routes[first..] {
        let route = &mut routed.route;
        if !wanted.includes(&route.name) {
            continue;
        }
        match missing(kind, route) {
            None => route.payload_limits.push(index),
            Some(_) if text.on.is_none() => {}
            Some((what, right)) => {
                let location = text.on.as_ref().map(|at| &at.location);
                let wrong = format!("the route `{}` does not declare {what}", route.name);
                location
                    .into_iter()
                    .for_each(|location| report.error(location, Fault::new(wrong.clone(), right)));
            }
        }
    }
}

/// Returns the declaration that a route lacks for such a limit, and the way to add it.
fn missing(kind: PayloadKind, route: &Route) -> Option<(&'static str, &'static str)> {
    match kind {
        PayloadKind::Points { .. } if route.range.is_none() => Some((
            "the range that its requests read",
            "add `range = { start = \"sd\", end = \"ed\" }` to the route",
        )),
        kind if kind.reads_samples() && route.body.is_none() => {
            Some(("the format of its bodies", "add `body = \"grovestreams\"` to the route"))
        }
        _ => None,
    }
}

/// Warns of limits that no request meets, and of those that the gate's own bound makes idle.
pub fn warn(draft: &Draft, body_bytes_max: u64, report: &mut Report) {
    for (index, DraftPayload { limit, location }) in draft.payload_limits.iter().enumerate() {
        let is_bound = draft
            .routes
            .iter()
            .any(|routed| routed.route.payload_limits.contains(&PayloadIndex(index)));
        if !is_bound {
            let right = match limit.kind {
                PayloadKind::Points { .. } => "add `range` to a route, or remove the limit",
                kind if kind.reads_samples() => "add `body` to a route, or remove the limit",
                _ => "name a route in `on`, or leave the limit out",
            };
            report.warn(location, Fault::new("applies to no route", right));
        }
        if limit.kind == PayloadKind::BodyBytes && u64::from(limit.quota) > body_bytes_max {
            let wrong = format!("`[server] body_bytes_max` already refuses bodies over {body_bytes_max} bytes");
            report.warn(location, Fault::new(wrong, "raise that bound, or lower this limit"));
        }
    }
}

// === impl Draft ===

impl Draft {
    /// The limit on shapes of a name.
    pub fn payload_named(&self, name: &str) -> Option<PayloadIndex> {
        let index = self
            .payload_limits
            .iter()
            .position(|drafted| &*drafted.limit.name == name);
        index.map(PayloadIndex)
    }

    /// Returns that limit, if it was compiled from this very location.
    pub fn payload_at(&self, name: &str, location: &Location) -> Option<PayloadIndex> {
        self.payload_named(name)
            .filter(|index| self.payload_limits[index.0].location == *location)
    }

    /// The limits, as the policy keeps them.
    pub fn take_payload_limits(&mut self) -> Vec<Arc<PayloadLimit>> {
        self.payload_limits
            .drain(..)
            .map(|drafted| Arc::new(drafted.limit))
            .collect()
    }
}
