//! Callers found by a part of a name: our users, and those whom others vouch for.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};

use super::{
    Admin,
    problem::Problem,
    read::{self, Query},
};

/// Somebody found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct CallerRow {
    /// The name they count by.
    pub caller: String,
    /// Their organisation.
    pub tenant: String,
    /// What they bought.
    pub plan: Option<String>,
    /// Whether an issuer or a listed proxy names them; if not, they have an account here.
    pub vouched: bool,
    /// Sockets they have open.
    pub sockets: usize,
}

/// Whom to find.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Found {
    /// A part of the name or of the tenant's; without it, everybody.
    #[serde(default)]
    pub find: String,
    /// At most so many of each kind; 100 without it.
    #[param(minimum = 1, maximum = 1000)]
    pub limit: Option<u32>,
}

/// Rows of each kind that one answer has at most.
pub const ROWS_MAX: u32 = 1_000;

/// Users with an account by name, then those vouched for lately, the last seen first.
#[utoipa::path(get, path = "/callers", tag = "users", params(Found), responses((status = 200, description = "The callers.", body = Vec<CallerRow>)))]
pub async fn list(
    State(admin): State<Arc<Admin>>,
    Query(found): Query<Found>,
) -> Result<Json<Vec<CallerRow>>, Problem> {
    let limit = read::rows(found.limit, 100, ROWS_MAX)?;
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
