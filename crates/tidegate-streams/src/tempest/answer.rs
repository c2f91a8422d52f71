//! The shapes that all answers of the dialect share.

use crate::fault::Fault;
use crate::reply::{self, ReplyBody};
use http::{HeaderValue, Response, StatusCode, header};
use serde_json::{Value, json};

/// The platform's text for an answer with nothing to show; clients compare this text.
pub(super) const EMPTY: &str = "SUCCESS - Either no capabilities or no recent observations";

/// The `status` member of an answer.
pub(super) fn status(empty: bool) -> Value {
    let message = if empty { EMPTY } else { "SUCCESS" };
    json!({"status_code": 0, "status_message": message})
}

/// 200 with a document.
pub(super) fn ok(document: &Value) -> Response<ReplyBody> {
    reply::json(StatusCode::OK, document)
}

/// `status_code` of a refusal: the HTTP status, but 1 for a failure inside, as the platform has it.
pub(super) fn code(fault: &Fault) -> u16 {
    match fault.status {
        StatusCode::INTERNAL_SERVER_ERROR => 1,
        status => status.as_u16(),
    }
}

/// A refusal.
pub(super) fn fault(fault: &Fault) -> Response<ReplyBody> {
    let status = json!({"status_code": code(fault), "status_message": fault.message});
    let mut response = reply::json(fault.status, &json!({"status": status}));
    if let Some(allow) = fault.allow {
        let allow = HeaderValue::from_static(allow);
        response.headers_mut().insert(header::ALLOW, allow);
    }
    response
}
