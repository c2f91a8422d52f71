//! `[usage]`: what is recorded of what callers use.

use super::keyed_table::keyed_table;
use crate::reader::{Choice, Word};

/// The answer to requests while their usage cannot be written down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnFailure {
    /// They are served, and counted in memory until it can be written: a crash meanwhile would lose it.
    #[default]
    CountOn,
    /// They are refused with 503: nothing is used that might not be billed.
    Refuse,
}

keyed_table! {
    /// The recording of usage. It has effect only in the file that Tidegate is started with.
    pub struct UsageText {
        /// The behaviour while usage cannot be recorded: `count on` in memory, where a crash would lose it, or `refuse` requests with 503.
        on_failure: Choice<OnFailure> = "count on",
    }
}

impl Word for OnFailure {
    const WORDS: &'static [(&'static str, OnFailure)] =
        &[("count on", OnFailure::CountOn), ("refuse", OnFailure::Refuse)];
}
