//! The page of the limits and routes in force.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use tidegate_config::table::Row;

use super::{
    filters,
    page::{Page, Shown, shown},
};
use crate::admin::{
    Admin, limits,
    read::Query,
    reload::{self, ReloadRow},
    routes::{self, RouteRow},
};

#[derive(Template)]
#[template(path = "console/policy.html")]
struct Policy {
    page: Page,
    limits: Vec<Row>,
    routes: Vec<RouteRow>,
    reload: Option<ReloadRow>,
}

/// Shows the page.
pub(super) async fn show(State(admin): State<Arc<Admin>>, page: Page) -> Shown {
    let limits = limits::list(State(admin.clone()), Query(limits::Shown::default()))
        .await
        .0;
    shown(&Policy {
        page,
        limits,
        routes: routes::list(State(admin.clone())).await.0,
        reload: reload::last(State(admin)).await.0,
    })
}
