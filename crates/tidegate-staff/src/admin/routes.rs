//! Routes as running.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::Serialize;

use super::Admin;

/// A named operation of the API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct RouteRow {
    /// Its name.
    pub route: String,
    /// The page it belongs to.
    pub page: String,
    /// Methods and paths.
    pub matches: Vec<String>,
    /// Whether a caller must be known.
    pub needs_user: bool,
    /// What the caller's grants must include, as `station:{station_id}`.
    pub grants: Vec<String>,
    /// The limits that count on it.
    pub limits: Vec<String>,
    /// Whether it opens sockets.
    pub socket: bool,
}

/// The routes, in the order of the files.
#[utoipa::path(get, path = "/routes", tag = "limits", responses((status = 200, description = "The routes.", body = Vec<RouteRow>)))]
pub async fn list(State(admin): State<Arc<Admin>>) -> Json<Vec<RouteRow>> {
    let snapshot = admin.engine.current.load();
    let policy = &snapshot.policy;
    let rows = policy.routes.iter().map(|route| RouteRow {
        route: route.name.to_string(),
        page: policy.page(route.page).name.to_string(),
        matches: route.patterns.iter().map(ToString::to_string).collect(),
        needs_user: route.needs_user,
        grants: route
            .grants
            .iter()
            .map(|rule| format!("{}:{{{}}}", rule.kind.name(), rule.param))
            .collect(),
        limits: route
            .limits
            .iter()
            .map(|index| policy.limit(*index).name.to_string())
            .collect(),
        socket: route.socket.is_some(),
    });
    Json(rows.collect())
}
