//! The counter of a `sliding` limit.

use std::time::Duration;

use super::{Fit, SKEW_MAX};

/// The counter of a `sliding` limit: one stamp a unit, so that what is admitted in any window is known and not estimated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sliding {
    /// The time each unit was taken, oldest first; none is later than `at_ns`. At most as many as the quota was.
    pub(super) stamps: Vec<u64>,
    pub(super) at_ns: u64,
    pub(super) window_ns: u64,
    pub(super) warned: bool,
}

impl Sliding {
    /// Makes the state of `used` units that were all taken now.
    pub(super) fn new(used: u64, at_ns: u64, window_ns: u64) -> Sliding {
        let used = usize::try_from(used).unwrap_or(usize::MAX);
        Sliding {
            stamps: vec![at_ns; used],
            at_ns,
            window_ns,
            warned: false,
        }
    }

    /// A stamp leaves exactly a window after it was made. After a step back all stamps go back with the clock, so that
    /// each is as old as it was and no wait exceeds a window.
    pub(super) fn pass(&mut self, now_ns: u64) {
        let back_ns = self.at_ns.saturating_sub(now_ns);
        if Duration::from_nanos(back_ns) > SKEW_MAX {
            for stamp in &mut self.stamps {
                *stamp = stamp.saturating_sub(back_ns);
            }
            self.at_ns = now_ns;
        }
        self.at_ns = self.at_ns.max(now_ns);
        self.leave();
    }

    /// Under another window; the quota is no part of the state: what is used stays used, also above a lowered one.
    pub(super) fn put_under(&mut self, window_ns: u64) {
        self.window_ns = window_ns;
        self.leave();
    }

    pub(super) fn fit(&self, capacity: u64, units: u64, now_ns: u64) -> Fit {
        let excess = (self.used() + units).saturating_sub(capacity);
        match usize::try_from(excess.saturating_sub(1))
            .ok()
            .and_then(|last| self.stamps.get(last))
        {
            // Nothing costs nothing, also where a lowered quota left more than is allowed.
            _ if excess == 0 || units == 0 => Fit::Now,
            Some(stamp) => Fit::After(self.leaves_in(*stamp, now_ns)),
            None => Fit::Never,
        }
    }

    pub(super) fn take(&mut self, cost: u32) {
        // Exactly as much as is needed: there may be a million of these.
        self.stamps.reserve_exact(cost as usize);
        self.stamps.extend((0..cost).map(|_| self.at_ns));
    }

    /// Gives back units that were taken at that moment, as far as their stamps have not left.
    pub(super) fn give_back(&mut self, cost: u32, taken_at_ns: u64) {
        let from = self.stamps.partition_point(|stamp| *stamp < taken_at_ns);
        let same = self.stamps[from..].partition_point(|stamp| *stamp == taken_at_ns);
        self.stamps.drain(from..from + same.min(cost as usize));
    }

    pub(super) fn used(&self) -> u64 {
        self.stamps.len() as u64
    }

    /// Returns the time until the last stamp has left.
    pub(super) fn empty_in(&self, now_ns: u64) -> Duration {
        self.stamps
            .last()
            .map_or(Duration::ZERO, |stamp| self.leaves_in(*stamp, now_ns))
    }

    pub(super) fn is_empty_at(&self, now_ns: u64) -> bool {
        self.stamps.last().is_none_or(|stamp| self.has_left(*stamp, now_ns))
    }

    fn leave(&mut self) {
        let left = self.stamps.partition_point(|stamp| self.has_left(*stamp, self.at_ns));
        self.stamps.drain(..left);
    }

    fn has_left(&self, stamp_ns: u64, now_ns: u64) -> bool {
        now_ns.saturating_sub(stamp_ns) >= self.window_ns
    }

    fn leaves_in(&self, stamp_ns: u64, now_ns: u64) -> Duration {
        Duration::from_nanos(stamp_ns.saturating_add(self.window_ns).saturating_sub(now_ns))
    }
}

#[cfg(test)]
mod tests;
