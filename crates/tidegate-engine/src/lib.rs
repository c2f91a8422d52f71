//! State in time: cells, the running snapshot, decisions remembered. No HTTP, no SQL, no command line.
//!
//! [`engine::Engine::admit`] is the one way in: asks go to the store in one operation, and what comes back is a
//! [`ticket::Ticket`], the only way to an upstream, or a refusal.

pub mod clock;
pub mod engine;
pub mod refusals;
pub mod snapshot;
pub mod store;
pub mod ticket;
