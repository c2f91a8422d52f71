//! The console: the admin API as pages for a browser.
//!
//! Each page shows what handlers of the admin API answer, and each form calls one of them. The console has no other
//! access to the engine or the accounts.

mod actions;
mod assets;
mod callers;
mod create;
mod decision;
mod form_state;
mod layout;
mod limits;
mod login;
mod month_chart;
mod one_caller;
mod overrides;
mod overview;
mod session_check;
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
        .route("/console/callers", get(callers::list).post(create::user))
        .route("/console/callers/{name}", get(one_caller::show).post(create::of_caller))
        .route("/console/callers/{name}/pardon", post(actions::pardon))
        .route("/console/callers/{name}/override", post(actions::set_override))
        .route("/console/overrides", get(overrides::list))
        .route("/console/overrides/end", post(actions::end_override))
        .route("/console/sockets/{id}/close", post(actions::close_socket))
        .route("/console/tokens/{id}/revoke", post(actions::revoke_token))
        .route("/console/stations/{id}/share", post(actions::share_station))
        .route("/console/stations/{id}/unshare", post(actions::unshare_station))
        .route("/console/decisions/{id}", get(decision::show))
        .route("/console/limits", get(limits::show))
        .route("/console/usage", get(usage::show))
        .route("/console/audit", get(trail::list))
        .route("/console/{*rest}", any(layout::no_such_page))
        .route("/logout", post(login::log_out))
        .route_layer(middleware::from_fn_with_state(admin.clone(), session_check::let_in));
    Router::new()
        .route("/login", get(login::show).post(login::log_in))
        .route("/assets/console.css", get(assets::style))
        .route("/assets/console.js", get(assets::script))
        .route("/assets/mark.svg", get(assets::mark))
        .merge(pages)
        .layer(middleware::map_response(session_check::close_in))
}
