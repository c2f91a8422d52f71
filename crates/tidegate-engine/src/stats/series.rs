//! Counts by the minute over the last day, in memory of one size.

use std::{
    ops::Range,
    sync::atomic::{AtomicU64, Ordering},
};

use tidegate_core::time::Now;

/// Number of minutes that are kept: a day.
pub const MINUTES_MAX: usize = 1_440;

/// One number a minute, of the last [`MINUTES_MAX`] minutes.
///
/// A slot stores its own minute, so nothing has to empty it: a day later the next minute takes it over, and a
/// series that nobody reads or writes is as large as any other.
#[derive(Debug)]
pub(crate) struct Series {
    /// The minute in the upper half, its number in the lower.
    slots: Box<[AtomicU64]>,
}

/// A time of day as the series know it: minutes of Unix time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Minute(u32);

/// The span of time that a view covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// 60 points of a minute.
    Hour,
    /// 96 points of a quarter of an hour.
    Day,
}

// === impl Series ===

impl Series {
    pub(crate) fn new() -> Series {
        Series {
            slots: (0..MINUTES_MAX).map(|_| AtomicU64::new(0)).collect(),
        }
    }

    /// Counts one more. Threads that come to a new minute together lose no count.
    pub(crate) fn add(&self, minute: Minute) {
        let slot = self.slot(minute);
        let held = slot.load(Ordering::Relaxed);
        if is_of(held, minute) && number(held) < u32::MAX / 2 {
            slot.fetch_add(1, Ordering::Relaxed);
        } else {
            self.put(minute, |number| number.saturating_add(1));
        }
    }

    /// Keeps the highest level of a minute.
    pub(crate) fn raise(&self, minute: Minute, level: u32) {
        self.put(minute, |number| number.max(level));
    }

    /// Returns the sum of these minutes.
    pub(crate) fn sum(&self, minutes: Range<u32>) -> u64 {
        minutes.map(|minute| u64::from(self.at(Minute(minute)))).sum()
    }

    /// Returns the highest number of these minutes.
    pub(crate) fn highest(&self, minutes: Range<u32>) -> u64 {
        minutes
            .map(|minute| u64::from(self.at(Minute(minute))))
            .max()
            .unwrap_or(0)
    }

    fn at(&self, minute: Minute) -> u32 {
        let held = self.slot(minute).load(Ordering::Relaxed);
        if is_of(held, minute) { number(held) } else { 0 }
    }

    fn put(&self, minute: Minute, change: impl Fn(u32) -> u32) {
        // It always succeeds in the end: the closure never says no.
        let _ = self
            .slot(minute)
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |held| {
                let before = if is_of(held, minute) { number(held) } else { 0 };
                Some(u64::from(minute.0) << 32 | u64::from(change(before)))
            });
    }

    fn slot(&self, minute: Minute) -> &AtomicU64 {
        &self.slots[minute.0 as usize % MINUTES_MAX]
    }
}

fn is_of(held: u64, minute: Minute) -> bool {
    held >> 32 == u64::from(minute.0)
}

fn number(held: u64) -> u32 {
    (held & u64::from(u32::MAX)) as u32
}

// === impl Minute ===

impl Minute {
    pub(crate) fn of(now: Now) -> Minute {
        Minute(u32::try_from(now.wall_ms.div_euclid(60_000)).unwrap_or(0))
    }
}

// === impl Span ===

impl Span {
    /// Returns the time from one point to the next, in seconds.
    pub fn step_s(self) -> u32 {
        60 * self.step()
    }

    /// Returns the number of points.
    pub fn points(self) -> usize {
        match self {
            Span::Hour => 60,
            Span::Day => 96,
        }
    }

    /// Returns the span's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Span::Hour => "hour",
            Span::Day => "day",
        }
    }

    /// Returns the end of the last point, in Unix milliseconds. The point is the running one, so its end is to come.
    pub fn until_ms(self, now: Now) -> i64 {
        i64::from(self.end(Minute::of(now))) * 60_000
    }

    /// Returns the minutes of each point, the oldest first; the last is the running one.
    pub(crate) fn steps(self, now: Now) -> impl Iterator<Item = Range<u32>> {
        let (end, step) = (self.end(Minute::of(now)), self.step());
        (0..self.points() as u32).rev().map(move |back| {
            let until = end.saturating_sub(back * step);
            until.saturating_sub(step)..until
        })
    }

    /// Returns the minutes of all points.
    pub(crate) fn minutes(self, now: Now) -> Range<u32> {
        let end = self.end(Minute::of(now));
        end.saturating_sub(self.step() * self.points() as u32)..end
    }

    fn step(self) -> u32 {
        match self {
            Span::Hour => 1,
            Span::Day => 15,
        }
    }

    fn end(self, minute: Minute) -> u32 {
        let step = self.step();
        (minute.0 / step + 1).saturating_mul(step)
    }
}

#[cfg(test)]
mod tests;
