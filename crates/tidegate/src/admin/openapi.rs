//! The API's description, made from the handlers.

use axum::Json;
use utoipa::{
    Modify, OpenApi,
    openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};

use super::{
    callers, decisions, health, limits, link, metrics, reload, routes, sockets, stations, stats, tokens, trace, trail,
    usage, users,
};

/// The description.
#[derive(OpenApi)]
#[openapi(
    info(title = "Tidegate admin API", description = "What staff do: users, tokens, stations, limits, decisions, usage."),
    paths(
        health::alive, health::ready, metrics::serve,
        callers::list,
        users::add, users::list, users::show, users::pardon,
        tokens::create, tokens::list, tokens::revoke,
        stations::add, stations::share, stations::unshare, stations::of_user,
        sockets::open, sockets::of_user, sockets::close,
        limits::list, limits::show, limits::overrides, limits::set, limits::unset, limits::all_overrides,
        routes::list, trace::show,
        reload::last, reload::now,
        stats::show, stats::top,
        decisions::show, decisions::of_user,
        trail::list,
        usage::month, usage::verify,
        link::create,
    ),
    modifiers(&Bearer),
    security(("admin_token" = [])),
)]
struct Description;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let scheme = SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build());
        openapi
            .components
            .get_or_insert_default()
            .add_security_scheme("admin_token", scheme);
    }
}

/// The description as a document (OpenAPI 3.1).
pub fn document() -> utoipa::openapi::OpenApi {
    Description::openapi()
}

/// `GET /openapi.json`.
pub async fn serve() -> Json<utoipa::openapi::OpenApi> {
    Json(document())
}
