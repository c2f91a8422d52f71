//! The reasons why a login or logout fails.

use std::time::Duration;

use http::StatusCode;
use tidegate_accounts::AccountsError;
use tidegate_core::refusal::span;

/// The reason why a login or logout fails. None holds what was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoginError {
    /// Another site had a browser send it.
    Foreign,
    /// Neither a login nor a logout.
    WrongMethod,
    /// The body has not the form of a login.
    Unread,
    /// Too many wrong passwords were sent; the wait.
    TooOften(Duration),
    /// The name or the password is wrong; which one is not told.
    Wrong,
    /// The request has no session that could end.
    NoSession,
    /// A token was shown that no login made.
    NotASession,
    /// Too many log in at this moment.
    Busy,
    /// The accounts did not answer.
    Failed,
}

/// The wait where too many log in, in seconds.
const BUSY_RETRY_S: u64 = 2;

impl LoginError {
    /// The status that says it.
    pub fn status(&self) -> StatusCode {
        match self {
            LoginError::Foreign => StatusCode::FORBIDDEN,
            LoginError::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
            LoginError::Unread | LoginError::NotASession => StatusCode::BAD_REQUEST,
            LoginError::TooOften(_) => StatusCode::TOO_MANY_REQUESTS,
            LoginError::Wrong | LoginError::NoSession => StatusCode::UNAUTHORIZED,
            LoginError::Busy | LoginError::Failed => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// Returns the time to wait before another try, where that helps.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            LoginError::TooOften(wait) => Some(*wait),
            LoginError::Busy => Some(Duration::from_secs(BUSY_RETRY_S)),
            _ => None,
        }
    }

    /// Returns the fault and its cure.
    pub fn message(&self) -> String {
        match self {
            LoginError::Foreign => "the request came from another site and was refused".to_owned(),
            LoginError::WrongMethod => "POST logs in, DELETE logs out".to_owned(),
            LoginError::Unread => {
                "send a JSON object or a form with `email`, the user's name, and `password`".to_owned()
            }
            LoginError::TooOften(wait) => {
                let wait = span(*wait);
                format!("too many failed logins for this name; wait {wait}, or use a token as `api_key`")
            }
            LoginError::Wrong => "the name or the password is wrong".to_owned(),
            LoginError::NoSession => "the request has no session, or the session has ended".to_owned(),
            LoginError::NotASession => {
                "this token is not a session; it can be revoked with `tidegate token revoke`".to_owned()
            }
            LoginError::Busy => "too many logins at the moment; try again soon".to_owned(),
            LoginError::Failed => "the accounts did not answer; the fault is on our side, try again".to_owned(),
        }
    }
}

impl From<AccountsError> for LoginError {
    fn from(error: AccountsError) -> LoginError {
        match error {
            AccountsError::Busy => LoginError::Busy,
            fault => {
                tracing::error!(error = %fault, "a login failed because of the accounts");
                LoginError::Failed
            }
        }
    }
}
