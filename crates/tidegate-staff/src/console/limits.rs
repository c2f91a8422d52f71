//! The page of the limits and routes in force.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use tidegate_config::table::Row;

use super::{
    filters,
    layout::{Page, Rendered, shown},
};
use crate::admin::{
    Admin,
    extract::Query,
    limits,
    policy_routes::{self, RouteRow},
    reload::{self, ReloadRow},
};

#[derive(Template)]
#[template(path = "console/limits.html")]
struct Policy {
    page: Page,
    limits: Vec<Row>,
    routes: Vec<RouteRow>,
    reload: Option<ReloadRow>,
}

/// Shows the page.
pub(super) async fn show(State(admin): State<Arc<Admin>>, page: Page) -> Rendered {
    let limits = limits::list(State(admin.clone()), Query(limits::LimitsQuery::default()))
        .await
        .0;
    shown(&Policy {
        page,
        limits,
        routes: policy_routes::list(State(admin.clone())).await.0,
        reload: reload::last(State(admin)).await.0,
    })
}
