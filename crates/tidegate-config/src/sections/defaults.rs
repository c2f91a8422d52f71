//! `[defaults]`: what every limit of the page says that does not say it itself.

use tidegate_core::limit::{CountsAt, OnStoreLoss};

use super::keyed_table::keyed_table;
use crate::reader::Choice;

keyed_table! {
    /// What every limit of this page says that does not say it itself.
    pub struct DefaultsText {
        /// Where a call counts: at the `edge`, or only when the cache does not answer it (`miss`).
        counts_at: Choice<CountsAt> = "edge",
        /// What happens when a shared store is gone: `allow` everything, `deny` everything, or each node enforces its `local share`.
        on_store_loss: Choice<OnStoreLoss> = "local share",
        /// Decide and count, but never refuse.
        shadow: bool = false,
    }
}
