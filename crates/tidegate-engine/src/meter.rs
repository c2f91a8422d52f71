//! Usage, from the end of a request to the disk.
//!
//! ```text
//! a request ends ─► tally (sums in memory) ─► batch (one write for all that came meanwhile) ─► log (segments on disk)
//! ```
//!
//! A request costs one addition in memory. The owner of the [`log::Log`] writes all that came since the last time in one
//! piece, so that the disk is asked a few times a second however many requests there are (docs/adr/0063).

pub mod batch_codec;
pub mod log;
pub mod segment;
pub mod tally;

pub use log::{Log, LogBounds};
pub use tally::{InProgress, Tally};
