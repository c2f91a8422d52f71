//! Refusals in the dialects that today's clients survive (docs/platforms/tempest.md#clients).

mod excess;
mod grovestreams;
mod problem;
mod tempest;

use http::StatusCode;
use serde_json::{Value, json};
use tidegate_core::{policy::Profile, refusal::Refusal};
use tidegate_engine::{refusals::DecisionId, sockets::SocketView};

/// A refusal's body with its content type.
pub(crate) fn document(
    profile: Profile,
    refusal: &Refusal,
    status: StatusCode,
    decision: DecisionId,
    open: &[SocketView],
) -> (&'static str, String) {
    let mut members = problem::members(refusal, status, decision);
    if !open.is_empty() {
        members.insert("connections".into(), connections(open));
    }
    let (content_type, members) = match profile {
        Profile::Problem => ("application/problem+json", problem::finish(members, status)),
        Profile::Tempest => ("application/json", tempest::finish(members, refusal, status)),
        Profile::GroveStreams => ("application/json", grovestreams::finish(members, refusal, status)),
    };
    (content_type, Value::Object(members).to_string())
}

/// The caller's own open sockets, so that a refusal for too many says which they are (`GET /limits/me/connections`
/// lists and `DELETE` ends them).
fn connections(open: &[SocketView]) -> Value {
    let row = |view: &SocketView| {
        json!({
            "id": view.id.to_string(),
            "since_ms": view.since_ms,
            "peer": view.about.peer.to_string(),
            "route": &*view.about.route,
            "idle_s": view.idle.as_secs(),
            "devices": view.devices.iter().map(|device| &**device).collect::<Vec<&str>>(),
        })
    };
    open.iter().take(CONNECTIONS_SHOWN_MAX).map(row).collect()
}

/// Most open sockets that one refusal lists.
const CONNECTIONS_SHOWN_MAX: usize = 20;

#[cfg(test)]
mod tests;
