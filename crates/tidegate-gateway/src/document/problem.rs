//! Problem details (RFC 9457) with the problem types of draft-ietf-httpapi-ratelimit-headers.

use http::StatusCode;
use serde_json::{Map, Value, json};
use tidegate_core::{fields, refusal::Refusal, refusal::Violation};
use tidegate_engine::refusals::DecisionId;

use super::excess;

const QUOTA_EXCEEDED: &str = "https://iana.org/assignments/http-problem-types#quota-exceeded";
const REDUCED_CAPACITY: &str = "https://iana.org/assignments/http-problem-types#temporary-reduced-capacity";

/// The members that every dialect carries: all but `status`, whose form is the dialect's.
pub(super) fn members(refusal: &Refusal, status: StatusCode, decision: DecisionId) -> Map<String, Value> {
    let mut members = Map::new();
    members.insert("type".into(), kind(status).into());
    members.insert("title".into(), title(refusal).into());
    members.insert("detail".into(), refusal.sentence().into());
    members.insert("decision".into(), decision.to_string().into());
    if let Some(wait) = refusal.exact_wait() {
        members.insert("retry_after_ms".into(), fields::retry_after_ms(wait).into());
    }
    match refusal {
        Refusal::OverLimit(over) => {
            limit(&mut members, &over.worst);
            let violated: Vec<Value> = over.violated.iter().map(|name| Value::from(&**name)).collect();
            members.insert("violated-policies".into(), violated.into());
        }
        Refusal::BodyTooLarge {
            asked_bytes,
            allowed_bytes,
        } => {
            members.insert("limit".into(), "body-size".into());
            members.insert("asked".into(), (*asked_bytes).into());
            members.insert("allowed".into(), (*allowed_bytes).into());
        }
        Refusal::TooMuch(excess) => excess::put(&mut members, excess),
        _ => {}
    }
    members
}

fn limit(members: &mut Map<String, Value>, worst: &Violation) {
    let mut put = |name: &str, value: Value| {
        members.insert(name.into(), value);
    };
    put("limit", json!(&*worst.limit));
    put("scope", json!(worst.scope));
    put("quota", json!(worst.quota));
    put("window_s", json!(worst.window.map(|window| window.as_secs())));
    put("burst", json!(worst.burst));
    put("used", json!(worst.used));
    put("from", json!(worst.from));
    put("hint", json!(worst.hint.as_deref()));
    if worst.wait.is_never() {
        put("asked", json!(worst.cost));
        put("allowed", json!(worst.burst));
    }
}

fn kind(status: StatusCode) -> &'static str {
    match status {
        StatusCode::TOO_MANY_REQUESTS => QUOTA_EXCEEDED,
        StatusCode::SERVICE_UNAVAILABLE => REDUCED_CAPACITY,
        _ => "about:blank",
    }
}

fn title(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::Ambiguous(_) => "The request has two readings",
        Refusal::HeadTooLarge(_) => "The head of the request is too large",
        Refusal::OverLimit(over) if over.worst.wait.is_never() => "The request asks for more than ever fits",
        Refusal::OverLimit(_) => "A limit is used up",
        Refusal::TwoCredentials(_) => "Two credentials of one kind",
        Refusal::BadHandshake { .. } => "The handshake is not one of a WebSocket",
        Refusal::MissingCredential => "No credential",
        Refusal::BadCredential(_) => "The credential is not valid",
        Refusal::NotYours(_) => "Not yours",
        Refusal::NotOfInstance => "Not of this organisation",
        Refusal::InsufficientScope => "Not given for this",
        Refusal::NoSuch(resource) => resource.kind.none_such(),
        Refusal::NoRoute => "No such operation",
        Refusal::BodyTooLarge { .. } => "The body is too large",
        Refusal::TooMuch(excess) if excess.is_too_large() => "The body is too large",
        Refusal::TooMuch(_) => "The request asks for too much",
        Refusal::UnknownCoding(_) => "The body is coded in an unknown way",
        Refusal::Unreadable(_) => "The body cannot be read",
        Refusal::NoCapacity { .. } => "Short of capacity",
        Refusal::UpstreamFailed(_) => "The API behind the gateway failed",
        Refusal::UpstreamSilent { .. } => "The API behind the gateway did not answer in time",
        Refusal::Internal(_) => "The gateway failed",
        Refusal::BodyStalled => "The body did not arrive",
    }
}
