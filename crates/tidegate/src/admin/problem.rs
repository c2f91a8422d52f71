//! Errors of the admin API, as RFC 9457 problem details.

use axum::{
    Json,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use tidegate_accounts::AccountsError;

/// What went wrong and what would be right.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Problem {
    /// Always `about:blank`: the status says the kind.
    pub r#type: &'static str,
    /// The status in words.
    pub title: String,
    /// The status.
    pub status: u16,
    /// What is wrong, in a sentence.
    pub detail: String,
}

impl Problem {
    /// A problem of this status.
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Problem {
        let title = status.canonical_reason().unwrap_or("Error").to_owned();
        Problem {
            r#type: "about:blank",
            title,
            status: status.as_u16(),
            detail: detail.into(),
        }
    }
}

/// A path that does not exist.
pub async fn no_such_path() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "there is no such path; /openapi.json lists them")
}

/// A method that a path does not have.
pub async fn no_such_method() -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "this path does not have that method; /openapi.json lists them",
    )
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let type_field = [(header::CONTENT_TYPE, "application/problem+json")];
        let mut answer = (status, type_field, Json(&self)).into_response();
        // The console shows the same problem as a page.
        answer.extensions_mut().insert(self);
        answer
    }
}

impl From<AccountsError> for Problem {
    fn from(error: AccountsError) -> Problem {
        use AccountsError as E;
        let status = match &error {
            E::NoSuchUser { .. } | E::NoSuchTenant { .. } | E::NoSuchStation { .. } | E::NoSuchToken { .. } => {
                StatusCode::NOT_FOUND
            }
            E::NameTaken { .. } | E::TenantThere { .. } | E::SerialTaken { .. } => StatusCode::CONFLICT,
            refusal if refusal.is_refusal() => StatusCode::UNPROCESSABLE_ENTITY,
            fault => {
                tracing::error!(error = %fault, "the accounts failed");
                StatusCode::SERVICE_UNAVAILABLE
            }
        };
        Problem::new(status, error.to_string())
    }
}
