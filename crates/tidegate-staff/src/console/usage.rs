//! The page of a month's usage, with its export.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use serde::Deserialize;

use super::{
    chart::Gauge,
    filters,
    layout::{Page, Rendered, percent, shown},
    month_chart::MonthChart,
};
use crate::{
    admin::{
        Admin,
        extract::Query,
        usage::{self, By, MonthUsage},
    },
    usage_row::SumsRow,
};

/// The most rows on the page; the export has more.
const ROWS_MAX: usize = 200;

/// The query: the month, and the grouping of rows.
#[derive(Debug, Default, Deserialize)]
pub(super) struct MonthQuery {
    month: Option<String>,
    by: Option<By>,
}

#[derive(Template)]
#[template(path = "console/usage.html")]
struct Usage {
    page: Page,
    usage: MonthUsage,
    total: SumsRow,
    by: &'static str,
    /// The months before and after; none after the current one.
    before: String,
    after: Option<String>,
    left_out: usize,
    /// The month by day.
    days: Option<MonthChart>,
}

/// Shows the page.
pub(super) async fn show(State(admin): State<Arc<Admin>>, page: Page, Query(asked): Query<MonthQuery>) -> Rendered {
    let by = asked.by.unwrap_or_default();
    let part = usage::UsageMonthQuery {
        month: asked.month.filter(|month| !month.is_empty()),
        tenant: None,
        user: None,
        by: Some(by),
        format: None,
    };
    let mut usage = admin.month_usage(part).await?;
    let total = SumsRow::total(usage.rows.iter().map(|row| row.sums));
    usage.rows.sort_by_key(|row| std::cmp::Reverse(row.sums.transactions));
    let left_out = usage.rows.len().saturating_sub(ROWS_MAX);
    usage.rows.truncate(ROWS_MAX);
    let this = month_of(admin.now_ms());
    let asked = usage::days::UsageDaysQuery {
        month: Some(usage.month.clone()),
        tenant: None,
        user: None,
    };
    let days = usage::days::list(State(admin), Query(asked)).await?.0;
    shown(&Usage {
        days: MonthChart::of(&usage.month, days.days, total),
        by: match by {
            By::Tenant => "tenant",
            By::User => "user",
            By::Route => "route",
        },
        before: beside(&usage.month, -1),
        after: Some(beside(&usage.month, 1)).filter(|_| usage.month < this),
        page,
        total,
        left_out,
        usage,
    })
}

/// Returns the month that is `months` later; the same month where the calendar ends.
pub(super) fn beside(month: &str, months: i8) -> String {
    let first: Option<jiff::civil::Date> = format!("{month}-01").parse().ok();
    let moved = first.and_then(|first| first.checked_add(jiff::Span::new().months(months)).ok());
    moved.map_or_else(|| month.to_owned(), |first| first.strftime("%Y-%m").to_string())
}

/// Returns the month in UTC that a time is in.
pub(super) fn month_of(now_ms: i64) -> String {
    let now = jiff::Timestamp::from_millisecond(now_ms);
    now.map_or_else(|_| String::new(), |now| now.strftime("%Y-%m").to_string())
}

// === impl Usage ===

impl Usage {
    /// Draws a row's bar, in proportion to the largest row.
    fn of_most(&self, transactions: &u64) -> Gauge {
        let most = self.usage.rows.first().map_or(1, |first| first.sums.transactions);
        Gauge::beside(*transactions, most)
    }

    /// Returns the four sums that make up all requests, each with its percentage.
    fn made_of(&self) -> [(&'static str, u64, String); 4] {
        let SumsRow {
            transactions,
            cached,
            refused,
            unbilled,
            ..
        } = self.total;
        let all = transactions + cached + refused + unbilled;
        let named = [
            ("Billed", transactions),
            ("Cached", cached),
            ("Refused", refused),
            ("Not billed", unbilled),
        ];
        named.map(|(name, count)| (name, count, percent(count, all)))
    }
}
