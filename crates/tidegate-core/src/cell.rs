//! One counter and how it moves. A cell knows no key and no limit's name.

use std::time::Duration;

use crate::{
    limit::{Period, Quantity},
    slots::Slots,
    time::Now,
    wait::{SLOT_RETRY_HINT, Wait},
};

/// One counter, as a store keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Of a `rate`.
    Bucket(Bucket),
    /// Of a `quota`.
    Calendar(Calendar),
    /// Of `slots`: a look at the set, made for one verdict. The store keeps the set, not this.
    Slots(Slots),
}

/// Where a cell stands at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Units taken and not yet refilled.
    pub used: u64,
    /// Units that would be admitted now.
    pub remaining: u64,
    /// Until nothing is used; `None` of slots, where that depends on when each is let go.
    pub resets_in: Option<Duration>,
}

/// Whether a cost fits now.
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

/// How late a reading may reach a cell without the cell's time being moved back to it.
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
            }),
            Quantity::Quota { period, .. } => Cell::Calendar(Calendar {
                used: 0,
                period,
                start_ms: period.start_ms(now.wall_ms),
            }),
            Quantity::Slots { .. } => Cell::Slots(Slots::new(0, false, true)),
        }
    }

    /// Brings the cell to `now` and under `quantity`; what is used stays used, also under another quota
    /// (SEMANTICS rule 10: 100 of 100 becomes 100 of 200).
    pub fn advance(&mut self, quantity: Quantity, now: Now) {
        match self {
            Cell::Bucket(bucket) => bucket.pass(now.mono_ns),
            Cell::Calendar(calendar) => calendar.pass(now.wall_ms),
            Cell::Slots(_) => {}
        }
        match (&mut *self, quantity) {
            (Cell::Bucket(bucket), Quantity::Rate { quota, burst, window }) => {
                bucket.put_under(quota, burst, nanos(window))
            }
            (Cell::Calendar(calendar), Quantity::Quota { period, .. }) => calendar.put_under(period, now.wall_ms),
            // The limit became one of another kind under the same name: what is used carries over, capped by what it may hold.
            (Cell::Bucket(bucket), Quantity::Quota { quota, period }) => {
                let used = bucket.used_units().min(u64::from(quota));
                *self = Cell::Calendar(Calendar {
                    used,
                    period,
                    start_ms: period.start_ms(now.wall_ms),
                });
            }
            (Cell::Calendar(calendar), Quantity::Rate { quota, burst, window }) => {
                let window_ns = nanos(window);
                let used = u128::from(calendar.used.min(u64::from(burst))) * u128::from(window_ns);
                *self = Cell::Bucket(Bucket {
                    used,
                    at_ns: now.mono_ns,
                    quota,
                    window_ns,
                });
            }
            (Cell::Slots(_), Quantity::Slots { .. }) => {}
            // What was asked says nothing about what is open, nor the other way: nothing carries over.
            (Cell::Slots(_), _) | (_, Quantity::Slots { .. }) => *self = Cell::new(quantity, now),
        }
    }

    /// Whether `cost` fits on top of `pending` units of the same request. The cell stands at `now` under `quantity`,
    /// see [`Cell::advance`].
    pub fn fit(&self, quantity: Quantity, cost: u32, pending: u64, now: Now) -> Fit {
        let units = u64::from(cost).saturating_add(pending);
        let capacity = u64::from(quantity.burst());
        // Asked for twice by one request, a slot is still one slot, so its pending units say nothing.
        if units > capacity && !quantity.is_slots() {
            return Fit::Never;
        }
        match self {
            Cell::Bucket(bucket) => bucket.fit(capacity, units, now.mono_ns),
            Cell::Calendar(calendar) => calendar.fit(capacity, units, now.wall_ms),
            Cell::Slots(slots) => slots.fit(capacity, cost),
        }
    }

    /// Takes `cost`; the caller has seen that it fits.
    pub fn take(&mut self, cost: u32) {
        match self {
            Cell::Bucket(bucket) => {
                bucket.used = bucket
                    .used
                    .saturating_add(u128::from(cost) * u128::from(bucket.window_ns))
            }
            Cell::Calendar(calendar) => calendar.used = calendar.used.saturating_add(u64::from(cost)),
            Cell::Slots(slots) => slots.take(cost),
        }
    }

    /// Where the cell stands. It stands at `now` under `quantity`, see [`Cell::advance`].
    pub fn standing(&self, quantity: Quantity, now: Now) -> Standing {
        let (used, resets_in) = match self {
            Cell::Bucket(bucket) => (bucket.used_units(), Some(bucket.until(bucket.used, now.mono_ns))),
            Cell::Calendar(calendar) => (calendar.used, Some(calendar.ends_in(now.wall_ms))),
            Cell::Slots(slots) => (slots.open, None),
        };
        Standing {
            used,
            remaining: u64::from(quantity.burst()).saturating_sub(used),
            resets_in: resets_in.map(|resets_in| if used == 0 { Duration::ZERO } else { resets_in }),
        }
    }

    /// Whether the cell holds nothing at `now` and may be forgotten. A live cell never is (SEMANTICS rule 11).
    pub fn is_unused(&self, now: Now) -> bool {
        match self {
            Cell::Bucket(bucket) => bucket.refilled(now.mono_ns) >= bucket.used,
            Cell::Calendar(calendar) => calendar.used == 0 || calendar.is_over(now.wall_ms),
            Cell::Slots(slots) => slots.open == 0,
        }
    }
}

// === impl Fit ===

impl Fit {
    /// What a limit that does not fit says about waiting; `None` where it fits, and where the store's room alone is what
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

/// The counter of a `rate`: exact, in units of one token times one nanosecond of the window, so that a refill of
/// `quota` per window is `quota` a nanosecond and nothing is ever rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    used: u128,
    at_ns: u64,
    quota: u32,
    window_ns: u64,
}

impl Bucket {
    fn pass(&mut self, now_ns: u64) {
        self.used = self.used.saturating_sub(self.refilled(now_ns));
        let stepped_back = Duration::from_nanos(self.at_ns.saturating_sub(now_ns)) > SKEW_MAX;
        self.at_ns = if stepped_back { now_ns } else { self.at_ns.max(now_ns) };
    }

    fn put_under(&mut self, quota: u32, burst: u32, window_ns: u64) {
        self.quota = quota;
        if window_ns != self.window_ns {
            let (old, new) = (u128::from(self.window_ns), u128::from(window_ns));
            self.used = self.used / old * new + (self.used % old * new).div_ceil(old);
            self.window_ns = window_ns;
        }
        // A debt is at most the capacity, so that a lowered quota locks nobody out beyond it.
        self.used = self.used.min(u128::from(burst) * u128::from(window_ns));
    }

    /// What has come back since the cell last moved, at the quota it was written under.
    fn refilled(&self, now_ns: u64) -> u128 {
        u128::from(now_ns.saturating_sub(self.at_ns)) * u128::from(self.quota)
    }

    fn fit(&self, capacity: u64, units: u64, now_ns: u64) -> Fit {
        let window_ns = u128::from(self.window_ns);
        let wanted = self.used + u128::from(units) * window_ns;
        match wanted.checked_sub(u128::from(capacity) * window_ns) {
            None | Some(0) => Fit::Now,
            Some(excess) => Fit::After(self.until(excess, now_ns)),
        }
    }

    fn used_units(&self) -> u64 {
        u64::try_from(self.used.div_ceil(u128::from(self.window_ns))).unwrap_or(u64::MAX)
    }

    /// How long until `amount` has come back.
    fn until(&self, amount: u128, now_ns: u64) -> Duration {
        let wait_ns = amount.div_ceil(u128::from(self.quota.max(1))) + u128::from(self.at_ns.saturating_sub(now_ns));
        // 2^32 units at one a month come back after 2^83 ns: more than 64 bits of them, well within a Duration.
        const SECOND_NS: u128 = 1_000_000_000;
        Duration::new(
            u64::try_from(wait_ns / SECOND_NS).unwrap_or(u64::MAX),
            (wait_ns % SECOND_NS) as u32,
        )
    }
}

/// The counter of a calendar `quota`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Calendar {
    used: u64,
    period: Period,
    start_ms: i64,
}

impl Calendar {
    fn pass(&mut self, wall_ms: i64) {
        let start_ms = self.period.start_ms(wall_ms);
        if start_ms > self.start_ms {
            self.used = 0;
            self.start_ms = start_ms;
        } else if self.start_ms - in_range(wall_ms) > SKEW_MAX_MS {
            // After a step back the count stays and the window is the one the clock now shows: no wait exceeds a
            // window. A reading that is merely late must not do so: the next one would begin the window anew.
            self.start_ms = start_ms;
        }
    }

    /// A window of another length began when the calendar says; no refill comes of the change (faults: case 10).
    fn put_under(&mut self, period: Period, wall_ms: i64) {
        if period != self.period {
            (self.period, self.start_ms) = (period, period.start_ms(wall_ms));
        }
    }

    fn is_over(&self, wall_ms: i64) -> bool {
        self.period.start_ms(wall_ms) > self.start_ms
    }

    fn fit(&self, capacity: u64, units: u64, wall_ms: i64) -> Fit {
        if self.used.saturating_add(units) <= capacity {
            Fit::Now
        } else {
            Fit::After(self.ends_in(wall_ms))
        }
    }

    fn ends_in(&self, wall_ms: i64) -> Duration {
        let late_ms = u64::try_from(self.start_ms - in_range(wall_ms)).unwrap_or(0);
        Duration::from_millis(late_ms) + self.period.ends_in(wall_ms.max(self.start_ms))
    }
}

const SKEW_MAX_MS: i64 = SKEW_MAX.as_millis() as i64;

// === impl Period ===

impl Period {
    /// When the window that holds `wall_ms` began, in Unix milliseconds, UTC.
    pub fn start_ms(self, wall_ms: i64) -> i64 {
        let wall_ms = in_range(wall_ms);
        match self {
            Period::Month => month_start_ms(wall_ms, 0),
            // 1970-01-01 was a Thursday: Monday windows begin three days before it.
            Period::Week => floor_to(wall_ms + 3 * DAY_MS, 7 * DAY_MS) - 3 * DAY_MS,
            Period::Day => floor_to(wall_ms, DAY_MS),
            Period::Hour => floor_to(wall_ms, 3_600_000),
            Period::Minute => floor_to(wall_ms, 60_000),
        }
    }

    /// How long until the window that holds `wall_ms` ends.
    pub fn ends_in(self, wall_ms: i64) -> Duration {
        let wall_ms = in_range(wall_ms);
        let end_ms = match self {
            Period::Month => month_start_ms(wall_ms, 1),
            _ => self.start_ms(wall_ms) + i64::try_from(self.longest().as_millis()).unwrap_or(i64::MAX),
        };
        Duration::from_millis(u64::try_from(end_ms - wall_ms).unwrap_or(0))
    }
}

const DAY_MS: i64 = 86_400_000;

/// The years 1 to 9998: what lies outside cannot come from a clock, and inside nothing overflows.
const WALL_MS_MIN: i64 = -62_135_596_800_000;
const WALL_MS_MAX: i64 = 253_370_764_799_999;

fn in_range(wall_ms: i64) -> i64 {
    wall_ms.clamp(WALL_MS_MIN, WALL_MS_MAX)
}

fn floor_to(value: i64, step: i64) -> i64 {
    value - value.rem_euclid(step)
}

/// The first of the month that holds `wall_ms`, or of a later one, by the proleptic Gregorian calendar.
fn month_start_ms(wall_ms: i64, months_later: i8) -> i64 {
    let start = jiff::Timestamp::from_millisecond(wall_ms)
        .map(|at| at.to_zoned(jiff::tz::TimeZone::UTC).date().first_of_month())
        .and_then(|date| date.checked_add(jiff::Span::new().months(months_later)))
        .and_then(|date| date.to_zoned(jiff::tz::TimeZone::UTC));
    // Within `WALL_MS_MIN` and `WALL_MS_MAX` the calendar has every month and the next.
    start.map_or(WALL_MS_MIN, |zoned| zoned.timestamp().as_millisecond())
}

fn nanos(window: Duration) -> u64 {
    u64::try_from(window.as_nanos()).unwrap_or(u64::MAX).max(1)
}

#[cfg(test)]
mod tests;
