//! The choices of an override's end.

use jiff::{Timestamp, ToSpan, Zoned, tz::TimeZone};

/// One choice.
pub(super) struct OverrideEnd {
    /// The moment, RFC 3339 in UTC; empty for no end.
    pub(super) at: String,
    /// The choice in words.
    pub(super) words: String,
    /// True for the choice that is selected at first.
    pub(super) is_first: bool,
}

impl OverrideEnd {
    /// Returns the usual choices from now on. A time outside the calendar has only `until it is removed`.
    pub(super) fn choices(now_ms: i64) -> Vec<OverrideEnd> {
        let mut choices = Vec::new();
        let now = utc(now_ms);
        let mut add = |words: &str, at: Option<Zoned>, is_first| {
            if let Some(at) = at {
                choices.push(OverrideEnd {
                    at: at.timestamp().to_string(),
                    words: format!("{words}, {} UTC", at.strftime("%-d %b %H:%M")),
                    is_first,
                });
            }
        };
        if let Some(now) = now {
            let next = |then: Result<Zoned, jiff::Error>| then.and_then(|then| then.start_of_day()).ok();
            add("for an hour", now.checked_add(1.hour()).ok(), false);
            add("until tomorrow", next(now.checked_add(1.day())), true);
            add("for a week", next(now.checked_add(8.days())), false);
            let month = now.first_of_month().and_then(|first| first.checked_add(1.month()));
            add("until the end of the month", next(month), false);
        }
        choices.push(OverrideEnd {
            at: String::new(),
            words: "until it is removed".to_owned(),
            is_first: false,
        });
        choices
    }

    /// Returns the next day in UTC.
    pub(super) fn tomorrow(now_ms: i64) -> String {
        let next = utc(now_ms).and_then(|now| now.date().tomorrow().ok());
        next.map_or_else(String::new, |day| day.to_string())
    }
}

fn utc(now_ms: i64) -> Option<Zoned> {
    let now = Timestamp::from_millisecond(now_ms).ok()?;
    Some(now.to_zoned(TimeZone::UTC))
}

#[cfg(test)]
mod tests;
