//! The points of a stream: its samples and, where it has intervals, its gaps.

use super::limits::TIME_MAX_MS;
use crate::fault::Fault;
use crate::intervals::{Cycle, Walk};
use crate::query::Query;
use crate::store::{Rhythm, SampleRange, Store, StreamRow};
use serde_json::Value;

/// The points a read asks for: `start_ms` included, `end_ms` excluded.
#[derive(Clone, Copy, Debug)]
pub(super) struct PointRange {
    pub(super) start_ms: Option<i64>,
    pub(super) end_ms: Option<i64>,
    /// The most points of each stream: the oldest ones after a start, the newest ones without one.
    pub(super) limit: Option<u32>,
    /// The most points the answer may have: one more is the end of it.
    pub(super) points_max: u32,
}

impl PointRange {
    /// From two parameters, unix milliseconds.
    pub(super) fn of(query: &Query, start: &str, end: &str, points_max: u32) -> Result<PointRange, Fault> {
        let expected = "milliseconds since 1970";
        let start_ms = query.integer(start, 0..=TIME_MAX_MS, expected)?;
        let end_ms = query.integer(end, 0..=TIME_MAX_MS, expected)?;
        if let (Some(from), Some(to)) = (start_ms, end_ms)
            && from > to
        {
            return Err(Fault::bad_request(format!(
                "parameter {start}: found {from}, expected at most {end} ({to})"
            )));
        }
        Ok(PointRange {
            start_ms,
            end_ms,
            limit: None,
            points_max,
        })
    }

    fn samples(&self) -> SampleRange {
        SampleRange {
            start_ms: self.start_ms.unwrap_or(i64::MIN),
            end_ms: self.end_ms.unwrap_or(i64::MAX),
            samples_max: self.count_max(),
            newest: self.newest(),
        }
    }

    fn newest(&self) -> bool {
        self.start_ms.is_none() && self.limit.is_some()
    }

    /// One more than the answer may have, to tell "all of it" from "too much".
    fn count_max(&self) -> u32 {
        let most = self.points_max.saturating_add(1);
        self.limit.map_or(most, |limit| limit.min(most))
    }
}

/// Widens a range to whole intervals of a stream that has some.
pub(super) fn rounded(stream: &StreamRow, start_ms: i64, end_ms: i64) -> (i64, i64) {
    match &stream.rhythm {
        Rhythm::Interval(cycle) if start_ms < end_ms => (cycle.start_of(start_ms), cycle.end_of(end_ms - 1)),
        _ => (start_ms, end_ms),
    }
}

/// Calls `each` with the points of a range, oldest first, until it answers false. `None` is a gap. A range with both
/// ends has every interval between them; one without, those from the first sample to the last.
pub(super) async fn each_point(
    store: &Store,
    stream: &StreamRow,
    range: PointRange,
    mut each: impl FnMut(i64, Option<Value>) -> bool,
) -> Result<(), sqlx::Error> {
    let Rhythm::Interval(cycle) = &stream.rhythm else {
        let each = |time_ms, value| each(time_ms, Some(value));
        return store.each_sample(stream, range.samples(), each).await;
    };
    let mut samples = range.samples();
    samples.start_ms = range.start_ms.map_or(i64::MIN, |start| cycle.start_of(start));
    samples.end_ms = match range.end_ms {
        Some(end) if end > range.start_ms.unwrap_or(i64::MIN) => cycle.end_of(end.saturating_sub(1)),
        Some(end) => end,
        None => i64::MAX,
    };
    let whole = range.start_ms.is_some() && range.end_ms.is_some() && samples.start_ms < samples.end_ms;
    let mut from_ms = whole.then_some(samples.start_ms);
    if samples.newest {
        let last = store.last_sample(stream, samples.end_ms).await?;
        let (Some((last_ms, _)), Some(first_ms)) = (last, store.first_sample_ms(stream).await?) else {
            return Ok(());
        };
        // The newest intervals, which are fewer samples where there are gaps.
        samples.newest = false;
        samples.start_ms = cycle.back(last_ms, range.count_max() - 1).max(first_ms);
        from_ms = Some(samples.start_ms);
    }
    let mut intervals = Intervals {
        cycle,
        next: from_ms.map(|from_ms| cycle.walk(from_ms)),
        left: range.count_max(),
        each,
    };
    store
        .each_sample(stream, samples, |start_ms, value| intervals.sample(start_ms, value))
        .await?;
    if whole {
        intervals.gaps_until(samples.end_ms);
    }
    Ok(())
}

/// Hands on samples with the gaps before them.
struct Intervals<'a, F> {
    cycle: &'a Cycle,
    /// The next interval; `None` before the first.
    next: Option<Walk<'a>>,
    left: u32,
    each: F,
}

impl<F: FnMut(i64, Option<Value>) -> bool> Intervals<'_, F> {
    fn sample(&mut self, start_ms: i64, value: Value) -> bool {
        self.gaps_until(start_ms) && self.point(start_ms, Some(value))
    }

    fn gaps_until(&mut self, end_ms: i64) -> bool {
        while let Some(gap_ms) = self.next.as_ref().map(Walk::start_ms).filter(|next| *next < end_ms) {
            if !self.point(gap_ms, None) {
                return false;
            }
        }
        self.left > 0
    }

    fn point(&mut self, start_ms: i64, value: Option<Value>) -> bool {
        if self.left == 0 || !(self.each)(start_ms, value) {
            self.left = 0;
            return false;
        }
        self.left -= 1;
        self.next.get_or_insert_with(|| self.cycle.walk(start_ms)).step();
        true
    }
}

/// Is true when a range has no more intervals than its answer may have points. One that has is refused before it is
/// walked.
pub(super) fn may_fit(stream: &StreamRow, range: &PointRange) -> bool {
    match (&stream.rhythm, range.start_ms, range.end_ms, range.limit) {
        (Rhythm::Interval(cycle), Some(start_ms), Some(end_ms), None) => {
            cycle.count(start_ms, end_ms) <= u64::from(range.points_max)
        }
        _ => true,
    }
}
