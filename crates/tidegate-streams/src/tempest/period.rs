//! The time that a history question is about.

use crate::fault::Fault;
use crate::query::Query;

/// A range of epochs, both ends included, unix seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Period {
    pub(super) start_s: i64,
    pub(super) end_s: i64,
}

const DAY_S: i64 = 86_400;
/// The last second of the year 9999.
const EPOCH_MAX_S: i64 = 253_402_300_799;
const DAY_OFFSET_MAX: i64 = 36_500;

impl Period {
    /// Reads `day_offset` (UTC days back) or `time_start` and `time_end`; `None` when neither was given.
    /// A missing end is now; a missing start is a day before the end.
    pub(super) fn from_query(query: &Query, now_s: i64) -> Result<Option<Period>, Fault> {
        let expected = "seconds since 1970";
        let start = query.integer("time_start", 0..=EPOCH_MAX_S, expected)?;
        let end = query.integer("time_end", 0..=EPOCH_MAX_S, expected)?;
        let offset = query.integer("day_offset", 0..=DAY_OFFSET_MAX, "0 (today), 1 (yesterday) or more")?;
        if start.is_none() && end.is_none() {
            return Ok(offset.map(|days| {
                let start_s = now_s - now_s.rem_euclid(DAY_S) - days * DAY_S;
                let end_s = start_s + DAY_S - 1;
                Period { start_s, end_s }
            }));
        }
        let end_s = end.unwrap_or(now_s);
        let start_s = start.unwrap_or(end_s - DAY_S);
        if start_s > end_s {
            return Err(Fault::bad_request(format!(
                "parameter time_start: found {start_s}, expected at most time_end ({end_s})"
            )));
        }
        Ok(Some(Period { start_s, end_s }))
    }

    pub(super) fn seconds(self) -> i64 {
        self.end_s - self.start_s
    }
}
