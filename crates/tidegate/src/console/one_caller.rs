//! One caller: where they stand, what they have open, and what can be done for them.

mod until;

use std::sync::Arc;

use askama::Template;
use axum::{Json, extract::State};
use serde::Deserialize;

use super::{
    chart::{self, Gauge, Line},
    filters,
    page::{Page, Shown, shown},
    usage::{beside, month_of},
};
use crate::{
    admin::{
        Admin, decisions,
        limits::{self, OverrideRow},
        problem::Problem,
        read::{Path, Query},
        sockets,
        stations::{self, StationRow},
        tokens, trace, usage,
    },
    explanation::Explanation,
    socket_row::SocketRow,
    standing::StandingRow,
    token_row::TokenListed,
    usage::SumsRow,
};
use until::Until;

/// How far back use over time is drawn at most, in milliseconds.
const TRACE_MS_MAX: i64 = 15 * 60 * 1_000;

/// How far back it is drawn at least, when somebody began to look a moment ago.
const TRACE_MS_MIN: i64 = 2 * 60 * 1_000;

/// Months of usage that are shown.
const MONTHS: i8 = 3;

/// Which limit the form is about.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    limit: Option<String>,
}

#[derive(Template)]
#[template(path = "console/one_caller.html")]
struct OneCaller {
    page: Page,
    name: String,
    tenant: String,
    plan: Option<String>,
    is_vouched: bool,
    limits: Vec<LimitView>,
    /// The limits that would refuse the next request.
    used_up: Vec<String>,
    overrides: Vec<OverrideRow>,
    sockets: Vec<SocketRow>,
    tokens: Vec<TokenListed>,
    stations: Vec<StationRow>,
    refusals: Vec<Explanation>,
    /// The last months' sums, the newest first.
    months: Vec<(String, SumsRow)>,
    /// The limit that the form names.
    chosen: Option<String>,
    untils: Vec<Until>,
    /// The first day that may be named.
    tomorrow: String,
    trace_minutes: u64,
}

/// One limit, as the page draws it.
struct LimitView {
    row: StandingRow,
    gauge: Option<Gauge>,
    trace: Option<Line>,
}

/// The page.
pub(super) async fn show(
    State(admin): State<Arc<Admin>>,
    page: Page,
    Path(name): Path<String>,
    Query(asked): Query<Asked>,
) -> Shown {
    let caller = admin.caller(&name).await?;
    let (state, path) = (|| State(admin.clone()), || Path(name.clone()));
    let standings = limits::show(state(), path()).await?.0;
    let traces = trace::show(state(), path()).await?.0;
    let now_ms = admin.now_ms();
    let began_ms = traces
        .iter()
        .filter_map(|trace| trace.points.first())
        .map(|point| point.at_ms)
        .min();
    let since_ms = began_ms.map_or(0, |began_ms| now_ms.saturating_sub(began_ms));
    // Whole minutes, so that the picture does not creep.
    let trace_minutes = since_ms
        .clamp(TRACE_MS_MIN, TRACE_MS_MAX)
        .unsigned_abs()
        .div_ceil(60_000);
    let from_ms = now_ms.saturating_sub_unsigned(trace_minutes * 60_000);
    let limits: Vec<LimitView> = standings
        .into_iter()
        .map(|row| LimitView::new(row, &traces, from_ms, now_ms))
        .collect();
    let used_up: Vec<String> = limits
        .iter()
        .filter(|limit| limit.row.remaining == Some(0))
        .map(|limit| limit.row.limit.clone())
        .collect();
    let refused = decisions::of_user(state(), path()).await?.0;
    let tokens = match caller.is_vouched() {
        // Their credentials are somebody else's.
        true => Vec::new(),
        false => {
            tokens::list(state(), Query(tokens::Whose { user: name.clone() }))
                .await?
                .0
        }
    };
    let months = months_of(&admin, &name, caller.tenant()).await?;
    shown(&OneCaller {
        months,
        tenant: caller.tenant().to_owned(),
        plan: caller.plan().map(str::to_owned),
        is_vouched: caller.is_vouched(),
        overrides: overrides_of(state(), &name, caller.tenant()).await?,
        sockets: sockets::of_user(state(), path()).await?.0,
        stations: stations::of_user(state(), path()).await?.0,
        refusals: flat(refused),
        chosen: asked.limit.or_else(|| used_up.first().cloned()),
        untils: Until::choices(now_ms),
        tomorrow: Until::tomorrow(now_ms),
        trace_minutes,
        page,
        name,
        limits,
        used_up,
        tokens,
    })
}

/// What was set by hand for the caller or for their tenant.
async fn overrides_of(admin: State<Arc<Admin>>, name: &str, tenant: &str) -> Result<Vec<OverrideRow>, Problem> {
    let Json(all) = limits::all_overrides(admin).await?;
    let (user, tenant) = (format!("user {name}"), format!("tenant {tenant}"));
    Ok(all
        .into_iter()
        .filter(|row| row.scope == user || row.scope == tenant)
        .collect())
}

/// What the caller used in this month and the ones before.
async fn months_of(admin: &Admin, name: &str, tenant: &str) -> Result<Vec<(String, SumsRow)>, Problem> {
    let this = month_of(admin.now_ms());
    let mut months = Vec::new();
    for back in 0..MONTHS {
        let month = beside(&this, -back);
        let asked = usage::Asked {
            month: Some(month.clone()),
            tenant: Some(tenant.to_owned()),
            user: Some(name.to_owned()),
            by: Some(usage::By::User),
            format: None,
        };
        let used = admin.month_usage(asked).await?;
        months.push((month, SumsRow::total(used.rows.iter().map(|row| row.sums))));
    }
    Ok(months)
}

/// The last refusal and the earlier ones, as one list; empty where there is none.
fn flat(last: Explanation) -> Vec<Explanation> {
    if last.decision.is_none() {
        return Vec::new();
    }
    let mut last = last;
    let earlier = std::mem::take(&mut last.earlier);
    std::iter::once(last).chain(earlier).collect()
}

// === impl LimitView ===

impl LimitView {
    fn new(row: StandingRow, traces: &[trace::TraceRow], from_ms: i64, now_ms: i64) -> LimitView {
        let trace = traces.iter().find(|trace| trace.limit == row.limit).and_then(|trace| {
            let samples: Vec<_> = trace.points.iter().map(|point| (point.at_ms, point.used)).collect();
            chart::line(&samples, u64::from(trace.quota), from_ms, now_ms)
        });
        LimitView {
            gauge: row.used.map(|used| match row.remaining {
                // A burst may be more or less than a quota; what counts is whether another one would go through.
                Some(0) => Gauge::of(1, 1),
                _ => Gauge::of(used, u64::from(row.quota.max(row.burst))),
            }),
            trace: trace.filter(|_| row.used.is_some_and(|used| used > 0)),
            row,
        }
    }
}
