//! `range = { … }` of a route: where its requests say what they read.

use tidegate_core::payload::points::Unknown;

use super::macros::keyed_table;
use crate::reader::{Choice, Named, OneOrMany, Whole, Word};

/// The cycle, in seconds, of a stream that nobody declared (docs/semantics.md rule 18).
pub const CYCLE_S: u64 = 1;

/// What a cycle may be, in seconds: up to a year of 366 days.
pub type CycleSeconds = Whole<1, 31_622_400>;

/// The unit of a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeUnit {
    /// Milliseconds.
    Milliseconds,
    /// Seconds.
    Seconds,
}

keyed_table! {
    /// Where a route's requests say which range they read of which streams, so that limits on `points` count on it.
    pub struct RangeText {
        /// The parameter of the range's start, which is included. Where a request leaves it out, it is the stream's first sample. Required.
        start: String,
        /// The parameter of its end, which is not. Where a request leaves it out, it is now. Required.
        end: String,
        /// The unit of both since 1970: `ms` or `s`. Times as RFC 3339 writes them are read too.
        unit: Choice<TimeUnit> = "ms",
        /// The parameter that caps the points of each stream.
        limit: String,
        /// The parameters that name streams, between commas, spaces or plus signs or as a JSON list of objects. Without them, and where nobody knows better, a request reads one.
        streams: OneOrMany<String>,
        /// The parameter that chooses a cycle.
        cycle: String,
        /// Its values, each with the seconds of its cycle: `{ 5 = 300, e = 86_400 }`. Of another value `cycle_s` counts.
        cycles_s: Named<CycleSeconds>,
        /// The cycle of a stream of which nothing else is known.
        cycle_s: CycleSeconds = CYCLE_S,
        /// What becomes of a read of streams that nobody knows: they `count` by the cycle above, they `pass`, or they `refuse` the read.
        unknown: Choice<Unknown> = "count",
    }
}

impl Word for TimeUnit {
    const WORDS: &'static [(&'static str, TimeUnit)] = &[("ms", TimeUnit::Milliseconds), ("s", TimeUnit::Seconds)];
}

impl Word for Unknown {
    const WORDS: &'static [(&'static str, Unknown)] = &[
        ("count", Unknown::Count),
        ("pass", Unknown::Pass),
        ("refuse", Unknown::Refuse),
    ];
}
