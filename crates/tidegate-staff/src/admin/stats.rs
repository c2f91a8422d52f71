//! `GET /stats` and `GET /top`: the last hour or day, and the callers with the most requests or refusals.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use tidegate_engine::stats::{self, CALLERS_MAX, TopOrder};

use super::{
    Admin,
    extract::{self, Query},
    problem::Problem,
};
use crate::explanation::instant;

/// The time span.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Span {
    /// The last hour.
    #[default]
    Hour,
    /// The last day.
    Day,
}

/// The order in which callers are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// Most requests first.
    #[default]
    Requests,
    /// Most refused first.
    Refused,
}

/// The last hour or day in points, the oldest first. The last point is the running one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SpanStats {
    /// `hour`: 60 points of a minute; `day`: 96 points of a quarter of an hour. Both begin where the clock's do, in UTC.
    pub span: Span,
    /// The seconds from one point to the next.
    pub step_s: u32,
    /// The time at which the last point ends, RFC 3339 in UTC.
    pub until: String,
    /// Requests answered.
    pub requests: Vec<u64>,
    /// Requests that the gate itself refused, with 4xx.
    pub refused: Vec<u64>,
    /// The most sockets open at once.
    pub sockets: Vec<u64>,
    /// Requests answered from the cache.
    pub cached: Vec<u64>,
    /// Requests answered 5xx, by an upstream or the gate.
    pub failed: Vec<u64>,
    /// The limits that refused, most refusals first.
    pub refused_by_limit: Vec<LimitRefusals>,
    /// The routes, most requests first. The callers' pages are listed under their prefix, and requests that matched no
    /// route under `(none)`.
    pub by_route: Vec<RouteRequests>,
    /// The state of the upstreams' servers now.
    pub upstreams: Vec<ServerRow>,
}

/// The refusals of one limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LimitRefusals {
    /// The limit.
    pub limit: String,
    /// The sum over all points.
    pub total: u64,
    /// The refusals in each point.
    pub points: Vec<u64>,
}

/// The requests of one route.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RouteRequests {
    /// The route.
    pub route: String,
    /// Requests answered.
    pub requests: u64,
    /// Requests that were refused.
    pub refused: u64,
}

/// A server of an upstream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ServerRow {
    /// The page whose requests it answers.
    pub page: String,
    /// The server's address, or `embedded`.
    pub server: String,
    /// True while the server receives requests.
    pub up: bool,
    /// The reason why it receives none.
    pub why: Option<String>,
}

/// One of the callers with the most requests or refusals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TopCaller {
    /// The user, or `ip` and the address block of an anonymous caller.
    pub subject: String,
    /// The user's tenant.
    pub tenant: Option<String>,
    /// Requests; never fewer than there were.
    pub requests: u64,
    /// Requests that were refused.
    pub refused: u64,
    /// The limit that refused them last.
    pub limit: Option<String>,
    /// The most by which the count that orders the list may be too high: 0 while there are few callers.
    pub over_by_max: u64,
}

/// The query of `GET /stats`.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct StatsQuery {
    /// `hour` or `day`; the default is `hour`.
    #[serde(default)]
    #[param(inline)]
    pub span: Span,
}

/// The query of `GET /top`.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TopQuery {
    /// `requests` or `refused`; the default is `requests`.
    #[serde(default)]
    #[param(inline)]
    pub by: Order,
    /// `hour` or `day`; the default is `hour`.
    #[serde(default)]
    #[param(inline)]
    pub span: Span,
    /// The most callers to return; the default is 20.
    #[param(minimum = 1, maximum = 1024)]
    pub limit: Option<u32>,
}

/// Callers listed by default.
const CALLERS_SHOWN: u32 = 20;

/// The most callers in one answer: all that are remembered.
const ROWS_MAX: u32 = CALLERS_MAX as u32;
const _: () = assert!(ROWS_MAX == 1_024, "`TopQuery` says so");

/// Shows requests, refusals, sockets and upstreams over the last hour or day.
#[utoipa::path(get, path = "/stats", tag = "stats", params(StatsQuery), responses(
    (status = 200, description = "The span in points, the oldest first.", body = SpanStats),
    (status = 400, description = "There is no such span.", body = Problem),
))]
pub async fn show(State(admin): State<Arc<Admin>>, Query(part): Query<StatsQuery>) -> Result<Json<SpanStats>, Problem> {
    Ok(Json(admin.span_stats(part.span)))
}

/// Lists the callers with the most requests or refusals in the last hour (45 to 60 minutes) or day (23 to 24 hours).
#[utoipa::path(get, path = "/top", tag = "stats", params(TopQuery), responses(
    (status = 200, description = "The callers, in the order asked for.", body = Vec<TopCaller>),
    (status = 400, description = "There is no such order or span.", body = Problem),
))]
pub async fn top(
    State(admin): State<Arc<Admin>>,
    Query(part): Query<TopQuery>,
) -> Result<Json<Vec<TopCaller>>, Problem> {
    let rows_max = extract::rows(part.limit, CALLERS_SHOWN, ROWS_MAX)?;
    Ok(Json(admin.top_callers(part.by, part.span, rows_max as usize)))
}

impl Admin {
    /// Returns the figures of the last hour or day.
    pub fn span_stats(&self, span: Span) -> SpanStats {
        let now = self.engine.clock.now();
        let engine_span = stats::Span::from(span);
        // A socket may have opened or closed since the last sweep counted them.
        self.engine.stats.sockets_open(self.engine.sockets.len(), now);
        let view = self.engine.stats.over(engine_span, now);
        let mut refused_by_limit: Vec<LimitRefusals> = view.by_limit.into_iter().map(LimitRefusals::from).collect();
        refused_by_limit.retain(|limit| limit.total > 0);
        refused_by_limit.sort_by_key(|limit| std::cmp::Reverse(limit.total));
        let mut by_route: Vec<RouteRequests> = view.by_route.into_iter().map(RouteRequests::from).collect();
        by_route.retain(|route| route.requests > 0);
        by_route.sort_by_key(|route| std::cmp::Reverse(route.requests));
        SpanStats {
            span,
            step_s: engine_span.step_s(),
            until: instant(engine_span.until_ms(now)),
            requests: view.requests,
            refused: view.refused,
            sockets: view.sockets,
            cached: view.cached,
            failed: view.failed,
            refused_by_limit,
            by_route,
            upstreams: self.servers(),
        }
    }

    /// Returns at most `rows_max` callers with the most requests or refusals.
    pub fn top_callers(&self, by: Order, span: Span, rows_max: usize) -> Vec<TopCaller> {
        let by = match by {
            Order::Requests => TopOrder::Requests,
            Order::Refused => TopOrder::Refused,
        };
        let rows = self
            .engine
            .stats
            .top(by, span.into(), rows_max, self.engine.clock.now());
        rows.into_iter().map(TopCaller::from).collect()
    }

    /// Returns the state of the upstreams' servers now.
    pub(super) fn servers(&self) -> Vec<ServerRow> {
        let standings = self.gateway.servers().into_iter();
        let row = |standing: tidegate_gateway::ServerHealth| ServerRow {
            page: standing.page.to_string(),
            server: standing.server,
            up: standing.why_down.is_none(),
            why: standing.why_down,
        };
        standings.map(row).collect()
    }
}

impl From<Span> for stats::Span {
    fn from(span: Span) -> stats::Span {
        match span {
            Span::Hour => stats::Span::Hour,
            Span::Day => stats::Span::Day,
        }
    }
}

impl From<stats::LimitSeries> for LimitRefusals {
    fn from(series: stats::LimitSeries) -> LimitRefusals {
        LimitRefusals {
            limit: series.limit.to_string(),
            total: series.points.iter().sum(),
            points: series.points,
        }
    }
}

impl From<stats::RouteTotals> for RouteRequests {
    fn from(totals: stats::RouteTotals) -> RouteRequests {
        RouteRequests {
            route: totals.route.to_string(),
            requests: totals.requests,
            refused: totals.refused,
        }
    }
}

impl From<stats::TopRow> for TopCaller {
    fn from(row: stats::TopRow) -> TopCaller {
        TopCaller {
            subject: row.subject,
            tenant: row.tenant.map(|tenant| tenant.to_string()),
            requests: row.requests,
            refused: row.refused,
            limit: row.limit.map(|limit| limit.to_string()),
            over_by_max: row.over_by_max,
        }
    }
}
