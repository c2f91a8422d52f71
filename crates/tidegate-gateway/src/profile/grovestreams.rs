//! The GroveStreams dialect: `success` and `message` beside the problem members.

use http::StatusCode;
use serde_json::{Map, Value};
use tidegate_core::refusal::Refusal;

pub(super) fn finish(mut members: Map<String, Value>, refusal: &Refusal, status: StatusCode) -> Map<String, Value> {
    members.insert("success".into(), false.into());
    members.insert("message".into(), refusal.sentence().into());
    members.insert("status".into(), status.as_u16().into());
    members
}
