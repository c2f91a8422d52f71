//! The API's description, made from the handlers.

use axum::Json;
use utoipa::{
    Modify, OpenApi,
    openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};

use super::{decisions, health, limits, metrics, reload, sockets, stations, stats, tokens, trail, usage, users};

/// The description.
#[derive(OpenApi)]
#[openapi(
    info(title = "Tidegate admin API", description = "What staff do: users, tokens, stations, limits, decisions, usage."),
    paths(
        health::alive, health::ready, metrics::serve,
        users::add, users::list, users::show, users::pardon,
        tokens::create, tokens::list, tokens::revoke,
        stations::add, stations::share, stations::unshare,
        sockets::of_user, sockets::close,
        limits::list, limits::show, limits::overrides, limits::set, limits::unset,
        reload::last, reload::now,
        stats::show, stats::top,
        decisions::show, decisions::of_user,
        trail::list,
        usage::month, usage::verify,
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
