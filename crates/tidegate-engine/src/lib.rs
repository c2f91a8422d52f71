//! State in time: cells, leases, open sockets, the running snapshot, decisions remembered. No HTTP, no SQL, no command
//! line.
//!
//! [`engine::Engine::admit`] is the one way in: checks go to the store in one operation, and what comes back is a
//! [`ticket::Ticket`], the only way to an upstream, or a refusal. Where slots are counted the ticket holds a
//! [`lease::Lease`], and whoever drops either frees the slot.

pub mod append_log;
pub mod check_cache;
pub mod clock;
pub mod engine;
pub mod lease;
pub mod lease_member;
pub mod meter;
pub mod password_attempts;
pub mod refusals;
pub mod snapshot;
pub mod sockets;
pub mod stats;
pub mod store;
mod sync;
pub mod ticket;
