//! The router of the admin listener: the admin API and the console, behind the checks that both share.

use std::sync::Arc;

use axum::{Router, extract::DefaultBodyLimit, middleware};

use crate::{
    admin::{self, Admin, BODY_BYTES_MAX, auth, problem},
    console,
};

/// Returns the admin API and the console as one router. Every request passes the check of its Host and Origin.
pub fn router(admin: Arc<Admin>) -> Router {
    admin::routes(&admin)
        .merge(console::routes(&admin))
        .fallback(problem::no_such_path)
        .method_not_allowed_fallback(problem::no_such_method)
        .layer(middleware::from_fn_with_state(admin.clone(), auth::check_host))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .with_state(admin)
}
