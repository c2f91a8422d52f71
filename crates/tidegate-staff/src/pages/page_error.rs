//! The error of a page: a status and a sentence.

use http::StatusCode;
use tidegate_accounts::AccountsError;

/// An error of a page: a status, and a sentence that says what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageError {
    pub status: StatusCode,
    pub detail: String,
}

impl PageError {
    pub fn new(status: StatusCode, detail: impl Into<String>) -> PageError {
        PageError {
            status,
            detail: detail.into(),
        }
    }

    /// Creates the error of a body, or of a field of it, that cannot be read.
    pub fn unread(detail: String) -> PageError {
        PageError::new(StatusCode::BAD_REQUEST, detail)
    }
}

impl From<AccountsError> for PageError {
    fn from(error: AccountsError) -> PageError {
        use AccountsError as E;
        let status = match &error {
            E::NotOwner { .. } => StatusCode::FORBIDDEN,
            E::NoSuchUser { .. } | E::NoSuchStation { .. } | E::NoSuchToken { .. } => StatusCode::NOT_FOUND,
            refusal if refusal.is_refusal() => StatusCode::UNPROCESSABLE_ENTITY,
            fault => {
                tracing::error!(error = %fault, "the accounts failed");
                let detail = "The accounts database did not answer. Please try again.";
                return PageError::new(StatusCode::SERVICE_UNAVAILABLE, detail);
            }
        };
        PageError::new(status, format!("{error}."))
    }
}
