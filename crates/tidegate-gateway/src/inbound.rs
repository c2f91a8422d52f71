//! A request as it comes in: its head and body, and what only its connection knows.

use std::sync::Arc;

use http::request::Parts;
use tidegate_core::{peer::Peer, refusal::Refusal};
use tidegate_engine::check_cache::CheckCache;

use crate::body::request::RequestBody;

/// The facts about a request that its connection knows, besides its bytes.
pub(crate) struct Arrival {
    /// The other end of the connection.
    pub(crate) peer: Peer,
    /// The refusal, where the socket found a fault and this is a stand-in.
    pub(crate) fault: Option<Refusal>,
    /// Bytes came behind the request already.
    pub(crate) has_more: bool,
    /// There was room among the requests in flight.
    pub(crate) has_place: bool,
    /// The client may take the request back at any moment, and send the next one on the same connection.
    pub(crate) may_be_reset: bool,
    /// The last question of the connection to the counts.
    pub(crate) recall: Arc<CheckCache>,
}

/// A request's bytes. It is handed on boxed: each step is a future within the one before, and each would have room for
/// it and move it there.
pub(crate) struct InboundRequest {
    pub(crate) head: Parts,
    pub(crate) body: RequestBody,
}
