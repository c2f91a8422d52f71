//! The moment at which a caller is told that little is left: once on the way up, and again only after use has fallen
//! far (docs/semantics.md rule 13).

use super::Cell;
use crate::limit::Quantity;

/// A take that brings use to so much of what the limit admits at once warns, in hundredths.
pub const WARNS_AT_PERCENT: u32 = 80;

/// Use below so much of it arms the warning again.
pub const REARMS_BELOW_PERCENT: u32 = 60;

impl Cell {
    /// Marks the cell as warned about if so much is used that it is time, and it is not marked yet; whether it was marked
    /// now. It stands under `quantity`, see [`Cell::advance`].
    ///
    /// Use counts in whole units, as people are shown them, out of [`Quantity::burst`]: that is where a caller would be
    /// refused. Of fewer than five units the last one is the first that reaches the mark.
    pub fn warns(&mut self, quantity: Quantity) -> bool {
        if self.is_warned() || !self.holds(share(quantity, WARNS_AT_PERCENT)) {
            return false;
        }
        self.mark(true);
        true
    }

    /// Is true when it is marked.
    pub fn is_warned(&self) -> bool {
        match self {
            Cell::Bucket(bucket) => bucket.warned,
            Cell::Sliding(sliding) => sliding.warned,
            Cell::Calendar(calendar) => calendar.warned,
            Cell::Slots(slots) => slots.warned,
        }
    }

    /// Takes the mark away: the answer that was to say so never went.
    pub fn unwarn(&mut self) {
        self.mark(false);
    }

    /// Takes the mark away where use has fallen far enough. Between two takes use only falls, so whoever looks before
    /// each of them sees the least there was.
    pub(super) fn rearm(&mut self, quantity: Quantity) {
        if self.is_warned() && !self.holds(share(quantity, REARMS_BELOW_PERCENT)) {
            self.mark(false);
        }
    }

    pub(super) fn mark(&mut self, warned: bool) {
        match self {
            Cell::Bucket(bucket) => bucket.warned = warned,
            Cell::Sliding(sliding) => sliding.warned = warned,
            Cell::Calendar(calendar) => calendar.warned = warned,
            Cell::Slots(slots) => slots.warned = warned,
        }
    }

    /// Is true when at least `units` are used; `units` is at least one. A bucket is asked without dividing, as this
    /// is on the way of every request.
    fn holds(&self, units: u64) -> bool {
        match self {
            Cell::Bucket(bucket) => bucket.used > u128::from(units - 1) * u128::from(bucket.window_ns),
            _ => self.used() >= units,
        }
    }
}

/// The fewest whole units that are at least such a part of what the limit admits at once; at least one.
fn share(quantity: Quantity, percent: u32) -> u64 {
    let parts = u64::from(quantity.burst()) * u64::from(percent);
    parts.div_ceil(100).max(1)
}
