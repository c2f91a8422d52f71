//! The head of a request as the gate is asked about it, with the facts that only its connection knows.

use std::sync::Arc;

use http::request::Parts;
use tidegate_core::refusal::Refusal;
use tidegate_engine::check_cache::CheckCache;

/// A request's head, with the facts that its connection knows beside it.
#[derive(Clone, Debug)]
pub struct Head<'r> {
    /// Method, target and fields.
    pub parts: &'r Parts,
    /// The length of the body still to come, where it is known.
    pub declared_bytes: Option<u64>,
    /// The WebSocket handshake, if one is meant.
    pub handshake: Handshake,
    /// The connection's own refusal, where this is a stand-in.
    pub fault: Option<&'r Refusal>,
    /// There was room among the requests in flight.
    pub has_place: bool,
    /// The connection's last question to the counts.
    pub recall: Option<&'r CheckCache>,
}

/// A request's handshake of a WebSocket, as the door judges it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Handshake {
    /// None is meant.
    NotMeant,
    /// One is meant, and may be granted.
    Fit,
    /// One is meant, and is none.
    Unfit {
        /// The fault.
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
