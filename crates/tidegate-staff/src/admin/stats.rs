//! What happened: the last hour or day, and who comes most.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use tidegate_engine::stats::{self, CALLERS_MAX, TopOrder};

use super::{
    Admin,
    problem::Problem,
    read::{self, Query},
};
use crate::explanation::instant;

/// How far back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Span {
    /// The last hour.
    #[default]
    Hour,
    /// The last day.
    Day,
}

/// In which order callers are listed.
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
    /// From one point to the next, in seconds.
    pub step_s: u32,
    /// When the last point ends, RFC 3339 in UTC.
    pub until: String,
    /// Requests answered.
    pub requests: Vec<u64>,
    /// Those of them that the gate itself refused, with 4xx.
    pub refused: Vec<u64>,
    /// The most sockets that were open at once.
    pub sockets: Vec<u64>,
    /// Requests that the cache spared the upstream.
    pub cached: Vec<u64>,
    /// Requests that were answered 5xx, by an upstream or the gate.
    pub failed: Vec<u64>,
    /// The limits that refused, the one that refused most first.
    pub refused_by_limit: Vec<LimitRefusals>,
    /// The routes that were asked, the one asked most first. The callers' pages stand under their prefix, what matched no
    /// route under `(none)`.
    pub by_route: Vec<RouteRequests>,
    /// How the upstreams' servers stand now.
    pub upstreams: Vec<ServerRow>,
}

/// What one limit refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LimitRefusals {
    /// The limit.
    pub limit: String,
    /// In all points.
    pub total: u64,
    /// In each.
    pub points: Vec<u64>,
}

/// What one route had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RouteRequests {
    /// The route.
    pub route: String,
    /// Requests answered.
    pub requests: u64,
    /// Those of them that were refused.
    pub refused: u64,
}

/// A server of an upstream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ServerRow {
    /// The page whose requests it answers.
    pub page: String,
    /// Its address, or `embedded`.
    pub server: String,
    /// Whether it gets requests.
    pub up: bool,
    /// Why not.
    pub why: Option<String>,
}

/// One of the callers who come most.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TopCaller {
    /// The user, or `ip` and the address block of somebody unknown.
    pub subject: String,
    /// The user's tenant.
    pub tenant: Option<String>,
    /// Requests; never less than they were.
    pub requests: u64,
    /// Those of them that were refused.
    pub refused: u64,
    /// The limit that refused last.
    pub limit: Option<String>,
    /// The count by which the list is ordered is at most so much too high: 0 while there are few callers.
    pub over_by_max: u64,
}

/// Which span.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SpanPart {
    /// `hour` or `day`; the hour without it.
    #[serde(default)]
    #[param(inline)]
    pub span: Span,
}

/// Which callers.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TopPart {
    /// `requests` or `refused`; by requests without it.
    #[serde(default)]
    #[param(inline)]
    pub by: Order,
    /// `hour` or `day`; the hour without it.
    #[serde(default)]
    #[param(inline)]
    pub span: Span,
    /// At most so many; 20 without it.
    #[param(minimum = 1, maximum = 1024)]
    pub limit: Option<u32>,
}

/// Callers listed where nobody says how many.
const CALLERS_SHOWN: u32 = 20;

/// Callers that one answer has at most: all that are remembered.
const ROWS_MAX: u32 = CALLERS_MAX as u32;
const _: () = assert!(ROWS_MAX == 1_024, "`TopPart` says so");

/// Requests, refusals, sockets and upstreams over the last hour or day.
#[utoipa::path(get, path = "/stats", tag = "stats", params(SpanPart), responses(
    (status = 200, description = "The span in points, the oldest first.", body = SpanStats),
    (status = 400, description = "No such span.", body = Problem),
))]
pub async fn show(State(admin): State<Arc<Admin>>, Query(part): Query<SpanPart>) -> Result<Json<SpanStats>, Problem> {
    Ok(Json(admin.span_stats(part.span)))
}

/// Who comes most, or is refused most, of the last hour (45 to 60 minutes) or day (23 to 24 hours).
#[utoipa::path(get, path = "/top", tag = "stats", params(TopPart), responses(
    (status = 200, description = "The callers, the first one first.", body = Vec<TopCaller>),
    (status = 400, description = "No such order or span.", body = Problem),
))]
pub async fn top(
    State(admin): State<Arc<Admin>>,
    Query(part): Query<TopPart>,
) -> Result<Json<Vec<TopCaller>>, Problem> {
    let rows_max = read::rows(part.limit, CALLERS_SHOWN, ROWS_MAX)?;
    Ok(Json(admin.top_callers(part.by, part.span, rows_max as usize)))
}

impl Admin {
    /// The last hour or day.
    pub fn span_stats(&self, span: Span) -> SpanStats {
        let now = self.engine.clock.now();
        let engine_span = stats::Span::from(span);
        // A socket may have opened or closed since the last sweep noted how many there are.
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

    /// Who comes most or is refused most: at most `rows_max`.
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

    /// How the upstreams' servers stand now.
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
