//! The counter of a calendar `quota`, and the calendar.

use std::time::Duration;

use super::{Fit, SKEW_MAX};
use crate::limit::Period;

/// The counter of a calendar `quota`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Calendar {
    pub(super) used: u64,
    pub(super) period: Period,
    pub(super) start_ms: i64,
    pub(super) warned: bool,
}

impl Calendar {
    pub(super) fn pass(&mut self, wall_ms: i64) {
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

    /// A window of another length began when the calendar says; no refill comes of the change (fault 10).
    pub(super) fn put_under(&mut self, period: Period, wall_ms: i64) {
        if period != self.period {
            (self.period, self.start_ms) = (period, period.start_ms(wall_ms));
        }
    }

    pub(super) fn is_over(&self, wall_ms: i64) -> bool {
        self.period.start_ms(wall_ms) > self.start_ms
    }

    pub(super) fn fit(&self, capacity: u64, units: u64, wall_ms: i64) -> Fit {
        if self.used.saturating_add(units) <= capacity {
            Fit::Now
        } else {
            Fit::After(self.ends_in(wall_ms))
        }
    }

    pub(super) fn ends_in(&self, wall_ms: i64) -> Duration {
        let late_ms = u64::try_from(self.start_ms - in_range(wall_ms)).unwrap_or(0);
        Duration::from_millis(late_ms) + self.period.ends_in(wall_ms.max(self.start_ms))
    }
}

const SKEW_MAX_MS: i64 = SKEW_MAX.as_millis() as i64;

// === impl Period ===

impl Period {
    /// Returns the time at which the window that holds `wall_ms` began, in Unix milliseconds, UTC.
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

    /// Returns the time until the window that holds `wall_ms` ends.
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
