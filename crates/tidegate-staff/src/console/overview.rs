//! The overview: figures of the last hour or day, and of now.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use serde::Deserialize;

use super::{
    chart::{self, Bars, Gauge, Line},
    filters,
    layout::{Page, Rendered, percent, shown},
};
use crate::admin::{
    Admin,
    extract::Query,
    health::{self, Health},
    sockets::{self, OpenSockets},
    stats::{self, Order, Span, SpanStats, StatsQuery, TopCaller, TopQuery},
};

/// The most rows of each list; the admin API has more.
const ROWS_MAX: u32 = 8;

/// The query of the page.
#[derive(Debug, Default, Deserialize)]
pub(super) struct OverviewQuery {
    span: Option<String>,
}

#[derive(Template)]
#[template(path = "console/overview.html")]
struct Overview {
    page: Page,
    health: Health,
    sockets: OpenSockets,
    is_day: bool,
    totals: Totals,
    requests: Bars,
    open: Option<Line>,
    points: Vec<Point>,
    /// The times of the day at the beginning and in the middle of a chart.
    begins: String,
    middle: String,
    stats: SpanStats,
    most_requests: Vec<TopCaller>,
    most_refused: Vec<TopCaller>,
}

/// Sums over the span.
struct Totals {
    requests: u64,
    refused: u64,
    cached: u64,
    failed: u64,
}

/// One step of the span, as a row of numbers.
struct Point {
    at: String,
    requests: u64,
    refused: u64,
    sockets: u64,
    cached: u64,
    failed: u64,
}

/// Shows the page.
pub(super) async fn show(State(admin): State<Arc<Admin>>, page: Page, Query(asked): Query<OverviewQuery>) -> Rendered {
    let span = match asked.span.as_deref() {
        Some("day") => Span::Day,
        _ => Span::Hour,
    };
    let top = async |by| {
        let part = TopQuery {
            by,
            span,
            limit: Some(ROWS_MAX),
        };
        stats::top(State(admin.clone()), Query(part)).await
    };
    let most = sockets::SocketsQuery { limit: Some(ROWS_MAX) };
    let health = health::alive(State(admin.clone())).await.0;
    let sockets = sockets::open(State(admin.clone()), Query(most)).await?.0;
    let mut stats = stats::show(State(admin.clone()), Query(StatsQuery { span })).await?.0;
    stats.refused_by_limit.truncate(ROWS_MAX as usize);
    stats.by_route.truncate(ROWS_MAX as usize);
    let mut most_refused = top(Order::Refused).await?.0;
    most_refused.retain(|caller| caller.refused > 0);
    let times = times(&stats);
    let samples: Vec<(i64, u64)> = stats.sockets.iter().zip(0..).map(|(open, n)| (n, *open)).collect();
    let at = |n: usize| times.get(n).cloned().unwrap_or_default();
    shown(&Overview {
        is_day: span == Span::Day,
        totals: Totals::of(&stats),
        requests: chart::bars(&stats.requests, &stats.refused),
        open: chart::line(&samples, 0, 0, samples.len() as i64 - 1),
        begins: at(0),
        middle: at(times.len() / 2),
        points: points(&stats, &times),
        most_requests: top(Order::Requests).await?.0,
        most_refused,
        page,
        health,
        sockets,
        stats,
    })
}

/// Returns the beginning of each point, as a time of the day in UTC.
fn times(stats: &SpanStats) -> Vec<String> {
    let until: Option<jiff::Timestamp> = stats.until.parse().ok();
    let Some(until) = until else { return Vec::new() };
    let steps = stats.requests.len() as i64;
    let begins = (0..steps).map(|n| {
        let before = jiff::SignedDuration::from_secs(i64::from(stats.step_s) * (steps - n));
        until
            .checked_sub(before)
            .map_or_else(|_| String::new(), |at| at.strftime("%H:%M").to_string())
    });
    begins.collect()
}

fn points(stats: &SpanStats, times: &[String]) -> Vec<Point> {
    let of = |series: &[u64], n: usize| series.get(n).copied().unwrap_or_default();
    let rows = times.iter().enumerate().map(|(n, at)| Point {
        at: at.clone(),
        requests: of(&stats.requests, n),
        refused: of(&stats.refused, n),
        sockets: of(&stats.sockets, n),
        cached: of(&stats.cached, n),
        failed: of(&stats.failed, n),
    });
    rows.rev().collect()
}

// === impl Totals ===

impl Totals {
    fn of(stats: &SpanStats) -> Totals {
        Totals {
            requests: stats.requests.iter().sum(),
            refused: stats.refused.iter().sum(),
            cached: stats.cached.iter().sum(),
            failed: stats.failed.iter().sum(),
        }
    }

    /// Formats a part of all requests as a percentage.
    fn percent(&self, part: &u64) -> String {
        percent(*part, self.requests)
    }
}

// === impl Overview ===

impl Overview {
    /// Draws a caller's open sockets, in proportion to the caller with the most.
    fn of_most_open(&self, open: &usize) -> Gauge {
        let most = self.sockets.by_user.first().map_or(1, |first| first.open);
        Gauge::beside(*open as u64, most as u64)
    }

    /// Draws a limit's refusals, in proportion to the limit with the most.
    fn of_most_refusing(&self, total: &u64) -> Gauge {
        let most = self.stats.refused_by_limit.first().map_or(1, |first| first.total);
        Gauge {
            state: "refusing",
            ..Gauge::beside(*total, most)
        }
    }

    /// Returns true when a subject is a caller with a page of their own, and not an address.
    fn has_page(&self, caller: &TopCaller) -> bool {
        !caller.subject.starts_with("ip ")
    }
}
