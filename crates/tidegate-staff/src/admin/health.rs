//! Whether the server lives, and whether it can do its work.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use serde::Serialize;

use super::{Admin, problem::Problem};
use crate::explanation::instant;

/// What the server holds.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Health {
    /// `ok`.
    pub status: &'static str,
    /// Cells kept now.
    pub cells: usize,
    /// Takes that fell into shared cells because the store was full.
    pub cells_overflowed: u64,
    /// Slots held by open sockets now.
    pub leases: usize,
    /// Sockets refused because the store had no room for another lease, since the start.
    pub leases_refused: u64,
    /// When counts were last written down, RFC 3339 in UTC; `null` before the first time.
    pub counts_written_at: Option<String>,
    /// Times in a row, up to now, that they could not be: a restart would lose what came since. The log says why.
    pub counts_failures: u64,
    /// How the limits file was last read again; `null` if it never was.
    pub reload: Option<ReloadHealth>,
}

/// How the limits file was last read again. `GET /reload` says more, and wants the token.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ReloadHealth {
    /// When, RFC 3339 in UTC.
    pub at: String,
    /// Whether it is in force. If not, what was in force before is.
    pub ok: bool,
    /// Times that it was not, since the start.
    pub failures: u64,
}

/// The process answers.
#[utoipa::path(get, path = "/healthz", tag = "health", security(()), responses((status = 200, description = "It lives.", body = Health)))]
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

/// It is not ending, and the accounts answer too.
#[utoipa::path(get, path = "/readyz", tag = "health", security(()), responses(
    (status = 200, description = "It can do its work.", body = Health),
    (status = 503, description = "It cannot, and `detail` says why: it is ending, or the accounts do not answer.", body = Problem),
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
