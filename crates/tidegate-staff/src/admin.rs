//! The admin API. It has its own listener, loopback by default, takes a bearer token, and checks Host and Origin.

pub mod auth;
mod caller_lookup;
pub mod callers;
pub mod decisions;
pub mod extract;
pub mod health;
pub mod limit_history;
pub mod limits;
pub mod login_link;
pub mod login_secret;
mod metrics;
mod openapi;
pub mod passwords;
pub mod policy_routes;
pub mod problem;
pub mod reload;
pub mod session;
pub mod sockets;
pub mod staff;
pub mod stations;
pub mod stats;
pub mod tokens;
pub mod trail;
pub mod usage;
pub mod users;

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Router, middleware,
    routing::{delete, get, post, put},
};
use tidegate_accounts::{Accounts, AccountsError};
use tidegate_core::{overrides, overrides::Overrides};
use tidegate_engine::engine::Engine;
use tidegate_gateway::Gateway;
use tokio::sync::watch;

use crate::{program::Program, vouched_callers::VouchedCallers};

pub use limits::{OverrideSet, OverrideUnset};
pub use login_link::{LinkCreate, LinkCreated};
pub use openapi::document;
pub use passwords::PasswordSet;
pub use stations::{StationAdd, StationAdded};
pub use stats::{LimitRefusals, Order, RouteRequests, ServerRow, Span, SpanStats, TopCaller};
pub use tokens::{TokenCreate, TokenCreated};
pub use users::{Pardon, Pardoned, UserAdd, UserRow};

/// The state that the handlers share.
pub struct Admin {
    /// The engine, for counts and refusals.
    pub engine: Arc<Engine>,
    /// The gateway, for requests in progress and the state of the upstreams.
    pub gateway: Gateway,
    /// The accounts.
    pub accounts: Accounts,
    /// The callers that were vouched for.
    pub vouched: Arc<VouchedCallers>,
    /// The bearer token.
    pub token: String,
    /// The address of the listener; it decides which Host fields are accepted.
    pub listen: SocketAddr,
    /// The program behind the API.
    pub program: Arc<dyn Program>,
    /// The sessions of the console.
    pub sessions: session::Sessions,
    /// The login links that are not used yet.
    pub links: Arc<login_link::Links>,
    /// The samples of what callers used.
    pub traces: limit_history::LimitHistory,
    /// True while the server shuts down: requests in progress finish, and no new ones are accepted.
    pub ending: watch::Receiver<bool>,
    /// The lock that is held while overrides are written and put in force.
    pub overrides_turn: tokio::sync::Mutex<()>,
}

/// The most bytes that a request body of this API may have.
pub(crate) const BODY_BYTES_MAX: usize = 64 * 1024;

/// Returns the routes of the API. All but health, metrics and the description require a staff credential.
pub fn routes(admin: &Arc<Admin>) -> Router<Arc<Admin>> {
    let guarded = Router::new()
        .route("/users", get(users::list).post(users::add))
        .route("/callers", get(callers::list))
        .route("/users/{name}", get(users::show))
        .route("/users/{name}/password", put(passwords::set).delete(passwords::remove))
        .route("/users/{name}/stations", get(stations::of_user))
        .route("/users/{name}/trace", get(limit_history::show))
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
        .route("/sockets", get(sockets::open))
        .route("/sockets/{id}", delete(sockets::close))
        .route("/limits", get(limits::list))
        .route(
            "/limits/{limit}/overrides",
            get(limits::overrides).put(limits::set).delete(limits::unset),
        )
        .route("/overrides", get(limits::all_overrides))
        .route("/routes", get(policy_routes::list))
        .route("/reload", get(reload::last).post(reload::now))
        .route("/decisions/{id}", get(decisions::show))
        .route("/stats", get(stats::show))
        .route("/top", get(stats::top))
        .route("/audit", get(trail::list))
        .route("/usage", get(usage::month))
        .route("/usage/days", get(usage::days::list))
        .route("/usage/verify", get(usage::verify))
        .route("/console/links", post(login_link::create))
        .route_layer(middleware::from_fn_with_state(admin.clone(), auth::require_staff));
    Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(metrics::serve))
        .route("/openapi.json", get(openapi::serve))
        .merge(guarded)
}

/// Reads the overrides from the accounts, in the form that the engine takes.
///
/// # Errors
/// Fails when the database does.
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
    pub(crate) fn now_ms(&self) -> i64 {
        self.engine.clock.now().wall_ms
    }
}
