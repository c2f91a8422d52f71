//! The counter of a `rate`.

use std::time::Duration;

use super::{Fit, SKEW_MAX};

/// The counter of a `rate`: exact, in units of one token times one nanosecond of the window, so that a refill of
/// `quota` per window is `quota` a nanosecond and nothing is ever rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    pub(super) used: u128,
    pub(super) at_ns: u64,
    pub(super) quota: u32,
    pub(super) window_ns: u64,
    pub(super) warned: bool,
}

impl Bucket {
    pub(super) fn pass(&mut self, now_ns: u64) {
        self.used = self.used.saturating_sub(self.refilled(now_ns));
        let stepped_back = Duration::from_nanos(self.at_ns.saturating_sub(now_ns)) > SKEW_MAX;
        self.at_ns = if stepped_back { now_ns } else { self.at_ns.max(now_ns) };
    }

    pub(super) fn put_under(&mut self, quota: u32, burst: u32, window_ns: u64) {
        self.quota = quota;
        if window_ns != self.window_ns {
            let (old, new) = (u128::from(self.window_ns), u128::from(window_ns));
            self.used = self.used / old * new + (self.used % old * new).div_ceil(old);
            self.window_ns = window_ns;
        }
        // A debt is at most the capacity, so that a lowered quota locks nobody out beyond it.
        self.used = self.used.min(u128::from(burst) * u128::from(window_ns));
    }

    /// Returns the amount that has come back since the cell last moved, at the quota it was written under.
    pub(super) fn refilled(&self, now_ns: u64) -> u128 {
        u128::from(now_ns.saturating_sub(self.at_ns)) * u128::from(self.quota)
    }

    pub(super) fn fit(&self, capacity: u64, units: u64, now_ns: u64) -> Fit {
        let window_ns = u128::from(self.window_ns);
        let wanted = self.used + u128::from(units) * window_ns;
        match wanted.checked_sub(u128::from(capacity) * window_ns) {
            None | Some(0) => Fit::Now,
            Some(excess) => Fit::After(self.until(excess, now_ns)),
        }
    }

    /// Returns these units in the parts that `used` counts.
    pub(super) fn parts(&self, units: u32) -> u128 {
        u128::from(units) * u128::from(self.window_ns)
    }

    pub(super) fn used_units(&self) -> u64 {
        u64::try_from(self.used.div_ceil(u128::from(self.window_ns))).unwrap_or(u64::MAX)
    }

    /// Returns the time until `amount` has come back.
    pub(super) fn until(&self, amount: u128, now_ns: u64) -> Duration {
        let wait_ns = amount.div_ceil(u128::from(self.quota.max(1))) + u128::from(self.at_ns.saturating_sub(now_ns));
        // 2^32 units at one a month come back after 2^83 ns: more than 64 bits of them, well within a Duration.
        const SECOND_NS: u128 = 1_000_000_000;
        Duration::new(
            u64::try_from(wait_ns / SECOND_NS).unwrap_or(u64::MAX),
            (wait_ns % SECOND_NS) as u32,
        )
    }
}
