//! The bounds of one request. The host's own limits are stricter or looser; these keep memory bounded.

/// The most samples one PUT may carry.
pub const SAMPLES_PER_PUT_MAX: usize = 500_000;

/// The most streams one PUT may name.
pub const STREAMS_PER_PUT_MAX: usize = 10_000;

/// The most samples one read answers; a wider question without `limit` is refused with 422. The host's own limit is
/// lower, and by the range alone: a range that begins within an interval touches one more.
pub const SAMPLES_PER_GET_MAX: u32 = 1_100_000;

/// The most bytes one read answers; strings are long.
pub(super) const ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;

/// The most characters a component's or stream's id may have, as the platform states it.
pub(super) const ID_CHARS_MAX: usize = 512;

/// The most bytes a string sample may have.
pub(super) const TEXT_BYTES_MAX: usize = 65_536;

/// Times from 1970 to the end of the year 9999, unix milliseconds.
pub(super) const TIME_MAX_MS: i64 = 253_402_300_799_999;

/// The most streams one advanced read or deletion may name.
pub(super) const STREAMS_PER_GET_MAX: usize = 1_000;

/// The most components one page of a list has.
pub(super) const COMPONENTS_PER_PAGE_MAX: u32 = 1_000;
