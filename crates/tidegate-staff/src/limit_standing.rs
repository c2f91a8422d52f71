//! The standing of a caller in each limit: the rows of `/limits/me` and of `tidegate limit show`.

use serde::Serialize;
use tidegate_core::{
    cell::Standing,
    fields,
    limit::{Limit, Part, Who},
    limit_check::{Caller, LimitCheck},
    overrides,
    payload::bounded,
    time::Now,
};
use tidegate_engine::{engine::Engine, snapshot::Snapshot};

/// The standing of one caller in one limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, serde::Deserialize, utoipa::ToSchema)]
pub struct StandingRow {
    /// The limit's name.
    pub limit: String,
    /// The owner of the count, e.g. `user ann`.
    pub scope: String,
    /// The quota for this caller, in units per window or per request.
    pub quota: u32,
    /// The most units at once after a pause, for this caller.
    pub burst: u32,
    /// The window, in seconds; null for slots and for limits on one request.
    pub window_s: Option<u64>,
    /// The units used; null where they depend on the request (an address, an app key), and for limits on one request.
    pub used: Option<u64>,
    /// The units that would be admitted now.
    pub remaining: Option<u64>,
    /// The seconds until nothing is used any more, rounded up.
    pub resets_in_s: Option<u64>,
    /// True when the caller was warned that little is left, and use has not fallen under 60 % since; null where `used`
    /// is null.
    pub warned: Option<bool>,
    /// The source of the quota: `limit`, `plan …`, `tenant … (limits file)`, and for an override `tenant …` or `user
    /// …`.
    pub from: String,
}

/// Returns the standing of a caller in every limit that concerns them, without taking anything.
pub fn of_caller(engine: &Engine, snapshot: &Snapshot, caller: &Caller<'_>, now: Now) -> Vec<StandingRow> {
    let limits = snapshot
        .policy
        .limits
        .iter()
        .filter(|limit| limit.who != Who::Everyone || !is_guard(snapshot, limit));
    engine
        .standings(limits, snapshot, caller, now)
        .iter()
        .map(|(check, outcome)| row(check, &outcome.standing))
        .chain(of_requests(snapshot, caller, now))
        .collect()
}

/// Returns the standing of a user by name. Use that depends on a request (address, app key, header) stays unknown.
pub fn of_user(engine: &Engine, snapshot: &Snapshot, caller: &Caller<'_>, now: Now) -> Vec<StandingRow> {
    let mut rows = Vec::new();
    for limit in snapshot
        .policy
        .limits
        .iter()
        .filter(|limit| limit.who != Who::Anonymous && !is_guard(snapshot, limit))
    {
        if limit.per.iter().all(|part| matches!(part, Part::User | Part::Tenant)) {
            rows.extend(
                engine
                    .standings([limit], snapshot, caller, now)
                    .iter()
                    .map(|(check, outcome)| row(check, &outcome.standing)),
            );
        } else {
            rows.push(unknown(limit, snapshot, caller, now));
        }
    }
    rows.extend(of_requests(snapshot, caller, now));
    rows
}

/// Returns the rows of limits on one request, of which nothing is ever used.
fn of_requests(snapshot: &Snapshot, caller: &Caller<'_>, now: Now) -> impl Iterator<Item = StandingRow> {
    let (identity, overrides) = (caller.identity, &snapshot.overrides);
    let shapes = bounded(
        &snapshot.policy.payload_limits,
        identity,
        caller.instance,
        overrides,
        now.wall_ms,
    );
    shapes.into_iter().map(|bounded| StandingRow {
        limit: bounded.limit.name.to_string(),
        scope: bounded.limit.kind.scope().to_owned(),
        quota: bounded.quota,
        burst: bounded.quota,
        window_s: None,
        used: None,
        remaining: None,
        resets_in_s: None,
        warned: None,
        from: bounded.origin.to_string(),
    })
}

fn is_guard(snapshot: &Snapshot, limit: &Limit) -> bool {
    limit.name == snapshot.policy.limit(snapshot.policy.guard).name
}

fn row(check: &LimitCheck<'_>, standing: &Standing) -> StandingRow {
    let Standing {
        used,
        remaining,
        resets_in,
        warned,
    } = *standing;
    StandingRow {
        limit: check.limit.name.to_string(),
        scope: check.scope.to_string(),
        quota: check.take.quantity.quota(),
        burst: check.take.quantity.burst(),
        window_s: check.take.quantity.window().map(|window| window.as_secs()),
        used: Some(used),
        remaining: Some(remaining),
        resets_in_s: resets_in.map(fields::retry_after_secs),
        warned: Some(warned),
        from: check.origin.to_string(),
    }
}

fn unknown(limit: &Limit, snapshot: &Snapshot, caller: &Caller<'_>, now: Now) -> StandingRow {
    let effective = overrides::effective(
        limit,
        caller.identity.known(),
        caller.instance,
        &snapshot.overrides,
        now.wall_ms,
    );
    let scope = limit
        .per
        .iter()
        .map(|part| format!("each {}", part.name()))
        .collect::<Vec<_>>()
        .join(", ");
    StandingRow {
        limit: limit.name.to_string(),
        scope,
        quota: effective.quantity.quota(),
        burst: effective.quantity.burst(),
        window_s: effective.quantity.window().map(|window| window.as_secs()),
        used: None,
        remaining: None,
        resets_in_s: None,
        warned: None,
        from: effective.origin.to_string(),
    }
}
