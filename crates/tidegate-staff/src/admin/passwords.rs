//! Passwords by which users log in to the stream platform's API.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use tidegate_accounts::{AccountsError, Password};

use super::{
    Admin,
    extract::{Body, Path},
    problem::Problem,
    staff::Owner,
};

// No `Debug`: it holds the secret.
/// A password to set.
#[derive(Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordSet {
    /// The password: at least 8 characters and at most 256 bytes, without control characters.
    // Any value is read, because serde's error about a wrong one would repeat it.
    #[schema(value_type = String, format = Password, min_length = 8, max_length = 256)]
    pub password: serde_json::Value,
}

/// Sets a user's password and replaces the one they had. Their sessions end; tokens stay.
#[utoipa::path(put, path = "/users/{name}/password", tag = "users", params(("name" = String, Path, description = "The user's name.")), request_body = PasswordSet, responses(
    (status = 204, description = "The password is set."),
    (status = 404, description = "There is no such user.", body = Problem),
    (status = 422, description = "The password is not accepted.", body = Problem),
    (status = 503, description = "Too many passwords are being checked; try again in a moment.", body = Problem),
))]
pub async fn set(
    State(admin): State<Arc<Admin>>,
    Owner(staff): Owner,
    Path(name): Path<String>,
    Body(new): Body<PasswordSet>,
) -> Result<StatusCode, Problem> {
    let serde_json::Value::String(password) = new.password else {
        return Err(Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "`password` must be a string",
        ));
    };
    let (actor, password) = (staff.actor(), Password::new(password));
    let set = admin.accounts.password_set(&actor, &name, password, admin.now_ms());
    set.await.map_err(problem)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Removes a user's password. They cannot log in any more, and their sessions end; tokens stay.
#[utoipa::path(delete, path = "/users/{name}/password", tag = "users", params(("name" = String, Path, description = "The user's name.")), responses(
    (status = 204, description = "The user has no password."),
    (status = 404, description = "There is no such user.", body = Problem),
))]
pub async fn remove(
    State(admin): State<Arc<Admin>>,
    Owner(staff): Owner,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    let actor = staff.actor();
    admin.accounts.password_remove(&actor, &name, admin.now_ms()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Turns an error into a problem. A busy password check is no fault of the accounts.
fn problem(error: AccountsError) -> Problem {
    match error {
        AccountsError::Busy => Problem::new(StatusCode::SERVICE_UNAVAILABLE, error.to_string()),
        error => error.into(),
    }
}
