//! One counter and how it moves. A cell knows no key and no limit's name.

mod bucket;
mod calendar;
mod sliding;
mod slots;
mod state;
mod warning;

use std::time::Duration;

use crate::{
    limit::Quantity,
    time::Now,
    wait::{SLOT_RETRY_HINT, Wait},
};

pub use bucket::Bucket;
pub use calendar::Calendar;
pub use sliding::Sliding;
pub use slots::Slots;
pub use state::{CellState, OUTLIVED_WINDOW_MAX, STAMPS_MAX};
pub use warning::{REARMS_BELOW_PERCENT, WARNS_AT_PERCENT};

/// One counter, as a store keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// The cell of a `rate`.
    Bucket(Bucket),
    /// The cell of a `sliding` limit.
    Sliding(Sliding),
    /// The cell of a `quota`.
    Calendar(Calendar),
    /// The cell of `slots`: a look at the set, made for one verdict. The store keeps the set, not this.
    Slots(Slots),
}

/// The standing of a cell at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Units taken and not yet refilled.
    pub used: u64,
    /// Units that would be admitted now.
    pub remaining: u64,
    /// The time until nothing is used; `None` of slots, where that depends on when each is let go.
    pub resets_in: Option<Duration>,
    /// It was warned that little is left, and use has not fallen far since; see [`Cell::warns`].
    pub warned: bool,
}

/// The fit of a cost at this moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// It fits.
    Now,
    /// It fits after exactly this wait, if nothing else is taken.
    After(Duration),
    /// It is larger than the limit will ever admit.
    Never,
    /// It fits when somebody lets go of a slot, and nobody knows when that is.
    Full,
    /// The store has no room for another lease: we are short of capacity, and this is not about the limit.
    NoRoom,
}

/// The longest delay with which a reading may reach a cell without the cell's time being moved back to it.
///
/// One reading is taken a request, and between it and the store stand a look-up and a lock: readings arrive out of
/// order. Moving the cell back to a late one would let everybody earn the time between twice. A clock that really
/// stepped back further than this moves the cell back, so that no wait exceeds a window by more than this.
pub const SKEW_MAX: Duration = Duration::from_secs(10);

impl Cell {
    /// An unused cell.
    pub fn new(quantity: Quantity, now: Now) -> Cell {
        match quantity {
            Quantity::Rate { quota, window, .. } => Cell::Bucket(Bucket {
                used: 0,
                at_ns: now.mono_ns,
                quota,
                window_ns: nanos(window),
                warned: false,
            }),
            Quantity::Sliding { window, .. } => Cell::Sliding(Sliding::new(0, now.mono_ns, nanos(window))),
            Quantity::Quota { period, .. } => Cell::Calendar(Calendar {
                used: 0,
                period,
                start_ms: period.start_ms(now.wall_ms),
                warned: false,
            }),
            Quantity::Slots { .. } => Cell::Slots(Slots::new(0, false, true)),
        }
    }

    /// Brings the cell to `now` and under `quantity`; what is used stays used, also under another quota
    /// (docs/semantics.md rule 10: 100 of 100 becomes 100 of 200).
    pub fn advance(&mut self, quantity: Quantity, now: Now) {
        match self {
            Cell::Bucket(bucket) => bucket.pass(now.mono_ns),
            Cell::Sliding(sliding) => sliding.pass(now.mono_ns),
            Cell::Calendar(calendar) => calendar.pass(now.wall_ms),
            Cell::Slots(_) => {}
        }
        match (&mut *self, quantity) {
            (Cell::Bucket(bucket), Quantity::Rate { quota, burst, window }) => {
                bucket.put_under(quota, burst, nanos(window))
            }
            (Cell::Sliding(sliding), Quantity::Sliding { window, .. }) => sliding.put_under(nanos(window)),
            (Cell::Calendar(calendar), Quantity::Quota { period, .. }) => calendar.put_under(period, now.wall_ms),
            (Cell::Slots(_), Quantity::Slots { .. }) => {}
            // The units used say nothing about the slots that are open, nor the other way: nothing carries over.
            (Cell::Slots(_), _) | (_, Quantity::Slots { .. }) => *self = Cell::new(quantity, now),
            // The limit became one of another kind under the same name: what is used carries over, capped by what it may hold.
            _ => {
                let warned = self.is_warned();
                *self = Cell::of_used(self.used().min(u64::from(quantity.burst())), quantity, now);
                self.mark(warned);
            }
        }
        self.rearm(quantity);
    }

    /// A cell in which that much was taken now.
    fn of_used(used: u64, quantity: Quantity, now: Now) -> Cell {
        let mut cell = Cell::new(quantity, now);
        cell.take(u32::try_from(used).unwrap_or(u32::MAX));
        cell
    }

    /// Units taken that have not come back, at the time the cell stands at.
    fn used(&self) -> u64 {
        match self {
            Cell::Bucket(bucket) => bucket.used_units(),
            Cell::Sliding(sliding) => sliding.used(),
            Cell::Calendar(calendar) => calendar.used,
            Cell::Slots(slots) => slots.open,
        }
    }

    /// Is true when `cost` fits on top of `pending` units of the same request. The cell stands at `now` under
    /// `quantity`, see [`Cell::advance`].
    pub fn fit(&self, quantity: Quantity, cost: u32, pending: u64, now: Now) -> Fit {
        let units = u64::from(cost).saturating_add(pending);
        let capacity = u64::from(quantity.burst());
        // Asked for twice by one request, a slot is still one slot, so its pending units say nothing.
        if units > capacity && !quantity.is_slots() {
            return Fit::Never;
        }
        match self {
            Cell::Bucket(bucket) => bucket.fit(capacity, units, now.mono_ns),
            Cell::Sliding(sliding) => sliding.fit(capacity, units, now.mono_ns),
            Cell::Calendar(calendar) => calendar.fit(capacity, units, now.wall_ms),
            Cell::Slots(slots) => slots.fit(capacity, cost),
        }
    }

    /// Takes `cost`; the caller has seen that it fits.
    pub fn take(&mut self, cost: u32) {
        match self {
            Cell::Bucket(bucket) => bucket.used = bucket.used.saturating_add(bucket.parts(cost)),
            Cell::Sliding(sliding) => sliding.take(cost),
            Cell::Calendar(calendar) => calendar.used = calendar.used.saturating_add(u64::from(cost)),
            Cell::Slots(slots) => slots.take(cost),
        }
    }

    /// Gives back what was taken when the cell's clock showed `taken_at_ns`, as far as it has not come back by itself.
    /// The caller has seen that it is the same generation (docs/semantics.md rule 12). A slot is given back by its
    /// lease.
    pub fn give_back(&mut self, cost: u32, taken_at_ns: u64) {
        match self {
            Cell::Bucket(bucket) => bucket.used = bucket.used.saturating_sub(bucket.parts(cost)),
            Cell::Sliding(sliding) => sliding.give_back(cost, taken_at_ns),
            Cell::Calendar(calendar) => calendar.used = calendar.used.saturating_sub(u64::from(cost)),
            Cell::Slots(_) => {}
        }
    }

    /// Returns the time of the cell's own clock, in nanoseconds: the latest reading it has seen. 0 where it runs on the
    /// calendar.
    pub fn clock_ns(&self) -> u64 {
        match self {
            Cell::Bucket(bucket) => bucket.at_ns,
            Cell::Sliding(sliding) => sliding.at_ns,
            Cell::Calendar(_) | Cell::Slots(_) => 0,
        }
    }

    /// Returns the standing of the cell. It stands at `now` under `quantity`, see [`Cell::advance`].
    pub fn standing(&self, quantity: Quantity, now: Now) -> Standing {
        let used = self.used();
        let resets_in = match self {
            Cell::Bucket(bucket) => Some(bucket.until(bucket.used, now.mono_ns)),
            Cell::Sliding(sliding) => Some(sliding.empty_in(now.mono_ns)),
            Cell::Calendar(calendar) => Some(calendar.ends_in(now.wall_ms)),
            Cell::Slots(_) => None,
        };
        Standing {
            used,
            remaining: u64::from(quantity.burst()).saturating_sub(used),
            resets_in: resets_in.map(|resets_in| if used == 0 { Duration::ZERO } else { resets_in }),
            warned: self.is_warned(),
        }
    }

    /// Is true when the cell holds nothing at `now` and may be forgotten. A live cell never is
    /// (docs/semantics.md rule 11).
    pub fn is_unused(&self, now: Now) -> bool {
        match self {
            Cell::Bucket(bucket) => bucket.refilled(now.mono_ns) >= bucket.used,
            Cell::Sliding(sliding) => sliding.is_empty_at(now.mono_ns),
            Cell::Calendar(calendar) => calendar.used == 0 || calendar.is_over(now.wall_ms),
            Cell::Slots(slots) => slots.open == 0,
        }
    }
}

// === impl Fit ===

impl Fit {
    /// Returns the wait of a limit that does not fit; `None` where it fits, and where the store's room alone is what
    /// is missing.
    pub fn wait(self) -> Option<Wait> {
        match self {
            Fit::Now | Fit::NoRoom => None,
            Fit::After(wait) => Some(Wait::Exact(wait)),
            Fit::Full => Some(Wait::Hint(SLOT_RETRY_HINT)),
            Fit::Never => Some(Wait::Never),
        }
    }
}

fn nanos(window: Duration) -> u64 {
    u64::try_from(window.as_nanos()).unwrap_or(u64::MAX).max(1)
}

#[cfg(test)]
mod tests;
