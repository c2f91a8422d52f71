//! Reasons why a request is not answered as asked, before a dialect gives them its shape.

use crate::body::BodyError;
use crate::directory::DirectoryError;
use crate::query::QueryError;
use crate::store::WriteError;
use http::StatusCode;

/// A refusal or failure: an HTTP status and a sentence that names what was found and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) status: StatusCode,
    pub(crate) message: String,
    /// The methods the path has, for 405.
    pub(crate) allow: Option<&'static str>,
}

impl Fault {
    fn new(status: StatusCode, message: impl Into<String>) -> Fault {
        Fault {
            status,
            message: message.into(),
            allow: None,
        }
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Fault {
        Fault::new(StatusCode::BAD_REQUEST, message)
    }

    pub(crate) fn forbidden(message: impl Into<String>) -> Fault {
        Fault::new(StatusCode::FORBIDDEN, message)
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Fault {
        Fault::new(StatusCode::NOT_FOUND, message)
    }

    pub(crate) fn asks_too_much(message: impl Into<String>) -> Fault {
        Fault::new(StatusCode::UNPROCESSABLE_ENTITY, message)
    }

    pub(crate) fn wrong_method(found: &http::Method, allow: &'static str) -> Fault {
        Fault {
            status: StatusCode::METHOD_NOT_ALLOWED,
            message: format!("METHOD NOT ALLOWED - {found} is not among {allow}"),
            allow: Some(allow),
        }
    }

    /// Details go to the log, not to the caller.
    pub(crate) fn internal(cause: impl std::fmt::Display) -> Fault {
        tracing::error!(%cause, "streams: a request failed inside");
        Fault::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "INTERNAL_ERROR - the server's log has the cause",
        )
    }
}

impl From<QueryError> for Fault {
    fn from(error: QueryError) -> Fault {
        Fault::bad_request(error.to_string())
    }
}

impl From<BodyError> for Fault {
    fn from(error: BodyError) -> Fault {
        let status = match error {
            BodyError::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            BodyError::Broken(_) | BodyError::NotGzip(_) => StatusCode::BAD_REQUEST,
            BodyError::Coding(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        };
        Fault::new(status, error.to_string())
    }
}

impl From<DirectoryError> for Fault {
    fn from(error: DirectoryError) -> Fault {
        Fault::internal(error)
    }
}

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Fault {
        Fault::internal(error)
    }
}

impl From<WriteError> for Fault {
    fn from(error: WriteError) -> Fault {
        match error {
            WriteError::Busy | WriteError::Closed => Fault::new(StatusCode::SERVICE_UNAVAILABLE, error.to_string()),
            WriteError::Full => Fault::new(StatusCode::INSUFFICIENT_STORAGE, error.to_string()),
            WriteError::Type(mismatch) => Fault::bad_request(mismatch.to_string()),
            WriteError::Refused(why) => Fault::bad_request(why),
            WriteError::Storage(cause) => Fault::internal(cause),
        }
    }
}
