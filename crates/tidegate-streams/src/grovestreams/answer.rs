//! The shapes that all answers of the dialect share.

use crate::fault::Fault;
use crate::reply::{self, ReplyBody};
use http::{HeaderValue, Response, header};
use serde_json::json;

/// A refusal in the platform's shape.
pub(super) fn fault(fault: &Fault) -> Response<ReplyBody> {
    let document = json!({"success": false, "message": fault.message});
    let mut response = reply::json(fault.status, &document);
    if let Some(allow) = fault.allow {
        let allow = HeaderValue::from_static(allow);
        response.headers_mut().insert(header::ALLOW, allow);
    }
    response
}
