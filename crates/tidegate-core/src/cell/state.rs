//! A cell as plain data in wall time, so that it can outlive the process: a clock that only goes forward starts anew with
//! each one.

use std::time::Duration;

use super::{Bucket, Calendar, Cell, Sliding};
use crate::{limit::Period, time::Now};

/// The content of a cell, in wall time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CellState {
    /// The state of a `rate`.
    Bucket {
        /// The used amount, in units of one token times one nanosecond of the window.
        used: u128,
        /// Units a window, under which it refills.
        quota: u32,
        /// The window.
        window_ns: u64,
        /// The time at which that was used, in Unix milliseconds; never earlier than it was.
        at_ms: i64,
        /// It was warned that little is left.
        warned: bool,
    },
    /// The state of a `sliding` limit.
    Sliding {
        /// The time each unit was taken, oldest first, in Unix milliseconds; never earlier than it was.
        stamps_ms: Vec<i64>,
        /// The window.
        window_ns: u64,
        /// It was warned that little is left.
        warned: bool,
    },
    /// The state of a `quota`.
    Calendar {
        /// Units.
        used: u64,
        /// The calendar window they were taken in.
        period: Period,
        /// The time at which it began, in Unix milliseconds.
        start_ms: i64,
        /// It was warned that little is left.
        warned: bool,
    },
}

/// A count of a window no longer than this is not worth keeping: by the time a process is back it says little.
pub const OUTLIVED_WINDOW_MAX: Duration = Duration::from_secs(60);

impl Cell {
    /// The cell in wall time; `None` where it does not outlive a process: of slots, whose sockets are gone with it, and
    /// of windows up to [`OUTLIVED_WINDOW_MAX`].
    pub fn state(&self, now: Now) -> Option<CellState> {
        match self {
            Cell::Bucket(bucket) if Duration::from_nanos(bucket.window_ns) > OUTLIVED_WINDOW_MAX => {
                Some(CellState::Bucket {
                    used: bucket.used,
                    quota: bucket.quota,
                    window_ns: bucket.window_ns,
                    at_ms: wall_of(bucket.at_ns, now),
                    warned: bucket.warned,
                })
            }
            Cell::Sliding(sliding) if Duration::from_nanos(sliding.window_ns) > OUTLIVED_WINDOW_MAX => {
                Some(CellState::Sliding {
                    stamps_ms: sliding.stamps.iter().map(|stamp| wall_of(*stamp, now)).collect(),
                    window_ns: sliding.window_ns,
                    warned: sliding.warned,
                })
            }
            Cell::Calendar(calendar) if calendar.period.longest() > OUTLIVED_WINDOW_MAX => Some(CellState::Calendar {
                used: calendar.used,
                period: calendar.period,
                start_ms: calendar.start_ms,
                warned: calendar.warned,
            }),
            Cell::Bucket(_) | Cell::Sliding(_) | Cell::Calendar(_) | Cell::Slots(_) => None,
        }
    }

    /// Returns the time until nothing is used, if nothing else is taken; `None` of slots.
    pub fn unused_in(&self, now: Now) -> Option<Duration> {
        match self {
            _ if self.is_unused(now) => Some(Duration::ZERO),
            Cell::Bucket(bucket) => {
                let left = bucket.used.saturating_sub(bucket.refilled(now.mono_ns));
                Some(bucket.until(left, now.mono_ns))
            }
            Cell::Sliding(sliding) => Some(sliding.empty_in(now.mono_ns)),
            Cell::Calendar(calendar) => Some(calendar.ends_in(now.wall_ms)),
            Cell::Slots(_) => None,
        }
    }
}

impl CellState {
    /// The cell again, in another process. The time between is credited by the wall clock, and never less than none: one
    /// that stepped back takes nothing away, one that stepped forward gives back at most what was used. `None` for what
    /// no cell can hold.
    ///
    /// Its debt is cut to its capacity when it is first asked (docs/semantics.md rule 14), as the quota may be
    /// another.
    pub fn cell(&self, now: Now) -> Option<Cell> {
        match *self {
            CellState::Bucket {
                used,
                quota,
                window_ns,
                at_ms,
                warned,
            } => {
                if quota == 0 || !is_window(window_ns) {
                    return None;
                }
                let away_ns = u128::from(elapsed_ms(at_ms, now)) * 1_000_000;
                let used = used.min(u128::from(u32::MAX) * u128::from(window_ns));
                Some(Cell::Bucket(Bucket {
                    used: used.saturating_sub(away_ns * u128::from(quota)),
                    at_ns: now.mono_ns,
                    quota,
                    window_ns,
                    warned,
                }))
            }
            CellState::Sliding {
                ref stamps_ms,
                window_ns,
                warned,
            } => {
                if stamps_ms.len() > STAMPS_MAX || !is_window(window_ns) {
                    return None;
                }
                let ago_ns = |stamp_ms: &i64| elapsed_ms(*stamp_ms, now).saturating_mul(1_000_000);
                let stamps = stamps_ms
                    .iter()
                    .map(|stamp_ms| now.mono_ns.saturating_sub(ago_ns(stamp_ms)));
                let mut stamps: Vec<u64> = stamps.collect();
                stamps.sort_unstable();
                Some(Cell::Sliding(Sliding {
                    stamps,
                    at_ns: now.mono_ns,
                    window_ns,
                    warned,
                }))
            }
            CellState::Calendar {
                used,
                period,
                start_ms,
                warned,
            } => Some(Cell::Calendar(Calendar {
                used,
                period,
                start_ms: period.start_ms(start_ms),
                warned,
            })),
        }
    }
}

/// The longest window a limit may have, and a little.
const WINDOW_MAX: Duration = Duration::from_secs(32 * 86_400);

/// Most stamps of a cell: more than the quota of any limit for its widest block of addresses.
pub const STAMPS_MAX: usize = 2_000;

fn is_window(window_ns: u64) -> bool {
    window_ns > 0 && Duration::from_nanos(window_ns) <= WINDOW_MAX
}

/// The wall time of a reading of the clock that only goes forward, by the difference between the two now. A millisecond is
/// rounded up, so that nobody is credited with time that did not pass.
fn wall_of(at_ns: u64, now: Now) -> i64 {
    const MS_NS: u64 = 1_000_000;
    let ago_ms = now.mono_ns.saturating_sub(at_ns) / MS_NS;
    let ahead_ms = at_ns.saturating_sub(now.mono_ns) / MS_NS;
    now.wall_ms
        .saturating_sub(i64::try_from(ago_ms).unwrap_or(i64::MAX))
        .saturating_add(i64::try_from(ahead_ms).unwrap_or(i64::MAX))
        .saturating_add(1)
}

/// Milliseconds of wall time since then; none where the wall clock shows less.
fn elapsed_ms(at_ms: i64, now: Now) -> u64 {
    u64::try_from(i128::from(now.wall_ms) - i128::from(at_ms)).unwrap_or(0)
}

#[cfg(test)]
mod tests;
