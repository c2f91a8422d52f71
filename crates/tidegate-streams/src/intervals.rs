//! Cycles: how long a stream's intervals are, and when they begin.
//!
//! Up to the hour an interval is a fixed number of milliseconds. From the day on it follows the calendar of a time
//! zone, so that a day may have 23 or 25 hours: 24 hours and 1 day are two cycles.

mod calendar;
mod unit;

pub use unit::CycleUnit;

use calendar::Calendar;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use unit::Length;

/// The most units one interval may span.
pub(crate) const UNITS_PER_INTERVAL_MAX: u32 = 10_000;

/// Intervals that follow each other without a gap. Times are unix milliseconds.
#[derive(Clone, Debug, PartialEq)]
pub struct Cycle(Steps);

#[derive(Clone, Debug, PartialEq)]
enum Steps {
    Fixed { size_ms: i64, anchor_ms: i64 },
    Calendar(Calendar),
}

/// The mistake in a definition of a cycle.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CycleError {
    #[error("found {0} units an interval, expected 1 to {UNITS_PER_INTERVAL_MAX}")]
    Size(u32),
    #[error("the reference date {0} has no instant in its time zone")]
    Reference(DateTime),
}

impl Cycle {
    /// Intervals of `units` of `unit`, one of which begins at `reference` in `zone`.
    pub(crate) fn new(unit: CycleUnit, units: u32, reference: DateTime, zone: TimeZone) -> Result<Cycle, CycleError> {
        if !(1..=UNITS_PER_INTERVAL_MAX).contains(&units) {
            return Err(CycleError::Size(units));
        }
        let units = i64::from(units);
        let steps = match unit.length() {
            Length::Fixed { unit_ms } => {
                let anchor = zone.to_timestamp(reference);
                Steps::Fixed {
                    size_ms: units * unit_ms,
                    anchor_ms: anchor.map_err(|_| CycleError::Reference(reference))?.as_millisecond(),
                }
            }
            Length::Calendar(unit) => Steps::Calendar(Calendar {
                unit,
                units,
                reference,
                zone,
            }),
        };
        Ok(Cycle(steps))
    }

    /// A second: what a stream has that nobody gave a cycle.
    pub fn second() -> Cycle {
        Cycle(Steps::Fixed {
            size_ms: 1_000,
            anchor_ms: 0,
        })
    }

    /// Counts the cycles of a range, rounded up: the least number of them that, laid from `start_ms` on, reach
    /// `end_ms`. None for a range that is empty.
    pub fn count(&self, start_ms: i64, end_ms: i64) -> u64 {
        if end_ms <= start_ms {
            return 0;
        }
        let count = match &self.0 {
            Steps::Fixed { size_ms, .. } => {
                let range_ms = i128::from(end_ms) - i128::from(start_ms);
                let size_ms = i128::from(*size_ms);
                i64::try_from((range_ms + size_ms - 1) / size_ms).unwrap_or(i64::MAX)
            }
            Steps::Calendar(calendar) => calendar.from(start_ms).index_of(end_ms - 1) + 1,
        };
        u64::try_from(count).unwrap_or(0)
    }

    /// Returns the end of a range that begins at `start_ms` and has `count` cycles: the widest one that
    /// [`Cycle::count`] says has no more.
    pub fn after(&self, start_ms: i64, count: u64) -> i64 {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        match &self.0 {
            Steps::Fixed { size_ms, .. } => start_ms.saturating_add(size_ms.saturating_mul(count)),
            Steps::Calendar(calendar) => calendar.from(start_ms).start(count).unwrap_or(i64::MAX),
        }
    }

    /// The beginning of the interval that holds `time_ms`.
    pub(crate) fn start_of(&self, time_ms: i64) -> i64 {
        self.back(time_ms, 0)
    }

    /// The end of the interval that holds `time_ms`, which is where the next one begins.
    pub(crate) fn end_of(&self, time_ms: i64) -> i64 {
        match &self.0 {
            Steps::Fixed { size_ms, .. } => self.start_of(time_ms).saturating_add(*size_ms),
            Steps::Calendar(calendar) => calendar.end_of(time_ms),
        }
    }

    /// Interval after interval, from the one that holds `time_ms` on.
    pub(crate) fn walk(&self, time_ms: i64) -> Walk<'_> {
        let index = match &self.0 {
            Steps::Fixed { .. } => 0,
            Steps::Calendar(calendar) => calendar.index_of(time_ms),
        };
        Walk {
            cycle: self,
            index,
            start_ms: self.start_of(time_ms),
        }
    }

    /// The beginning of the interval that is `count` before the one that holds `time_ms`.
    pub(crate) fn back(&self, time_ms: i64, count: u32) -> i64 {
        match &self.0 {
            Steps::Fixed { size_ms, anchor_ms } => {
                let since = time_ms.saturating_sub(*anchor_ms);
                let start = since - since.rem_euclid(*size_ms) + anchor_ms;
                start.saturating_sub(size_ms.saturating_mul(i64::from(count)))
            }
            Steps::Calendar(calendar) => {
                let index = calendar.index_of(time_ms) - i64::from(count);
                calendar.start(index).unwrap_or(i64::MIN)
            }
        }
    }
}

/// A place in a cycle that moves forward. A step of it costs less than to look for an interval by a time.
pub(crate) struct Walk<'a> {
    cycle: &'a Cycle,
    index: i64,
    start_ms: i64,
}

impl Walk<'_> {
    /// The beginning of the interval it stands at.
    pub(crate) fn start_ms(&self) -> i64 {
        self.start_ms
    }

    /// Goes on to the next interval that has a length.
    pub(crate) fn step(&mut self) {
        let from_ms = self.start_ms;
        match &self.cycle.0 {
            Steps::Fixed { size_ms, .. } => self.start_ms = from_ms.saturating_add(*size_ms),
            Steps::Calendar(calendar) => {
                while self.start_ms <= from_ms {
                    self.index += 1;
                    self.start_ms = calendar.start(self.index).unwrap_or(i64::MAX);
                    if self.start_ms == i64::MAX {
                        break;
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
