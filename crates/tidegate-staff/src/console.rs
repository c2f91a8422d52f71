//! The console: the admin API as pages for a browser.
//!
//! Each page shows what handlers of the admin API answer, and each form calls one of them. The console has no other
//! access to the engine or the accounts.

mod asset;
mod callers;
mod change;
mod decision;
mod door;
mod filled;
mod login;
mod make;
mod month;
mod one_caller;
mod overrides;
mod overview;
mod page;
mod policy;
mod trail;
mod usage;

use std::sync::Arc;

use axum::{
    Router, middleware,
    routing::{any, get, post},
};

use crate::{admin::Admin, chart, filters};

/// Returns the routes of the pages.
pub fn routes(admin: &Arc<Admin>) -> Router<Arc<Admin>> {
    let pages = Router::new()
        .route("/", get(overview::show))
        .route("/console/find", get(callers::find))
        .route("/console/callers", get(callers::list).post(make::user))
        .route("/console/callers/{name}", get(one_caller::show).post(make::of_caller))
        .route("/console/callers/{name}/pardon", post(change::pardon))
        .route("/console/callers/{name}/override", post(change::set_override))
        .route("/console/overrides", get(overrides::list))
        .route("/console/overrides/end", post(change::end_override))
        .route("/console/sockets/{id}/close", post(change::close_socket))
        .route("/console/tokens/{id}/revoke", post(change::revoke_token))
        .route("/console/stations/{id}/share", post(change::share_station))
        .route("/console/stations/{id}/unshare", post(change::unshare_station))
        .route("/console/decisions/{id}", get(decision::show))
        .route("/console/limits", get(policy::show))
        .route("/console/usage", get(usage::show))
        .route("/console/audit", get(trail::list))
        .route("/console/{*rest}", any(page::no_such_page))
        .route("/logout", post(login::log_out))
        .route_layer(middleware::from_fn_with_state(admin.clone(), door::let_in));
    Router::new()
        .route("/login", get(login::show).post(login::log_in))
        .route("/assets/console.css", get(asset::style))
        .route("/assets/console.js", get(asset::script))
        .route("/assets/mark.svg", get(asset::mark))
        .merge(pages)
        .layer(middleware::map_response(door::close_in))
}
