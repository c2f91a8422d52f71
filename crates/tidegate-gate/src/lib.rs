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

pub mod authority;
pub mod cache_plan;
pub mod context;
pub mod destination;
pub mod gate;
pub mod head;
pub mod payload;
pub mod received;
pub mod record;
pub mod refused;
pub mod route_match;
pub mod stream_catalog;

mod admission;
mod authorize;
mod client_address;
mod evict;
mod identify;

pub use authority::{Authority, AuthorityFault};
pub use cache_plan::CachePlan;
pub use context::RequestContext;
pub use destination::Destination;
pub use gate::{Admitted, Bounds, Decision, Gate};
pub use head::{Handshake, Head};
pub use payload::PayloadLimits;
pub use received::Received;
pub use record::RequestLine;
pub use refused::{Refused, no_capacity};
pub use route_match::RouteMatch;
pub use stream_catalog::{StreamCatalog, StreamQuestion};
