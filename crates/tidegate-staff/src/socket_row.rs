//! The row of one open socket, as `tidegate sockets` and `/limits/me/connections` show it.

use serde::{Deserialize, Serialize};
use tidegate_engine::sockets::SocketView;

use crate::explanation::instant;

/// An open socket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SocketRow {
    /// The id, by which the socket can be closed.
    pub id: String,
    /// The owner: the user, or the key that counts by itself.
    pub user: String,
    /// The time at which it was opened, RFC 3339 in UTC.
    pub since: String,
    /// The client's address and port.
    pub peer: String,
    /// The route that it was opened on.
    pub route: String,
    /// The devices that it listens to.
    pub devices: Vec<String>,
    /// The seconds since the last message of its client.
    pub idle_s: u64,
    /// The public id of the token it was opened with.
    pub token: Option<String>,
    /// The reason why it is closing, if it is.
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
