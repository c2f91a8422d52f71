//! `[usage]`: what is recorded of what callers use.

use super::macros::keyed_table;
use crate::{config::reader::Choice, usage::OnFailure};

keyed_table! {
    /// What is recorded of what callers use. Counts in the file that is started.
    pub struct UsageText is Usage {
        /// What happens while it cannot be written down: `count on` in memory, where a crash would lose it, or `refuse` requests with 503.
        on_failure: Choice<OnFailure> = "count on",
    }
}
