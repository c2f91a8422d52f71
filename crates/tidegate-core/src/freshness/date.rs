//! Dates of HTTP (RFC 9110 5.6.7): the one form that is written, and the two old ones that are still read.

use jiff::{fmt::strtime::BrokenDownTime, tz::TimeZone};

const FORMS: [&str; 3] = [
    "%a, %d %b %Y %H:%M:%S GMT",
    "%A, %d-%b-%y %H:%M:%S GMT",
    "%a %b %e %H:%M:%S %Y",
];

/// Unix seconds; `None` where the text is no date.
pub(super) fn read(text: &str) -> Option<i64> {
    FORMS.iter().find_map(|form| {
        let broken = BrokenDownTime::parse(form, text).ok()?;
        // Written again it is the same: what has a digit less or a space more is none of these forms.
        if broken.to_string(form).ok()? != text {
            return None;
        }
        let date = broken.to_datetime().ok()?;
        Some(date.to_zoned(TimeZone::UTC).ok()?.timestamp().as_second())
    })
}
