//! The shapes that answers of the dialect share.

use super::limits::{ANSWER_BYTES_MAX, SAMPLES_PER_GET_MAX};
use crate::fault::Fault;
use crate::reply::{self, ReplyBody};
use http::{HeaderValue, Response, StatusCode, header};
use serde_json::{Value, json};

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

/// One member in the platform's envelope.
pub(super) fn envelope(member: &str, value: Value) -> Response<ReplyBody> {
    reply::json(StatusCode::OK, &json!({"message": "", member: value, "success": true}))
}

/// The bytes and samples left of one answer, over all of its streams.
pub(super) struct Room {
    points: u32,
    bytes: usize,
    full: bool,
}

impl Room {
    pub(super) fn new() -> Room {
        Room {
            points: SAMPLES_PER_GET_MAX,
            bytes: ANSWER_BYTES_MAX,
            full: false,
        }
    }

    /// Points that still fit.
    pub(super) fn points(&self) -> u32 {
        self.points
    }

    /// Takes a point of so many bytes, or says that it is one too many.
    pub(super) fn take(&mut self, bytes: usize) -> bool {
        self.full |= self.points == 0 || bytes > self.bytes;
        if !self.full {
            self.points -= 1;
            self.bytes -= bytes;
        }
        !self.full
    }

    /// Says that there is too much, before it is read.
    pub(super) fn overfill(&mut self) {
        self.full = true;
    }

    /// The refusal of a read that asked for more than fits.
    pub(super) fn check(&self) -> Result<(), Fault> {
        match self.full {
            true => Err(Fault::asks_too_much(format!(
                "the range holds over {SAMPLES_PER_GET_MAX} points or {ANSWER_BYTES_MAX} bytes; \
                 narrow it, name fewer streams, or give limit"
            ))),
            false => Ok(()),
        }
    }
}
