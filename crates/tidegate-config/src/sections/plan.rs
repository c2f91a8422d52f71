//! `[plan.NAME]`: what the callers of a plan have instead.

use super::{keyed_table::keyed_table, limit::Amount};
use crate::reader::Named;

keyed_table! {
    /// The quotas of a plan's callers.
    pub struct PlanText {
        /// The quota of a limit for this plan: `limit.rest-per-user = 200`. The burst scales with it.
        limit: Named<Amount>,
    }
}
