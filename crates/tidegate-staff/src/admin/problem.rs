//! Errors of the admin API, as RFC 9457 problem details.

use axum::{
    Json,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use tidegate_accounts::AccountsError;

/// An error, and what would be right.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Problem {
    /// Always `about:blank`: the status says the kind.
    pub r#type: &'static str,
    /// The name of the status.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// The error, in a sentence.
    pub detail: String,
    /// The field of the request's body that the error is about, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<&'static str>,
}

impl Problem {
    /// Creates a problem of this status.
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Problem {
        let title = status.canonical_reason().unwrap_or("Error").to_owned();
        Problem {
            r#type: "about:blank",
            title,
            status: status.as_u16(),
            detail: detail.into(),
            field: None,
        }
    }

    /// Names the field of the request's body that the problem is about.
    #[must_use]
    pub fn about(self, field: &'static str) -> Problem {
        Problem {
            field: Some(field),
            ..self
        }
    }
}

/// Answers a request for a path that does not exist.
pub async fn no_such_path() -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        "there is no such path; /openapi.json lists the paths",
    )
}

/// Answers a request with a method that the path does not support.
pub async fn no_such_method() -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "this path does not support the method; /openapi.json lists the methods",
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
        Problem {
            field: field(&error),
            ..Problem::new(status, error.to_string())
        }
    }
}

/// Returns the field of a body that a refusal of the accounts is about.
fn field(error: &AccountsError) -> Option<&'static str> {
    use AccountsError as E;
    match error {
        E::BadName { what, .. } | E::HoldsSecret { what } | E::OutOfRange { what, .. } => match *what {
            "a user's name" => Some("user"),
            "a tenant's name" => Some("tenant"),
            "a plan's name" => Some("plan"),
            "a station's name" | "a token's name" => Some("name"),
            "a serial number" => Some("serial"),
            "a time zone" => Some("timezone"),
            "a latitude" => Some("latitude"),
            "a longitude" => Some("longitude"),
            "an elevation" => Some("elevation_m"),
            _ => None,
        },
        E::NoSuchUser { .. } | E::NameTaken { .. } => Some("user"),
        E::NoSuchTenant { .. } | E::TenantThere { .. } => Some("tenant"),
        E::SerialTaken { .. } => Some("serial"),
        E::ExpiresInPast { .. } | E::ExpiryRequired => Some("expires_s"),
        E::StationsRequired | E::OutOfReach { .. } | E::NoSuchStation { .. } => Some("stations"),
        E::KindNotIssued { .. } => Some("kind"),
        _ => None,
    }
}
