//! The page of one caller: limits, sockets, usage, tokens and stations, and the forms that help the caller.

mod limit_chart;
mod limit_row;
mod override_end;

use std::sync::Arc;

use askama::Template;
use axum::{Json, extract::State};
use serde::Deserialize;

use super::{
    filters,
    form_state::FormState,
    layout::{Page, Rendered, shown},
    month_chart::MonthChart,
    usage::{beside, month_of},
};
use crate::{
    admin::{
        Admin, decisions,
        extract::{Path, Query},
        limit_history,
        limits::{self, OverrideRow},
        problem::Problem,
        sockets,
        stations::{self, StationRow},
        tokens, usage,
    },
    explanation::Explanation,
    socket_row::SocketRow,
    token_row::TokenListed,
    usage_row::SumsRow,
};
use limit_row::{ChartSpan, LimitRow};
use override_end::OverrideEnd;

/// The number of months of usage shown.
const MONTHS: i8 = 3;

/// The query: the limit that the form is about, and the form that is open.
#[derive(Debug, Default, Deserialize)]
pub(super) struct CallerQuery {
    limit: Option<String>,
    /// `token` or `station`.
    pub(super) make: Option<String>,
}

/// The forms of owners.
#[derive(Debug, Default)]
pub(super) struct OwnerForms {
    pub(super) token: FormState,
    pub(super) station: FormState,
}

#[derive(Template)]
#[template(path = "console/one_caller.html")]
pub(super) struct OneCaller {
    page: Page,
    name: String,
    tenant: String,
    plan: Option<String>,
    is_vouched: bool,
    /// The limits whose use is known.
    limits: Vec<LimitRow>,
    /// The limits whose use depends on the request.
    other_limits: Vec<LimitRow>,
    /// The limits that would refuse the next request.
    used_up: Vec<String>,
    overrides: Vec<OverrideRow>,
    sockets: Vec<SocketRow>,
    tokens: Vec<TokenListed>,
    stations: Vec<StationRow>,
    refusals: Vec<Explanation>,
    /// The sums of the last months, the newest first.
    months: Vec<(String, SumsRow)>,
    /// The current month by day.
    month: Option<MonthChart>,
    /// The limit selected in the form.
    chosen: Option<String>,
    untils: Vec<OverrideEnd>,
    /// The first day that may be entered.
    tomorrow: String,
    trace_minutes: u64,
    forms: OwnerForms,
}

/// Shows the page.
pub(super) async fn show(
    State(admin): State<Arc<Admin>>,
    page: Page,
    Path(name): Path<String>,
    Query(asked): Query<CallerQuery>,
) -> Rendered {
    let mut forms = OwnerForms::default();
    match asked.make.as_deref() {
        Some("token") => forms.token.is_open = true,
        Some("station") => forms.station.is_open = true,
        _ => {}
    }
    shown(&OneCaller::of(&admin, page, name, asked, forms).await?)
}

impl OneCaller {
    /// Creates the page of a caller, with the forms as they were filled in.
    pub(super) async fn of(
        admin: &Arc<Admin>,
        page: Page,
        name: String,
        asked: CallerQuery,
        forms: OwnerForms,
    ) -> Result<OneCaller, Problem> {
        let caller = admin.caller(&name).await?;
        let (state, path) = (|| State(admin.clone()), || Path(name.clone()));
        let standings = limits::show(state(), path()).await?.0;
        let traces = limit_history::show(state(), path()).await?.0;
        let now_ms = admin.now_ms();
        let drawn = ChartSpan::of(&traces, now_ms);
        let limits = standings.into_iter().map(|row| LimitRow::new(row, &traces, &drawn));
        let (limits, other_limits): (Vec<_>, Vec<_>) = limits.partition(|limit| limit.row.used.is_some());
        let used_up: Vec<String> = limits
            .iter()
            .filter(|limit| limit.row.remaining == Some(0))
            .map(|limit| limit.row.limit.clone())
            .collect();
        let tokens = match caller.is_vouched() {
            // A vouched caller's credentials are not kept here.
            true => Vec::new(),
            false => {
                tokens::list(state(), Query(tokens::TokensQuery { user: name.clone() }))
                    .await?
                    .0
            }
        };
        let months = months_of(admin, &name, caller.tenant()).await?;
        let month = match months.first() {
            Some((month, total)) => days_of(admin, &name, caller.tenant(), month, *total).await?,
            None => None,
        };
        Ok(OneCaller {
            months,
            month,
            tenant: caller.tenant().to_owned(),
            plan: caller.plan().map(str::to_owned),
            is_vouched: caller.is_vouched(),
            overrides: overrides_of(state(), &name, caller.tenant()).await?,
            sockets: sockets::of_user(state(), path()).await?.0,
            stations: stations::of_user(state(), path()).await?.0,
            refusals: flat(decisions::of_user(state(), path()).await?.0),
            chosen: asked.limit.or_else(|| used_up.first().cloned()),
            untils: OverrideEnd::choices(now_ms),
            tomorrow: OverrideEnd::tomorrow(now_ms),
            trace_minutes: drawn.minutes,
            page,
            name,
            limits,
            other_limits,
            used_up,
            tokens,
            forms,
        })
    }

    fn has_no_trace(&self) -> bool {
        self.limits.iter().all(|limit| limit.trace.is_none())
    }

    /// Returns the attributes of the field of a token's last day: a future day.
    fn day_input(&self) -> String {
        format!("type=\"date\" min=\"{}\"", self.tomorrow)
    }

    /// Returns all limits, those whose use is known first.
    fn all_limits(&self) -> impl Iterator<Item = &LimitRow> {
        self.limits.iter().chain(&self.other_limits)
    }
}

/// Returns the overrides for the caller or for their tenant.
async fn overrides_of(admin: State<Arc<Admin>>, name: &str, tenant: &str) -> Result<Vec<OverrideRow>, Problem> {
    let Json(all) = limits::all_overrides(admin).await?;
    let (user, tenant) = (format!("user {name}"), format!("tenant {tenant}"));
    Ok(all
        .into_iter()
        .filter(|row| row.scope == user || row.scope == tenant)
        .collect())
}

/// Returns the usage of the caller in this month and the ones before.
async fn months_of(admin: &Admin, name: &str, tenant: &str) -> Result<Vec<(String, SumsRow)>, Problem> {
    let this = month_of(admin.now_ms());
    let mut months = Vec::new();
    for back in 0..MONTHS {
        let month = beside(&this, -back);
        let asked = usage::UsageMonthQuery {
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

/// Returns the chart of the current month by day.
async fn days_of(
    admin: &Arc<Admin>,
    name: &str,
    tenant: &str,
    month: &str,
    total: SumsRow,
) -> Result<Option<MonthChart>, Problem> {
    let asked = usage::days::UsageDaysQuery {
        month: Some(month.to_owned()),
        tenant: Some(tenant.to_owned()),
        user: Some(name.to_owned()),
    };
    let days = usage::days::list(State(admin.clone()), Query(asked)).await?.0;
    Ok(MonthChart::of(month, days.days, total))
}

/// Returns the last refusal and the earlier ones as one list; empty where there is none.
fn flat(last: Explanation) -> Vec<Explanation> {
    if last.decision.is_none() {
        return Vec::new();
    }
    let mut last = last;
    let earlier = std::mem::take(&mut last.earlier);
    std::iter::once(last).chain(earlier).collect()
}
