//! One open socket, as `tidegate sockets` and `/limits/me/connections` show it.

use serde::{Deserialize, Serialize};
use tidegate_engine::sockets::SocketView;

use crate::explanation::instant;

/// An open socket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SocketRow {
    /// Its id, for closing it.
    pub id: String,
    /// Whose it is: the user, or the key that counts by itself.
    pub user: String,
    /// Since when, RFC 3339 in UTC.
    pub since: String,
    /// From where.
    pub peer: String,
    /// The route it came by.
    pub route: String,
    /// What it listens to.
    pub devices: Vec<String>,
    /// Seconds since a message came from its client.
    pub idle_s: u64,
    /// The public id of the token it was opened with.
    pub token: Option<String>,
    /// Why it is closing, if it is.
    pub closing: Option<String>,
}

impl From<SocketView> for SocketRow {
    fn from(view: SocketView) -> SocketRow {
        SocketRow {
            id: view.id.to_string(),
            user: view.about.subject.to_string(),
            since: instant(view.since_ms),
            peer: view.about.peer.to_string(),
            route: view.about.route.to_string(),
            devices: view.devices.iter().map(ToString::to_string).collect(),
            idle_s: view.idle.as_secs(),
            token: view.about.token.map(|token| token.to_string()),
            closing: view.closing.map(|reason| reason.as_str().to_owned()),
        }
    }
}
