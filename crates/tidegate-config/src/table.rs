//! The limits of a policy as rows: what `tidegate limits`, the limits page and the admin API show.
//!
//! Rows are made from the compiled policy, never from the file, so that what is shown is what is enforced.

mod applies_to;
mod payload_rows;
mod row_text;
mod terminal;

use std::sync::Arc;

use serde::Serialize;
use tidegate_core::{
    limit::{Limit, Quantity, Who},
    overrides::{Effective, Origin, Overrides, effective},
    policy::{LimitIndex, PageIndex, Policy},
    route::Route,
    socket::SocketRules,
};

pub use terminal::{Style, text, text_of_tenant, thousands, unit};

/// A limit, as `tidegate limits --json` shows it. A field without meaning for the limit is null.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// The limit's name.
    pub limit: String,
    /// The key that divides the count: `user`, `ip`, `token+ip`, or `everyone`.
    pub scope: String,
    /// Units per window, or of one request.
    pub quota: Option<u64>,
    /// For points: the number of them that may be of string streams.
    pub quota_strings: Option<u64>,
    /// Units from rest.
    pub burst: Option<u64>,
    /// The window's length in seconds; of a month its longest.
    pub window_s: Option<u64>,
    /// The most that is ever admitted within any span as long as the window.
    pub bound: Option<u64>,
    /// The callers and calls that count, in words.
    pub applies_to: String,
    /// `edge` or `miss`.
    pub counts_at: Option<&'static str>,
    /// `allow`, `deny` or `local share`.
    pub on_store_loss: Option<&'static str>,
    /// `rate`, `sliding`, `quota` or `slots`; of what one request asks or carries `points`, `body_bytes`, `samples`,
    /// `streams`, `string_chars` or `subsecond`.
    pub kind: &'static str,
    /// The calendar window of a quota.
    pub period: Option<&'static str>,
    /// `everyone`, `anonymous` or `known`.
    pub who: &'static str,
    /// The page whose routes it counts on; null for the guard of the limits pages.
    pub page: Option<String>,
    /// The routes it counts on.
    pub routes: Vec<String>,
    /// The routes of its page it does not count on.
    pub exempt: Vec<String>,
    /// The cap on partitions that callers choose.
    pub within: Option<WithinRow>,
    /// It counts, but does not refuse.
    pub shadow: bool,
    /// Advice on avoiding the refusal.
    pub hint: Option<String>,
    /// The quotas of plans; on a tenant's page, of its own plan only.
    pub plans: Vec<PlanRow>,
    /// The origin of the quota: `limit`, and on a tenant's page also `plan …`, `tenant … (limits file)` or `tenant …`,
    /// which is by hand.
    pub from: String,
    /// For slots: the seconds within which the slot of a vanished client is free again.
    pub freed_within_s: Option<u64>,
    /// For slots: the bounds of one socket.
    pub socket: Option<SocketRow>,
}

/// The bounds of one socket of a route.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SocketRow {
    /// The resources, such as devices, that it may listen to; `None` where the route does not declare how they are
    /// followed.
    pub resources_max: Option<u32>,
    /// Messages its client may send in a minute.
    pub messages_per_minute_max: u32,
    /// Bytes of one message.
    pub message_bytes_max: u64,
    /// Seconds without a message after which it is closed.
    pub idle_timeout_s: u64,
    /// Seconds after which it is closed, so that its client opens another one.
    pub lifetime_s: u64,
    /// The refusal of a socket over the limit: `handshake`, `frame` or `evict oldest`.
    pub refuse: &'static str,
}

/// The cap on counts within one parent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WithinRow {
    /// The parent's scope.
    pub scope: String,
    /// The number of counts.
    pub subkeys_max: u32,
    /// The parent's own limit, over all of them together; null where it has none.
    pub limit: Option<String>,
}

/// A plan's quota.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlanRow {
    /// The plan.
    pub plan: String,
    /// The plan's quota.
    pub quota: u32,
}

/// An operation on which no limit counts the calls of known callers, or of anyone (docs/platforms/grovestreams.md G3:
/// it says so).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Exempt {
    /// The route.
    pub route: String,
    /// The patterns that it matches.
    pub matches: Vec<String>,
    /// The page.
    pub page: String,
    /// `everyone`, or `known` where calls without a valid credential still count.
    pub who: &'static str,
}

/// The limits as everybody has them, in the order of the files. What tenants have is theirs to know.
pub fn rows(policy: &Policy) -> Vec<Row> {
    let own = |limit: &Limit| Effective {
        quantity: limit.quantity,
        origin: Origin::Limit,
        subkeys_max: None,
        until_ms: None,
    };
    let limits = policy.limits.iter().enumerate();
    limits
        .map(|(index, limit)| row(policy, LimitIndex(index), limit, &own(limit)))
        .chain(payload_rows::rows(policy))
        .collect()
}

/// The limits as a tenant has them, with what was set by hand for it.
pub fn rows_of_tenant(policy: &Policy, tenant: &Arc<str>, overrides: &Overrides, wall_ms: i64) -> Vec<Row> {
    let plan = policy.tenants.named(tenant).and_then(|tenant| tenant.plan.as_deref());
    let limits = policy.limits.iter().enumerate();
    let counted = limits.map(|(index, limit)| {
        let effective = effective(limit, None, Some(tenant), overrides, wall_ms);
        row(policy, LimitIndex(index), limit, &effective)
    });
    let mut rows: Vec<Row> = counted
        .chain(payload_rows::rows_of_tenant(policy, tenant, overrides, wall_ms))
        .collect();
    for row in &mut rows {
        row.plans.retain(|of| Some(of.plan.as_str()) == plan);
    }
    rows
}

/// The operations that are exempt.
pub fn exempt(policy: &Policy) -> Vec<Exempt> {
    let mut exempt = Vec::new();
    for route in &policy.routes {
        let counted: Vec<&Limit> = route.limits.iter().map(|index| policy.limit(*index)).collect();
        if counted.iter().any(|limit| limit.who != Who::Anonymous) {
            continue;
        }
        exempt.push(Exempt {
            route: route.name.to_string(),
            matches: route.patterns.iter().map(ToString::to_string).collect(),
            page: policy.page(route.page).name.to_string(),
            who: if counted.is_empty() { "everyone" } else { "known" },
        });
    }
    exempt
}

fn row(policy: &Policy, index: LimitIndex, limit: &Limit, effective: &Effective) -> Row {
    let (page, on, off) = on_and_off(policy, |route| route.limits.contains(&index));
    let subject = Subject {
        who: limit.who,
        is_guard: policy.guard == index,
        is_unmatched: policy.unmatched == Some(index),
    };
    let quantity = effective.quantity;
    let (kind, burst, period) = match quantity {
        Quantity::Rate { burst, .. } => ("rate", Some(u64::from(burst)), None),
        Quantity::Sliding { .. } => ("sliding", None, None),
        Quantity::Quota { period, .. } => ("quota", None, Some(period.as_str())),
        Quantity::Slots { .. } => ("slots", None, None),
    };
    let is_slots = kind == "slots";
    Row {
        limit: limit.name.to_string(),
        scope: scope(&limit.per),
        quota: Some(u64::from(quantity.quota())),
        quota_strings: None,
        burst,
        window_s: quantity.window().map(|window| window.as_secs()),
        bound: Some(quantity.bound()),
        applies_to: applies_to::applies_to(policy, subject, &on, &off),
        counts_at: Some(limit.counts_at.as_str()),
        on_store_loss: Some(limit.on_store_loss.as_str()),
        kind,
        period,
        who: limit.who.as_str(),
        page: page.map(|page| policy.page(page).name.to_string()),
        routes: names(&on),
        exempt: names(&off),
        within: limit.within.as_ref().map(|within| WithinRow {
            scope: scope(&within.per),
            subkeys_max: effective.subkeys_max.unwrap_or(within.subkeys_max),
            limit: within.limit.as_ref().map(ToString::to_string),
        }),
        shadow: limit.shadow,
        hint: limit.hint.as_ref().map(ToString::to_string),
        plans: limit
            .plans
            .iter()
            .map(|(plan, quota)| PlanRow {
                plan: plan.to_string(),
                quota: *quota,
            })
            .collect(),
        from: effective.origin.to_string(),
        freed_within_s: is_slots.then_some(FREED_WITHIN_S),
        socket: is_slots
            .then(|| on.iter().find_map(|route| route.socket.as_ref()).map(SocketRow::of))
            .flatten(),
    }
}

/// The routes that a limit counts on, and the others of their page.
fn on_and_off(policy: &Policy, counts: impl Fn(&Route) -> bool) -> (Option<PageIndex>, Vec<&Route>, Vec<&Route>) {
    let on: Vec<&Route> = policy.routes.iter().filter(|route| counts(route)).collect();
    let page = on.first().map(|route| route.page);
    let of_page = policy.routes.iter().filter(|route| page == Some(route.page));
    let off = of_page.filter(|route| !counts(route)).collect();
    (page, on, off)
}

/// The callers that a limit counts.
#[derive(Clone, Copy, Debug)]
struct Subject {
    who: Who,
    /// The limit is the guard of the limits pages.
    is_guard: bool,
    /// Paths that match no route count in it.
    is_unmatched: bool,
}

/// The time of two unanswered pings and of the interval between them (docs/semantics.md rule 21). Pings come at least
/// every 20 s.
const FREED_WITHIN_S: u64 = 45;

fn names(routes: &[&Route]) -> Vec<String> {
    routes.iter().map(|route| route.name.to_string()).collect()
}

fn scope(per: &[tidegate_core::limit::Part]) -> String {
    if per.is_empty() {
        return "everyone".to_owned();
    }
    per.iter()
        .map(tidegate_core::limit::Part::name)
        .collect::<Vec<_>>()
        .join("+")
}

// === impl SocketRow ===

impl SocketRow {
    fn of(rules: &SocketRules) -> SocketRow {
        SocketRow {
            resources_max: rules.command.as_ref().map(|_| rules.resources_max),
            messages_per_minute_max: rules.messages_per_minute_max,
            message_bytes_max: rules.message_bytes_max,
            idle_timeout_s: rules.idle.as_secs(),
            lifetime_s: rules.lifetime.as_secs(),
            refuse: rules.refuse.as_str(),
        }
    }
}

#[cfg(test)]
mod tests;
