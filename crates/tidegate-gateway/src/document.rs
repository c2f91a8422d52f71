//! The document of a refusal: problem details, and beside them what the page's dialect says in its own words, so that
//! today's clients survive it (docs/platforms/tempest.md#clients).

mod excess;
mod problem;

use http::StatusCode;
use serde_json::{Map, Value, json};
use tidegate_core::{
    dialect::{Dialect, Member},
    refusal::Refusal,
};
use tidegate_engine::{refusals::DecisionId, sockets::SocketView};

/// A refusal's body with its content type.
pub(crate) fn of(
    dialect: &Dialect,
    refusal: &Refusal,
    status: StatusCode,
    decision: DecisionId,
    open: &[SocketView],
) -> (&'static str, String) {
    let mut members = problem::members(refusal, status, decision);
    if !open.is_empty() {
        members.insert("connections".into(), connections(open));
    }
    put(&mut members, (dialect.members)(refusal, status));
    (dialect.content_type, Value::Object(members).to_string())
}

fn put(members: &mut Map<String, Value>, of_dialect: Vec<(&'static str, Member)>) {
    for (name, member) in of_dialect {
        members.insert(name.into(), value(member));
    }
}

fn value(member: Member) -> Value {
    match member {
        Member::Flag(flag) => flag.into(),
        Member::Number(number) => number.into(),
        Member::Text(text) => text.into(),
        Member::Object(of_object) => {
            let mut members = Map::new();
            put(&mut members, of_object);
            Value::Object(members)
        }
    }
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
