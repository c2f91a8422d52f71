//! Users: adds, lists, shows and pardons them.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use tidegate_accounts::{AccountsError, NewUser, User, bounds};

use super::{
    Admin,
    extract::{Body, Path},
    problem::Problem,
    staff::{Owner, Support},
};
use crate::explanation::instant;

/// A user to add.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserAdd {
    /// The user's name.
    #[schema(pattern = "^[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}$")]
    pub user: String,
    /// The organisation; the default is a new one with the user's name.
    #[serde(default)]
    #[schema(pattern = "^[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}$")]
    pub tenant: Option<String>,
    /// The plan that they bought: a `[plan.NAME]` of the limits file.
    #[serde(default)]
    pub plan: Option<String>,
}

/// A user.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct UserRow {
    /// The user's name.
    pub user: String,
    /// The user's organisation.
    pub tenant: String,
    /// The plan that they bought.
    pub plan: Option<String>,
    /// The time at which they were added, RFC 3339 in UTC.
    pub created: String,
}

/// The counts to clear.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Pardon {
    /// The limit whose counts to clear; the default is all limits.
    #[serde(default)]
    pub limit: Option<String>,
}

/// The counts that were cleared.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Pardoned {
    /// The user's name.
    pub user: String,
    /// The number of counters that were not empty and were cleared.
    pub cells: usize,
}

/// Adds a user.
#[utoipa::path(post, path = "/users", tag = "users", request_body = UserAdd, responses(
    (status = 201, description = "The user.", body = UserRow),
    (status = 409, description = "The name is taken, or it is a tenant's name and no tenant was given.", body = Problem),
    (status = 422, description = "The name is not accepted.", body = Problem),
))]
pub async fn add(
    State(admin): State<Arc<Admin>>,
    Owner(staff): Owner,
    Body(new): Body<UserAdd>,
) -> Result<(StatusCode, Json<UserRow>), Problem> {
    let new = NewUser {
        name: new.user,
        tenant: new.tenant,
        plan: new.plan,
    };
    if new.tenant.is_none() && admin.has_tenant_table(&new.name) {
        return Err(Problem::from(AccountsError::TenantThere { name: new.name }));
    }
    let user = admin.accounts.user_add(&staff.actor(), new, admin.now_ms()).await?;
    Ok((StatusCode::CREATED, Json(UserRow::from(user))))
}

/// Lists users.
#[utoipa::path(get, path = "/users", tag = "users", responses((status = 200, description = "The users.", body = Vec<UserRow>)))]
pub async fn list(State(admin): State<Arc<Admin>>) -> Result<Json<Vec<UserRow>>, Problem> {
    let users = admin.accounts.users(bounds::ROWS_PER_LIST_MAX).await?;
    Ok(Json(users.into_iter().map(UserRow::from).collect()))
}

/// Shows one user.
#[utoipa::path(get, path = "/users/{name}", tag = "users", params(("name" = String, Path, description = "The user's name.")), responses(
    (status = 200, description = "The user.", body = UserRow),
    (status = 404, description = "There is no such user.", body = Problem),
))]
pub async fn show(State(admin): State<Arc<Admin>>, Path(name): Path<String>) -> Result<Json<UserRow>, Problem> {
    Ok(Json(admin.user(&name).await?.into()))
}

/// Clears what was counted of a user, and records it in the audit trail.
#[utoipa::path(post, path = "/users/{name}/pardon", tag = "users", params(("name" = String, Path, description = "The user's name.")), request_body = Pardon, responses(
    (status = 200, description = "The counts that were cleared.", body = Pardoned),
    (status = 404, description = "There is no such user or limit.", body = Problem),
))]
pub async fn pardon(
    State(admin): State<Arc<Admin>>,
    Support(staff): Support,
    Path(name): Path<String>,
    Body(pardon): Body<Pardon>,
) -> Result<Json<Pardoned>, Problem> {
    let user = admin.caller(&name).await?;
    if let Some(limit) = &pardon.limit {
        admin.require_limit(limit)?;
    }
    let now = admin.engine.clock.now();
    let detail = serde_json::json!({ "limit": pardon.limit }).to_string();
    admin
        .accounts
        .audit_note(&staff.actor(), "pardon", &user.name, &detail, now.wall_ms)
        .await?;
    let cells = admin.engine.pardon(&user.name, pardon.limit.as_deref(), now);
    Ok(Json(Pardoned { user: user.name, cells }))
}

// === impl Admin ===

impl Admin {
    /// Finds the user of a name; the problem is 404 where there is none.
    pub(super) async fn user(&self, name: &str) -> Result<User, Problem> {
        match self.accounts.user(name).await? {
            Some(user) => Ok(user),
            None => Err(Problem::new(
                StatusCode::NOT_FOUND,
                format!("there is no user {name:?}"),
            )),
        }
    }
}

// === impl UserRow ===

impl From<User> for UserRow {
    fn from(user: User) -> UserRow {
        UserRow {
            user: user.name,
            tenant: user.tenant,
            plan: user.plan,
            created: instant(user.created_ms),
        }
    }
}
