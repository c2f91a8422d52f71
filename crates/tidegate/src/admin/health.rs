//! Whether the server lives, and whether it can do its work.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use serde::Serialize;

use super::{Admin, problem::Problem};

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
}

/// The process answers.
#[utoipa::path(get, path = "/healthz", tag = "health", responses((status = 200, description = "It lives.", body = Health)))]
pub async fn alive(State(admin): State<Arc<Admin>>) -> Json<Health> {
    let occupancy = admin.engine.occupancy();
    Json(Health {
        status: "ok",
        cells: occupancy.cells,
        cells_overflowed: occupancy.overflows,
        leases: occupancy.leases,
        leases_refused: occupancy.leases_refused,
    })
}

/// The accounts answer too.
#[utoipa::path(get, path = "/readyz", tag = "health", responses(
    (status = 200, description = "It can do its work.", body = Health),
    (status = 503, description = "The accounts do not answer.", body = Problem),
))]
pub async fn ready(State(admin): State<Arc<Admin>>) -> Result<Json<Health>, Problem> {
    match admin.accounts.users(1).await {
        Ok(_) => Ok(alive(State(admin)).await),
        Err(error) => Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, error.to_string())),
    }
}
