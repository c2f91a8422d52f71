//! `GET /routes`: the routes in force.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::Serialize;

use super::Admin;

/// A named operation of the API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct RouteRow {
    /// The name of the route.
    pub route: String,
    /// The page that the route belongs to.
    pub page: String,
    /// The methods and paths that match.
    pub matches: Vec<String>,
    /// True when the route requires a known caller.
    pub needs_user: bool,
    /// The grants that the caller needs, such as `station:{station_id}`.
    pub grants: Vec<String>,
    /// The limits that count on it.
    pub limits: Vec<String>,
    /// True when the route opens WebSockets.
    pub socket: bool,
}

/// Lists the routes, in the order of the files.
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
