//! A day of the calendar, in UTC.

use std::fmt;

use jiff::{Span, civil::Date};

use super::Month;

/// A day in UTC, as in `2026-11-22`. It lies in exactly one month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Day(u32);

const DAY_MS: i64 = 86_400_000;

/// From the first day of the year 0 to that of Unix time.
const BEFORE_UNIX: i64 = 719_528;

/// 9999-12-31, the last day that has four digits of a year.
const LAST: u32 = 3_652_424;

impl Day {
    /// The day of a Unix time in milliseconds. What lies outside four digits of a year is on the first or last day.
    pub fn of(wall_ms: i64) -> Day {
        let days = wall_ms.div_euclid(DAY_MS) + BEFORE_UNIX;
        Day(u32::try_from(days.max(0)).unwrap_or(LAST).min(LAST))
    }

    /// Days since the first one of the year 0.
    pub fn number(self) -> u32 {
        self.0
    }

    /// The day of a number; `None` past the year 9999.
    pub fn numbered(number: u32) -> Option<Day> {
        (number <= LAST).then_some(Day(number))
    }

    /// The month it lies in.
    pub fn month(self) -> Month {
        Month::of((i64::from(self.0) - BEFORE_UNIX) * DAY_MS)
    }

    fn date(self) -> Date {
        // Every number is within what a `Date` may be.
        Date::ZERO.saturating_add(Span::new().days(self.0))
    }
}

impl Month {
    /// Its days, the first one first.
    pub fn days(self) -> impl Iterator<Item = Day> + use<> {
        let (year, month) = (self.number() / 12, self.number() % 12 + 1);
        let first = i16::try_from(year).ok().zip(i8::try_from(month).ok());
        let first = first.and_then(|(year, month)| Date::new(year, month, 1).ok());
        // Every number of a month is within what a `Date` may be.
        let first = first.unwrap_or(Date::ZERO);
        let begins = first.duration_since(Date::ZERO).as_hours() / 24;
        let begins = u32::try_from(begins).unwrap_or(0);
        (begins..begins + u32::from(first.days_in_month().unsigned_abs())).map(Day)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.date())
    }
}
