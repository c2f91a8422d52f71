//! The OpenAPI description of the admin API, generated from the handlers.

use axum::Json;
use utoipa::{
    Modify, OpenApi,
    openapi::{
        Content, ContentBuilder, Ref, RefOr, Response, ResponseBuilder,
        path::{Operation, PathItem},
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

use super::{
    callers, decisions, health, limit_history, limits, login_link, metrics, passwords, policy_routes, reload, sockets,
    stations, stats, tokens, trail, usage, users,
};

/// The description.
#[derive(OpenApi)]
#[openapi(
    info(title = "Tidegate admin API", description = "Administration of users, tokens, stations, limits, decisions and usage."),
    paths(
        health::alive, health::ready, metrics::serve,
        callers::list,
        users::add, users::list, users::show, users::pardon,
        passwords::set, passwords::remove,
        tokens::create, tokens::list, tokens::revoke,
        stations::add, stations::share, stations::unshare, stations::of_user,
        sockets::open, sockets::of_user, sockets::close,
        limits::list, limits::show, limits::overrides, limits::set, limits::unset, limits::all_overrides,
        policy_routes::list, limit_history::show,
        reload::last, reload::now,
        stats::show, stats::top,
        decisions::show, decisions::of_user,
        trail::list,
        usage::month, usage::days::list, usage::verify,
        login_link::create,
    ),
    modifiers(&Bearer, &Problems),
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

/// Adds to every operation the error answers that no handler declares itself.
struct Problems;

impl Modify for Problems {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        for operation in openapi.paths.paths.values_mut().flat_map(operations) {
            let is_open = operation.security.is_some();
            let responses = &mut operation.responses.responses;
            for (_, response) in responses.iter_mut().filter(|(status, _)| status.as_str() >= "400") {
                if let RefOr::T(response) = response {
                    *response = problem(&response.description);
                }
            }
            let shared = [
                (
                    "401",
                    "The request has no valid admin token and no console session.",
                    !is_open,
                ),
                (
                    "403",
                    "The role does not allow this, or the request comes from another site.",
                    true,
                ),
                (
                    "default",
                    "The request cannot be carried out; `detail` says why, and what would be right.",
                    true,
                ),
            ];
            for (status, description, applies) in shared {
                if applies && !responses.contains_key(status) {
                    responses.insert(status.to_owned(), RefOr::T(problem(description)));
                }
            }
        }
    }
}

/// Returns the operations of a path, of the methods that this API uses.
fn operations(path: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem {
        get, put, post, delete, ..
    } = path;
    [get, put, post, delete].into_iter().flatten()
}

fn problem(description: &str) -> Response {
    let schema: Content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("Problem")))
        .build();
    let response = ResponseBuilder::new().description(description);
    response.content("application/problem+json", schema).build()
}

/// Returns the description as a document (OpenAPI 3.1).
pub fn document() -> utoipa::openapi::OpenApi {
    Description::openapi()
}

/// `GET /openapi.json`.
pub async fn serve() -> Json<utoipa::openapi::OpenApi> {
    Json(document())
}
