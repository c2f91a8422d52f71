//! Deciding: from a request's head to a ticket, or to a refusal as data. It holds no socket and no body, and writes no HTTP.
//!
//! ```text
//! head ─► receive: client's address ─► decide: facts ─► route match ─► identify ─► admission ─► authorize ─► Admitted
//!                                              │            │            │            │            │
//!                                              └────────────┴────────────┴────────────┴────────────┴──► Refused
//! ```
//!
//! [`Gate`] is the whole of it. Whoever carries requests asks it with a [`Head`], goes on with an [`Admitted`] or writes a
//! [`Refused`], and has the answer recorded.

mod admission;
mod authority;
mod authorize;
mod cache_plan;
mod client_address;
mod destination;
mod evict_oldest_socket;
mod gate;
mod identify;
mod payload;
mod received;
mod record;
mod refused;
mod request_context;
mod request_head;
mod route_match;
mod stream_catalog;

pub use authority::{Authority, AuthorityFault, NoAccounts};
pub use cache_plan::CachePlan;
pub use destination::Destination;
pub use gate::{Admitted, Bounds, Decision, Gate};
pub use payload::PayloadLimits;
pub use received::Received;
pub use record::RequestLine;
pub use refused::{Refused, no_capacity};
pub use request_context::RequestContext;
pub use request_head::{CheckHandshake, HandshakeCheck, Head};
pub use route_match::RouteMatch;
pub use stream_catalog::{NoStreams, StreamCatalog, StreamQuestion};
