//! The head of a request as the gate is asked about it, with the facts that only its connection knows.

use std::sync::Arc;

use http::request::Parts;
use tidegate_core::refusal::Refusal;
use tidegate_engine::recall::Recall;

/// A request's head, and what its connection knows beside it.
#[derive(Clone, Debug)]
pub struct Head<'r> {
    /// Method, target and fields.
    pub parts: &'r Parts,
    /// The length of the body still to come, where it is known.
    pub declared_bytes: Option<u64>,
    /// Whether it means to open a WebSocket.
    pub handshake: Handshake,
    /// Why the connection refused it already, where this is a stand-in.
    pub fault: Option<&'r Refusal>,
    /// There was room among the requests in flight.
    pub has_place: bool,
    /// What the connection's last request asked of the counts.
    pub recall: Option<&'r Recall>,
}

/// Whether a request means to open a WebSocket, and whether it is fit to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Handshake {
    /// It does not.
    NotMeant,
    /// It does, and may be granted.
    Fit,
    /// It does, and is none.
    Unfit {
        /// What is wrong with it.
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
            handshake: Handshake::NotMeant,
            fault: None,
            has_place: true,
            recall: None,
        }
    }
}
