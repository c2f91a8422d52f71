//! Time as an argument: nothing in this crate reads a clock.

/// One reading of the clock, taken once a request and passed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// Nanoseconds on a clock that only goes forward; buckets run on it, so that a step of the wall clock moves none.
    pub mono_ns: u64,
    /// Unix time in milliseconds; calendar windows, end dates and the log run on it.
    pub wall_ms: i64,
}
