//! The doors: what takes a request from the wire to an answer. It counts nothing and reads no config text.
//!
//! ```text
//! listener ─► handle: facts ─► way ─► identify ─► admit ─► objection ─► upstream | inside ─► respond
//!                                                (engine)
//! ```
//!
//! [`Gateway`] is the whole of it. What is inside the house, accounts, streams and the callers' pages, comes
//! through the two traits of [`inside`], so that nobody who embeds the doors carries SQL.

pub mod body;
pub mod bounds;
pub mod embedded_upstream;
pub mod gateway;
/// For the fuzz target and the bench.
#[doc(hidden)]
pub mod inspect;
pub mod relay;
pub mod tls;

mod answer_writer;
mod cache;
mod deadline;
mod forward;
mod handle;
mod hop_by_hop;
mod http1;
mod inbound;
mod listener;
mod meter;
mod net;
mod payload;
mod profile;
mod socket;
mod task;
mod upstream;
mod upstream_fault;

pub use body::{Body, BodyError};
pub use bounds::Bounds;
pub use gateway::Gateway;
/// For the fuzz target and the tests that read beside it.
#[doc(hidden)]
pub use http1::strict_reader;
/// For the fuzz target and the tests that read beside it.
#[doc(hidden)]
pub use upstream::answer;

pub use meter::Samples;

pub use embedded_upstream::{Call, Concerns, EmbeddedUpstream, SocketCall};
pub use listener::{ListenAddress, Listener};
pub use socket::ResourceWarning;
pub use upstream::server_health::ServerHealth;
