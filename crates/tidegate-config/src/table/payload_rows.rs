//! The rows of limits on what one request asks and carries: they count nothing, so most of a row is null.

use std::sync::Arc;

use tidegate_core::{
    overrides::{Origin, Overrides, given},
    payload::PayloadLimit,
    policy::{PayloadIndex, Policy},
};

use super::{PlanRow, Row, Subject, applies_to, names, on_and_off};

/// Returns the rows that apply to everybody, in the order of the files.
pub fn rows(policy: &Policy) -> impl Iterator<Item = Row> {
    let shapes = policy.payload_limits.iter().enumerate();
    shapes.map(|(index, limit)| row(policy, PayloadIndex(index), limit, limit.quota, &Origin::Limit))
}

/// Returns the rows that apply to a tenant.
pub fn rows_of_tenant(
    policy: &Policy,
    tenant: &Arc<str>,
    overrides: &Overrides,
    wall_ms: i64,
) -> impl Iterator<Item = Row> {
    let shapes = policy.payload_limits.iter().enumerate();
    shapes.map(move |(index, limit)| {
        let given = given(&limit.terms(), None, Some(tenant), overrides, wall_ms);
        let (quota, origin) = given.map_or((limit.quota, Origin::Limit), |given| (given.amount.quota, given.origin));
        row(policy, PayloadIndex(index), limit, quota, &origin)
    })
}

fn row(policy: &Policy, index: PayloadIndex, limit: &PayloadLimit, quota: u32, origin: &Origin) -> Row {
    let (page, on, off) = on_and_off(policy, |route| route.payload_limits.contains(&index));
    let subject = Subject {
        who: limit.who,
        is_guard: false,
        is_unmatched: false,
    };
    let plans = limit.plans.iter().map(|(plan, quota)| PlanRow {
        plan: plan.to_string(),
        quota: *quota,
    });
    Row {
        limit: limit.name.to_string(),
        scope: limit.kind.scope().to_owned(),
        quota: Some(u64::from(quota)),
        quota_strings: limit.quota_strings(quota).map(u64::from),
        burst: None,
        window_s: None,
        bound: None,
        applies_to: applies_to::applies_to(policy, subject, &on, &off),
        counts_at: None,
        on_store_loss: None,
        kind: limit.kind.as_str(),
        period: None,
        who: limit.who.as_str(),
        page: page.map(|page| policy.page(page).name.to_string()),
        routes: names(&on),
        exempt: names(&off),
        within: None,
        shadow: limit.shadow,
        hint: limit.hint.as_ref().map(ToString::to_string),
        plans: plans.collect(),
        from: origin.to_string(),
        freed_within_s: None,
        socket: None,
    }
}
