//! The GroveStreams dialect: `success` and `message` beside the problem members.

use http::StatusCode;
use tidegate_core::{
    dialect::{Dialect, Member},
    refusal::Refusal,
};

/// The form of refusals on the GroveStreams platform.
pub(crate) const DIALECT: &Dialect = &Dialect {
    name: "grovestreams",
    content_type: "application/json",
    members,
};

fn members(refusal: &Refusal, status: StatusCode) -> Vec<(&'static str, Member)> {
    vec![
        ("success", Member::Flag(false)),
        ("message", Member::Text(refusal.sentence())),
        ("status", Member::Number(status.as_u16().into())),
    ]
}
