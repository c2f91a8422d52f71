//! `[defaults]`: what every limit of the page says that does not say it itself.

use tidegate_core::limit::{CountsAt, OnStoreLoss};

use super::keyed_table::keyed_table;
use crate::reader::Choice;

keyed_table! {
    /// The defaults of every limit of this page.
    pub struct DefaultsText {
        /// The point at which a call counts: at the `edge`, or only when the cache does not answer it (`miss`).
        counts_at: Choice<CountsAt> = "edge",
        /// The behaviour while a shared store is unreachable: `allow` everything, `deny` everything, or each node enforces its `local share`.
        on_store_loss: Choice<OnStoreLoss> = "local share",
        /// Decide and count, but never refuse.
        shadow: bool = false,
    }
}
