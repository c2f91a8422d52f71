//! Dates of HTTP in the three forms of RFC 9110 5.6.7. None is written here.

use std::time::UNIX_EPOCH;

/// Reads a date as Unix seconds; `None` where the text is no date, or one before 1970.
pub(super) fn read(text: &str) -> Option<i64> {
    let since = httpdate::parse_http_date(text).ok()?.duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(since.as_secs()).ok()
}
