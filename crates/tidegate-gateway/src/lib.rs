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
pub mod gateway;
pub mod inside;
/// For the fuzz target and the bench.
#[doc(hidden)]
pub mod inspect;
pub mod relay;
pub mod tls;

mod admission;
mod cache;
mod client;
mod deadline;
mod document;
mod evict;
mod handle;
mod identify;
mod listener;
mod meter;
mod note;
mod objection;
mod onwards;
mod payload;
mod respond;
mod socket;
mod task;
mod upstream;
mod way;

pub use body::{Body, BodyError};
pub use bounds::Bounds;
pub use gateway::Gateway;
/// For the fuzz target and the tests that read beside it.
#[doc(hidden)]
pub use listener::gate;
/// For the fuzz target and the tests that read beside it.
#[doc(hidden)]
pub use upstream::answer;

pub use meter::Samples;

pub use inside::{Authority, AuthorityFault, Call, Concerns, Inside, Question, SocketCall};
pub use listener::{ListenAddress, Listener};
pub use socket::ResourceWarning;
pub use upstream::standing::ServerStanding;
