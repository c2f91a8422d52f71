//! The rules of a route's WebSockets: the form of refusals, and the bounds of one socket.

use std::time::Duration;

/// The rules of a route's sockets. A route without them carries none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SocketRules {
    /// The form in which a socket over a limit is refused.
    pub refuse: SocketRefusal,
    /// Extensions the two ends agree on are passed on. With them a message's size is what its sender says it is.
    pub extensions: bool,
    /// Most bytes of one message.
    pub message_bytes_max: u64,
    /// Most messages from the client in a minute.
    pub messages_per_minute_max: u32,
    /// Most resources (devices) one socket listens to.
    pub resources_max: u32,
    /// The places of command and resource in a message; without it no text is looked into.
    pub command: Option<CommandRule>,
    /// A socket on which no message went for so long is closed.
    pub idle: Duration,
    /// A socket that is open for so long is closed; its client opens another one.
    pub lifetime: Duration,
    /// The client is told in a text of the gate's own when little is left of a limit on sockets.
    pub warnings: bool,
}

/// The fate of a socket that a limit refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SocketRefusal {
    /// The handshake is answered 429: cheap, and clients of today back off.
    Handshake,
    /// The handshake is accepted, a typed frame says why, and the socket closes with 1013: a browser cannot read the
    /// status of a handshake.
    Frame,
    /// The caller's oldest socket is closed, and this one opens.
    EvictOldest,
}

/// The places where a JSON message says what it wants, for any protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandRule {
    /// The member that names the command, e.g. `type`.
    pub name_at: String,
    /// The member that names the resource, e.g. `device_id`.
    pub resource_at: String,
    /// Commands that begin to listen to the resource.
    pub starts: Vec<String>,
    /// Commands that end it.
    pub stops: Vec<String>,
}

impl SocketRefusal {
    /// The word of the limits file.
    pub fn as_str(self) -> &'static str {
        match self {
            SocketRefusal::Handshake => "handshake",
            SocketRefusal::Frame => "frame",
            SocketRefusal::EvictOldest => "evict oldest",
        }
    }
}
