//! One counter and how it moves. A cell knows no key and no limit's name.

use std::time::Duration;

use crate::{
    limit::{Period, Quantity},
    time::Now,
};

/// One counter, as a store keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Of a `rate`.
    Bucket(Bucket),
    /// Of a `quota`.
    Calendar(Calendar),
}

/// Where a cell stands at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Units taken and not yet refilled.
    pub used: u64,
    /// Units that would be admitted now.
    pub remaining: u64,
    /// Until nothing is used.
    pub resets_in: Duration,
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
}

/// Most that a cell's time may stand before a later reading without the cell being moved back: threads read the
/// clock, then wait for a lock, so readings arrive slightly out of order.
pub const SKEW_MAX: Duration = Duration::from_millis(100);

impl Cell {
    /// An unused cell.
    pub fn new(quantity: Quantity, now: Now) -> Cell {
        match quantity {
            Quantity::Rate { quota, window, .. } => Cell::Bucket(Bucket { used: 0, at_ns: now.mono_ns, quota, window_ns: nanos(window) }),
            Quantity::Quota { period, .. } => Cell::Calendar(Calendar { used: 0, start_ms: period.start_ms(now.wall_ms) }),
        }
    }

    /// Brings the cell to `now` and under `quantity`; what is used stays used, also under another quota
    /// (SEMANTICS rule 10: 100 of 100 becomes 100 of 200).
    pub fn advance(&mut self, quantity: Quantity, now: Now) {
        match (&mut *self, quantity) {
            (Cell::Bucket(bucket), Quantity::Rate { quota, burst, window }) => bucket.advance(quota, burst, window, now.mono_ns),
            (Cell::Calendar(calendar), Quantity::Quota { period, .. }) => calendar.advance(period, now.wall_ms),
            // The limit became one of another kind under the same name: what is used carries over, capped by what it may hold.
            (Cell::Bucket(bucket), Quantity::Quota { quota, period }) => {
                let used = bucket.used_units().min(u64::from(quota));
                *self = Cell::Calendar(Calendar { used, start_ms: period.start_ms(now.wall_ms) });
            }
            (Cell::Calendar(calendar), Quantity::Rate { quota, burst, window }) => {
                let window_ns = nanos(window);
                let used = u128::from(calendar.used.min(u64::from(burst))) * u128::from(window_ns);
                *self = Cell::Bucket(Bucket { used, at_ns: now.mono_ns, quota, window_ns });
            }
        }
    }

    /// Whether `cost` fits on top of `pending` units. The cell stands at `now` under `quantity`, see [`Cell::advance`].
    pub fn fit(&self, quantity: Quantity, cost: u32, pending: u64, now: Now) -> Fit {
        if u64::from(cost) > u64::from(quantity.burst()) {
            return Fit::Never;
        }
        match (self, quantity) {
            (Cell::Bucket(bucket), _) => bucket.fit(quantity.burst(), u64::from(cost) + pending, now.mono_ns),
            (Cell::Calendar(calendar), Quantity::Quota { quota, period }) => calendar.fit(quota, period, u64::from(cost) + pending, now.wall_ms),
            (Cell::Calendar(_), Quantity::Rate { .. }) => Fit::Now,
        }
    }

    /// Takes `cost`; the caller has seen that it fits.
    pub fn take(&mut self, cost: u32) {
        match self {
            Cell::Bucket(bucket) => bucket.used = bucket.used.saturating_add(u128::from(cost) * u128::from(bucket.window_ns)),
            Cell::Calendar(calendar) => calendar.used = calendar.used.saturating_add(u64::from(cost)),
        }
    }

    /// Where the cell stands. It stands at `now` under `quantity`, see [`Cell::advance`].
    pub fn standing(&self, quantity: Quantity, now: Now) -> Standing {
        let burst = u64::from(quantity.burst());
        match (self, quantity) {
            (Cell::Bucket(bucket), _) => {
                let used = bucket.used_units();
                Standing { used, remaining: burst.saturating_sub(used), resets_in: bucket.resets_in(now.mono_ns) }
            }
            (Cell::Calendar(calendar), Quantity::Quota { period, .. }) => Standing {
                used: calendar.used,
                remaining: burst.saturating_sub(calendar.used),
                resets_in: if calendar.used == 0 { Duration::ZERO } else { period.ends_in(now.wall_ms) },
            },
            (Cell::Calendar(calendar), Quantity::Rate { .. }) => Standing { used: calendar.used, remaining: 0, resets_in: Duration::ZERO },
        }
    }

    /// Whether the cell holds nothing at `now` and may be forgotten. A live cell never is (SEMANTICS rule 11).
    pub fn is_unused(&self, period: Option<Period>, now: Now) -> bool {
        match self {
            Cell::Bucket(bucket) => bucket.refilled(now.mono_ns) >= bucket.used,
            Cell::Calendar(calendar) => calendar.used == 0 || period.is_some_and(|period| period.start_ms(now.wall_ms) > calendar.start_ms),
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
    fn advance(&mut self, quota: u32, burst: u32, window: Duration, now_ns: u64) {
        self.used -= self.refilled(now_ns).min(self.used);
        let stepped_back = Duration::from_nanos(self.at_ns.saturating_sub(now_ns)) > SKEW_MAX;
        self.at_ns = if stepped_back { now_ns } else { self.at_ns.max(now_ns) };
        self.quota = quota;
        let window_ns = nanos(window);
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

    fn fit(&self, burst: u32, units: u64, now_ns: u64) -> Fit {
        let capacity = u128::from(burst) * u128::from(self.window_ns);
        let wanted = self.used + u128::from(units) * u128::from(self.window_ns);
        match wanted.checked_sub(capacity) {
            None | Some(0) => Fit::Now,
            Some(excess) => Fit::After(self.until(excess, now_ns)),
        }
    }

    fn used_units(&self) -> u64 {
        u64::try_from(self.used.div_ceil(u128::from(self.window_ns))).unwrap_or(u64::MAX)
    }

    fn resets_in(&self, now_ns: u64) -> Duration {
        if self.used == 0 { Duration::ZERO } else { self.until(self.used, now_ns) }
    }

    fn until(&self, amount: u128, now_ns: u64) -> Duration {
        let wait_ns = u64::try_from(amount.div_ceil(u128::from(self.quota.max(1)))).unwrap_or(u64::MAX);
        Duration::from_nanos(wait_ns.saturating_add(self.at_ns.saturating_sub(now_ns)))
    }
}

/// The counter of a calendar `quota`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Calendar {
    used: u64,
    start_ms: i64,
}

impl Calendar {
    fn advance(&mut self, period: Period, wall_ms: i64) {
        let start_ms = period.start_ms(wall_ms);
        if start_ms > self.start_ms {
            self.used = 0;
        }
        // After a step back the count stays and the window is the one the clock now shows: no wait exceeds a window.
        self.start_ms = start_ms;
    }

    fn fit(&self, quota: u32, period: Period, units: u64, wall_ms: i64) -> Fit {
        if self.used.saturating_add(units) <= u64::from(quota) { Fit::Now } else { Fit::After(period.ends_in(wall_ms)) }
    }
}

// === impl Period ===

impl Period {
    /// When the window that holds `wall_ms` began, in Unix milliseconds, UTC.
    pub fn start_ms(self, wall_ms: i64) -> i64 {
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
        let end_ms = match self {
            Period::Month => month_start_ms(wall_ms, 1),
            _ => self.start_ms(wall_ms) + i64::try_from(self.longest().as_millis()).unwrap_or(i64::MAX),
        };
        Duration::from_millis(u64::try_from(end_ms - wall_ms).unwrap_or(0))
    }
}

const DAY_MS: i64 = 86_400_000;

fn floor_to(value: i64, step: i64) -> i64 {
    value - value.rem_euclid(step)
}

/// The first of the month that holds `wall_ms`, or of a later one, by the proleptic Gregorian calendar.
fn month_start_ms(wall_ms: i64, months_later: i8) -> i64 {
    let start = jiff::Timestamp::from_millisecond(wall_ms)
        .map(|at| at.to_zoned(jiff::tz::TimeZone::UTC).date().first_of_month())
        .and_then(|date| date.checked_add(jiff::Span::new().months(months_later)))
        .and_then(|date| date.to_zoned(jiff::tz::TimeZone::UTC));
    // Times outside jiff's years -9999 to 9999 cannot come from a clock; one endless window is as good as any there.
    start.map_or(i64::MIN / 2, |zoned| zoned.timestamp().as_millisecond())
}

fn nanos(window: Duration) -> u64 {
    u64::try_from(window.as_nanos()).unwrap_or(u64::MAX).max(1)
}

#[cfg(test)]
mod tests;
