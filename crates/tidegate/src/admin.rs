//! The admin API: its own listener, loopback by default, a bearer token, Host and Origin checked.

mod auth;
mod caller;
mod decisions;
mod health;
mod limits;
mod metrics;
mod openapi;
mod problem;
mod reload;
mod sockets;
mod stations;
mod stats;
mod tokens;
mod trail;
pub mod usage;
mod users;

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Router, middleware,
    routing::{delete, get, post, put},
};
use tidegate_accounts::{Accounts, AccountsError, Actor};
use tidegate_core::{overrides, overrides::Overrides};
use tidegate_engine::engine::Engine;
use tidegate_gateway::Gateway;
use tokio::sync::watch;

use crate::{authority::Registry, counts::keeper::Keeper, reload::Reload, usage::Usage};

pub use limits::{OverrideSet, OverrideUnset};
pub use openapi::document;
pub use stations::{StationAdd, StationAdded};
pub use stats::{LimitRefusals, Order, RouteRequests, ServerRow, Span, SpanStats, TopCaller};
pub use tokens::{TokenCreate, TokenCreated};
pub use users::{Pardon, Pardoned, UserAdd, UserRow};

/// What the handlers share.
pub struct Admin {
    /// The engine, for what is counted and what was refused.
    pub engine: Arc<Engine>,
    /// The doors, for what is at work and how the upstreams stand.
    pub gateway: Gateway,
    /// The accounts.
    pub accounts: Accounts,
    /// Who was vouched for.
    pub registry: Arc<Registry>,
    /// The bearer token.
    pub token: String,
    /// Where the listener stands; decides which Host fields are believed.
    pub listen: SocketAddr,
    /// Reads the limits file again.
    pub reload: Arc<Reload>,
    /// Writes counts down.
    pub keeper: Arc<Keeper>,
    /// What was used.
    pub usage: Arc<Usage>,
    /// Whether the server ends: requests under way finish, and nothing new is accepted.
    pub ending: watch::Receiver<bool>,
    /// Held while overrides are written and put in force.
    pub overrides_turn: tokio::sync::Mutex<()>,
}

/// Most bytes of a request body of this API.
const BODY_BYTES_MAX: usize = 64 * 1024;

/// The API as a router.
pub fn router(admin: Arc<Admin>) -> Router {
    let guarded = Router::new()
        .route("/users", get(users::list).post(users::add))
        .route("/users/{name}", get(users::show))
        .route("/users/{name}/limits", get(limits::show))
        .route("/users/{name}/decisions", get(decisions::of_user))
        .route("/users/{name}/pardon", post(users::pardon))
        .route("/tokens", get(tokens::list).post(tokens::create))
        .route("/tokens/{id}", delete(tokens::revoke))
        .route("/stations", post(stations::add))
        .route(
            "/stations/{id}/shares/{user}",
            put(stations::share).delete(stations::unshare),
        )
        .route("/users/{name}/sockets", get(sockets::of_user))
        .route("/sockets/{id}", delete(sockets::close))
        .route("/limits", get(limits::list))
        .route(
            "/limits/{limit}/overrides",
            get(limits::overrides).put(limits::set).delete(limits::unset),
        )
        .route("/reload", get(reload::last).post(reload::now))
        .route("/decisions/{id}", get(decisions::show))
        .route("/stats", get(stats::show))
        .route("/top", get(stats::top))
        .route("/audit", get(trail::list))
        .route("/usage", get(usage::month))
        .route("/usage/verify", get(usage::verify))
        .route_layer(middleware::from_fn_with_state(admin.clone(), auth::require_token));
    Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(metrics::serve))
        .route("/openapi.json", get(openapi::serve))
        .merge(guarded)
        .fallback(problem::no_such_path)
        .method_not_allowed_fallback(problem::no_such_method)
        .layer(middleware::from_fn_with_state(admin.clone(), auth::check_host))
        .layer(axum::extract::DefaultBodyLimit::max(BODY_BYTES_MAX))
        .with_state(admin)
}

/// The overrides in the accounts, as the engine takes them.
///
/// # Errors
/// When the database fails.
pub async fn load_overrides(accounts: &Accounts) -> Result<Overrides, AccountsError> {
    let mut loaded = Overrides::default();
    for row in accounts.overrides().await? {
        let value = overrides::Override {
            quota: u32::try_from(row.quota).unwrap_or(u32::MAX),
            until_ms: row.until_ms,
        };
        match &row.scope {
            tidegate_accounts::OverrideScope::User(name) => loaded.set_user(&row.limit, name, value),
            tidegate_accounts::OverrideScope::Tenant(name) => loaded.set_tenant(&row.limit, name, value),
        }
    }
    Ok(loaded)
}

impl Admin {
    /// Who the audit trail names: there is one admin token, so one name.
    fn actor(&self) -> Actor {
        Actor("admin".to_owned())
    }

    fn now_ms(&self) -> i64 {
        self.engine.clock.now().wall_ms
    }
}
