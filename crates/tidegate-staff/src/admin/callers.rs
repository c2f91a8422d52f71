//! `GET /callers`: users and vouched callers, found by a part of a name.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};

use super::{
    Admin,
    extract::{self, Query},
    problem::Problem,
};

/// A caller that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct CallerRow {
    /// The name that the caller counts by.
    pub caller: String,
    /// The caller's organisation.
    pub tenant: String,
    /// The plan that the caller bought.
    pub plan: Option<String>,
    /// True when an issuer or a listed proxy names the caller, and false when they have an account here.
    pub vouched: bool,
    /// The number of open sockets.
    pub sockets: usize,
}

/// The query of a search for callers.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CallersQuery {
    /// A part of the name or of the tenant's name. Without it, all callers match.
    #[serde(default)]
    pub find: String,
    /// The most rows of each kind to return; the default is 100.
    #[param(minimum = 1, maximum = 1000)]
    pub limit: Option<u32>,
}

/// The most rows of each kind in one answer.
pub const ROWS_MAX: u32 = 1_000;

/// Lists callers: users with an account by name, then vouched callers seen recently, the last seen first.
#[utoipa::path(get, path = "/callers", tag = "users", params(CallersQuery), responses((status = 200, description = "The callers.", body = Vec<CallerRow>)))]
pub async fn list(
    State(admin): State<Arc<Admin>>,
    Query(found): Query<CallersQuery>,
) -> Result<Json<Vec<CallerRow>>, Problem> {
    let limit = extract::rows(found.limit, 100, ROWS_MAX)?;
    let now = admin.engine.clock.now();
    let sockets = |name: &str| admin.engine.sockets.of_user(name, now).len();
    let users = admin.accounts.users_with(&found.find, limit).await?;
    let users = users.into_iter().map(|user| CallerRow {
        sockets: sockets(&user.name),
        caller: user.name,
        tenant: user.tenant,
        plan: user.plan,
        vouched: false,
    });
    let seen = admin.vouched.seen_with(&found.find, limit as usize);
    let vouched = seen.iter().map(|token| CallerRow {
        caller: token.subject.to_string(),
        tenant: token.tenant.to_string(),
        plan: token.plan.as_deref().map(str::to_owned),
        vouched: true,
        sockets: sockets(&token.subject),
    });
    Ok(Json(users.chain(vouched).collect()))
}
