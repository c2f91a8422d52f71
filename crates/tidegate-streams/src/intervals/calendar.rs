//! Intervals that follow a calendar.

use super::unit::CalendarUnit;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

/// Every interval is reckoned from the reference, not from the one before it: a month after 31 January is 28 February,
/// and two months after it are 31 March.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Calendar {
    pub(super) unit: CalendarUnit,
    pub(super) units: i64,
    pub(super) reference: DateTime,
    pub(super) zone: TimeZone,
}

impl Calendar {
    /// Returns these intervals, laid from another time on.
    pub(super) fn from(&self, start_ms: i64) -> Calendar {
        Calendar {
            reference: self.local(start_ms),
            ..self.clone()
        }
    }

    /// Returns the time at which interval `index` begins, unix milliseconds; `None` outside of the calendar. A time
    /// that clocks skip is moved on by what they skip; of one that comes twice it is the first.
    pub(super) fn start(&self, index: i64) -> Option<i64> {
        let units = index.checked_mul(self.units)?;
        let span = match self.unit {
            CalendarUnit::Day => Span::new().try_days(units),
            CalendarUnit::Week => Span::new().try_weeks(units),
            CalendarUnit::Month => Span::new().try_months(units),
            CalendarUnit::Year => Span::new().try_years(units),
        };
        let local = self.reference.checked_add(span.ok()?).ok()?;
        Some(self.zone.to_timestamp(local).ok()?.as_millisecond())
    }

    /// The index of the interval that holds `time_ms`.
    pub(super) fn index_of(&self, time_ms: i64) -> i64 {
        // The reference's time of day, months of different length and clocks that change make the first guess wrong
        // by a few intervals at most.
        let mut index = self.elapsed(self.local(time_ms)).div_euclid(self.units);
        while index > INDEX_MIN && self.start(index).is_none_or(|start| start > time_ms) {
            index -= 1;
        }
        while self.start(index + 1).is_some_and(|start| start <= time_ms) {
            index += 1;
        }
        index
    }

    /// Returns the end of the interval that holds `time_ms`. Where a zone skipped a whole day, the next one begins
    /// where this one does, and has no length.
    pub(super) fn end_of(&self, time_ms: i64) -> i64 {
        let index = self.index_of(time_ms);
        self.start(index + 1).unwrap_or(i64::MAX)
    }

    fn local(&self, time_ms: i64) -> DateTime {
        let edge = if time_ms < 0 { Timestamp::MIN } else { Timestamp::MAX };
        let time = Timestamp::from_millisecond(time_ms).unwrap_or(edge);
        self.zone.to_datetime(time)
    }

    /// Whole units from the reference's date to that of `local`, about.
    fn elapsed(&self, local: DateTime) -> i64 {
        let months = |at: DateTime| i64::from(at.year()) * 12 + i64::from(at.month());
        let days = || {
            let since = local.date().since(self.reference.date());
            since.map_or(0, |span| i64::from(span.get_days()))
        };
        match self.unit {
            CalendarUnit::Day => days(),
            CalendarUnit::Week => days().div_euclid(7),
            CalendarUnit::Month => months(local) - months(self.reference),
            CalendarUnit::Year => i64::from(local.year()) - i64::from(self.reference.year()),
        }
    }
}

/// More days than the calendar has: a search that got here would not end.
const INDEX_MIN: i64 = -8_000_000;
