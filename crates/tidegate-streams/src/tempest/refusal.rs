//! The Tempest dialect: problem members with that API's `status` object in place of the number.
//!
//! Its clients look for `status.status_code`: 5 is their word for a limit. The real platform answers six causes
//! with one text; here each has its own, beginning with one word for its cause (docs/platforms/tempest.md T9).

use http::StatusCode;
use tidegate_core::{
    dialect::{Dialect, Member},
    refusal::Refusal,
};

/// The form of refusals on the Tempest platform.
pub(crate) const DIALECT: &Dialect = &Dialect {
    name: "tempest",
    content_type: "application/json",
    members,
};

/// The API's code for a limit.
const LIMITED: u16 = 5;

fn members(refusal: &Refusal, status: StatusCode) -> Vec<(&'static str, Member)> {
    let code = match status {
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => LIMITED,
        other => other.as_u16(),
    };
    let message = format!("{} - {}", cause(refusal), refusal.sentence());
    let status = vec![
        ("status_code", Member::Number(code.into())),
        ("status_message", Member::Text(message)),
    ];
    vec![("status", Member::Object(status))]
}

fn cause(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::MissingCredential | Refusal::BadCredential(_) => "UNAUTHORIZED",
        Refusal::NotYours(_) | Refusal::NotOfInstance | Refusal::InsufficientScope => "FORBIDDEN",
        Refusal::NoSuch(_) | Refusal::NoRoute => "NOT_FOUND",
        Refusal::OverLimit(over) if over.worst.wait.is_never() => "NEVER_ADMISSIBLE",
        Refusal::OverLimit(over) if over.worst.window.is_none() => "TOO_MANY_SOCKETS",
        Refusal::OverLimit(_) => "RATE_LIMIT_EXCEEDED",
        Refusal::NoCapacity { .. } => "OVER_CAPACITY",
        Refusal::Ambiguous(_) | Refusal::TwoCredentials(_) | Refusal::BadHandshake { .. } => "BAD_REQUEST",
        Refusal::HeadTooLarge(_) => "HEAD_TOO_LARGE",
        Refusal::BodyTooLarge { .. } => "BODY_TOO_LARGE",
        Refusal::TooMuch(excess) if excess.is_too_large() => "BODY_TOO_LARGE",
        Refusal::TooMuch(_) => "ASKS_TOO_MUCH",
        Refusal::UnknownCoding(_) => "UNKNOWN_CODING",
        Refusal::Unreadable(_) => "BAD_REQUEST",
        Refusal::BodyStalled => "BODY_STALLED",
        Refusal::UpstreamFailed(_) | Refusal::UpstreamSilent { .. } => "UPSTREAM_FAILED",
        Refusal::Internal(_) => "INTERNAL",
    }
}
