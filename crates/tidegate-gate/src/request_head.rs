//! The head of a request as the gate is asked about it, with the facts that only its connection knows.

use std::{fmt, sync::Arc};

use http::request::Parts;
use tidegate_core::refusal::Refusal;
use tidegate_engine::check_cache::CheckCache;

/// A request's head, with the facts that its connection knows beside it.
#[derive(Clone)]
pub struct Head<'r> {
    /// Method, target and fields.
    pub parts: &'r Parts,
    /// The length of the body still to come, where it is known.
    pub declared_bytes: Option<u64>,
    /// Judges the WebSocket handshake. Called on routes with sockets alone, since others pay nothing for it.
    pub check_handshake: &'r CheckHandshake<'r>,
    /// The connection's own refusal, where this is a stand-in.
    pub fault: Option<&'r Refusal>,
    /// There was room among the requests in flight.
    pub has_place: bool,
    /// The connection's last question to the counts.
    pub recall: Option<&'r CheckCache>,
}

/// The carrier's judgement of a head's WebSocket handshake.
pub type CheckHandshake<'r> = dyn Fn(&Parts) -> HandshakeCheck + Sync + 'r;

/// The result of a look at a request's WebSocket handshake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HandshakeCheck {
    /// The request opens no WebSocket.
    Absent,
    /// The handshake may be granted.
    Valid,
    /// The request means to open a WebSocket, but its handshake breaks a rule.
    Invalid {
        /// The broken rule.
        why: Arc<str>,
        /// Another version of the protocol would be right.
        upgrade_required: bool,
    },
}

impl<'r> Head<'r> {
    /// A head without a body behind it, of a connection that knows nothing more.
    pub fn new(parts: &'r Parts) -> Head<'r> {
        Head {
            parts,
            declared_bytes: None,
            check_handshake: &|_| HandshakeCheck::Absent,
            fault: None,
            has_place: true,
            recall: None,
        }
    }
}

impl fmt::Debug for Head<'_> {
    /// Leaves the fields and the query out, which may hold a credential.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Head")
            .field("method", &self.parts.method)
            .field("path", &self.parts.uri.path())
            .field("declared_bytes", &self.declared_bytes)
            .finish_non_exhaustive()
    }
}
