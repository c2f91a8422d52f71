//! Readers of durations and dates as people type them.

use std::time::Duration;

/// Reads `90s`, `15m`, `12h` or `90d`.
///
/// # Errors
/// Returns a sentence that says what would be right.
pub fn span(text: &str) -> Result<Duration, String> {
    let right = || format!("`{text}` is not a duration: write `90s`, `15m`, `12h` or `90d`");
    let unit = text.chars().last().ok_or_else(right)?;
    let secs_each: u64 = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return Err(right()),
    };
    let count: u64 = text[..text.len() - unit.len_utf8()].parse().map_err(|_| right())?;
    match count.checked_mul(secs_each) {
        Some(secs @ 1..=SPAN_SECS_MAX) => Ok(Duration::from_secs(secs)),
        _ => Err(format!("`{text}` is not between one second and a hundred years")),
    }
}

/// A hundred years.
const SPAN_SECS_MAX: u64 = 36_525 * 86_400;

/// Reads `2026-12-01` (that day's beginning, UTC) or an RFC 3339 time; returns Unix milliseconds.
///
/// # Errors
/// Returns a sentence that says what would be right.
pub fn date(text: &str) -> Result<i64, String> {
    if let Ok(at) = text.parse::<jiff::Timestamp>() {
        return Ok(at.as_millisecond());
    }
    let day = text
        .parse::<jiff::civil::Date>()
        .and_then(|day| day.to_zoned(jiff::tz::TimeZone::UTC));
    day.map(|day| day.timestamp().as_millisecond()).map_err(|_| {
        format!("`{text}` is not a date: write `2026-12-01` (its beginning, UTC) or `2026-12-01T18:00:00Z`")
    })
}

#[cfg(test)]
mod tests;
