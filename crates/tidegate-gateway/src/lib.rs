//! Carrying over HTTP and WebSocket: takes a request from the wire to an answer. It decides nothing itself: it asks the
//! gate, `tidegate-gate`, and writes what the gate says.
//!
//! ```text
//! listener ─► handle: gate.decide ─► payload ─► cache ─► forward: upstream | embedded upstream ─► answer_writer
//!                          └──► socket: dial | embedded upstream ─► 101 ─► relay
//! ```
//!
//! [`Gateway`] is the whole of it. The streams and the callers' pages come through the trait [`EmbeddedUpstream`],
//! accounts through the gate's [`Authority`](tidegate_gate::Authority), so that nobody who embeds the doors carries SQL.

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
mod document;
mod forward;
mod handle;
mod hop_by_hop;
mod http1;
mod inbound;
mod listener;
mod meter;
mod net;
mod payload;
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
