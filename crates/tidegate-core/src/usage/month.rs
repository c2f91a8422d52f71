//! A month of the calendar, in UTC.

use std::{fmt, str::FromStr};

/// A month in UTC, as in `2026-11`. Leap seconds and time zones make none longer: a second that is inserted has, as Unix
/// time, the number of its neighbour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Month(u32);

/// The text is no month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a month is written as 2026-11")]
pub struct NotAMonth;

const MONTHS: u32 = 12;
/// Years that are written with four digits.
const YEARS_MAX: u32 = 9_999;

impl Month {
    /// The month of a Unix time in milliseconds. What lies outside four digits of a year is in the first or last month.
    pub fn of(wall_ms: i64) -> Month {
        let Ok(at) = jiff::Timestamp::from_millisecond(wall_ms) else {
            return if wall_ms < 0 { Month(0) } else { Month::LAST };
        };
        let date = at.to_zoned(jiff::tz::TimeZone::UTC).date();
        let year = u32::try_from(date.year()).unwrap_or(0);
        let month = u32::from(date.month().unsigned_abs()).saturating_sub(1);
        Month(year * MONTHS + month)
    }

    /// Months since January of the year 0.
    pub fn number(self) -> u32 {
        self.0
    }

    /// The month of a number; `None` past the year 9999.
    pub fn numbered(number: u32) -> Option<Month> {
        (number <= Month::LAST.0).then_some(Month(number))
    }

    const LAST: Month = Month(YEARS_MAX * MONTHS + MONTHS - 1);
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.0 / MONTHS, self.0 % MONTHS + 1)
    }
}

impl FromStr for Month {
    type Err = NotAMonth;

    fn from_str(text: &str) -> Result<Month, NotAMonth> {
        let digits = |text: &str, count: usize| {
            let fits = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse::<u32>().ok().filter(|_| fits).ok_or(NotAMonth)
        };
        let (year, month) = text.trim().split_once('-').ok_or(NotAMonth)?;
        let (year, month) = (digits(year, 4)?, digits(month, 2)?);
        match month {
            1..=MONTHS => Ok(Month(year * MONTHS + month - 1)),
            _ => Err(NotAMonth),
        }
    }
}
