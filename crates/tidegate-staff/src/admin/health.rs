//! `GET /healthz` and `GET /readyz`.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use serde::Serialize;

use super::{Admin, problem::Problem};
use crate::explanation::instant;

/// The state of the server.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Health {
    /// Always `ok`.
    pub status: &'static str,
    /// The number of cells in memory.
    pub cells: usize,
    /// Takes that went into shared cells because the store was full.
    pub cells_overflowed: u64,
    /// Slots that open sockets hold.
    pub leases: usize,
    /// Sockets refused since the start because the store had no room for another lease.
    pub leases_refused: u64,
    /// The time at which counts were last written to disk, RFC 3339 in UTC; `null` before the first time.
    pub counts_written_at: Option<String>,
    /// The number of failed writes in a row, up to now. A restart would lose what was counted since the last write. The
    /// log has the cause.
    pub counts_failures: u64,
    /// The outcome of the last reload of the limits file; `null` if there was none.
    pub reload: Option<ReloadHealth>,
}

/// The outcome of the last reload of the limits file. `GET /reload` says more, and requires the token.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ReloadHealth {
    /// The time of the reload, RFC 3339 in UTC.
    pub at: String,
    /// True when the file is in force. If false, the previous limits stay in force.
    pub ok: bool,
    /// Reloads that failed since the start.
    pub failures: u64,
}

/// Answers as long as the process runs.
#[utoipa::path(get, path = "/healthz", tag = "health", security(()), responses((status = 200, description = "The process runs.", body = Health)))]
pub async fn alive(State(admin): State<Arc<Admin>>) -> Json<Health> {
    let occupancy = admin.engine.occupancy();
    let kept = admin.program.counts_state();
    Json(Health {
        status: "ok",
        cells: occupancy.cells,
        cells_overflowed: occupancy.overflows,
        leases: occupancy.leases,
        leases_refused: occupancy.leases_refused,
        counts_written_at: kept.at_ms.map(instant),
        counts_failures: kept.failures,
        reload: admin.program.last_reload().map(|last| ReloadHealth {
            at: instant(last.at_ms),
            ok: last.outcome.is_ok(),
            failures: last.failures,
        }),
    })
}

/// Succeeds when the server is not shutting down and the accounts answer.
#[utoipa::path(get, path = "/readyz", tag = "health", security(()), responses(
    (status = 200, description = "The server is ready.", body = Health),
    (status = 503, description = "The server is not ready, and `detail` says why: it is shutting down, or the accounts do not answer.", body = Problem),
))]
pub async fn ready(State(admin): State<Arc<Admin>>) -> Result<Json<Health>, Problem> {
    if *admin.ending.borrow() {
        let detail = "the server is shutting down: requests in progress finish, and no new ones are accepted";
        return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail));
    }
    match admin.accounts.users(1).await {
        Ok(_) => Ok(alive(State(admin)).await),
        Err(error) => {
            let detail = format!("the accounts do not answer: {error}");
            Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail))
        }
    }
}
