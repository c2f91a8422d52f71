//! The one place that reads time.

use std::{
    sync::atomic::{AtomicI64, AtomicU64, Ordering},
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use tidegate_core::time::Now;

/// The source of time: the machine, or a test.
#[derive(Debug)]
pub enum Clock {
    /// The machine's clocks.
    System(System),
    /// A clock that moves when told to.
    Manual(Manual),
}

/// The machine's monotonic and wall clock.
#[derive(Debug)]
pub struct System {
    start: Instant,
}

/// A clock that moves when told to, for tests: nothing has to sleep.
#[derive(Debug)]
pub struct Manual {
    mono_ns: AtomicU64,
    wall_ms: AtomicI64,
}

impl Clock {
    /// Makes a clock that reads the machine's.
    #[expect(clippy::disallowed_methods, reason = "this file is the one that reads time")]
    pub fn system() -> Clock {
        Clock::System(System { start: Instant::now() })
    }

    /// Makes a clock that stands at a Unix time in milliseconds until it is moved.
    pub fn manual(wall_ms: i64) -> Clock {
        Clock::Manual(Manual {
            mono_ns: AtomicU64::new(START_NS),
            wall_ms: AtomicI64::new(wall_ms),
        })
    }

    /// Reads the clock once.
    #[expect(clippy::disallowed_methods, reason = "this file is the one that reads time")]
    pub fn now(&self) -> Now {
        match self {
            Clock::System(system) => Now {
                mono_ns: START_NS + nanos(system.start.elapsed()),
                wall_ms: wall_ms(SystemTime::now()),
            },
            Clock::Manual(manual) => Now {
                mono_ns: manual.mono_ns.load(Ordering::SeqCst),
                wall_ms: manual.wall_ms.load(Ordering::SeqCst),
            },
        }
    }

    /// Reads the clock that only goes forward, [`Now::mono_ns`], to measure durations.
    #[expect(clippy::disallowed_methods, reason = "this file is the one that reads time")]
    pub fn mono_ns(&self) -> u64 {
        match self {
            Clock::System(system) => START_NS + nanos(system.start.elapsed()),
            Clock::Manual(manual) => manual.mono_ns.load(Ordering::SeqCst),
        }
    }

    /// Moves a manual clock on; a system clock moves by itself.
    pub fn advance(&self, by: std::time::Duration) {
        if let Clock::Manual(manual) = self {
            manual.mono_ns.fetch_add(nanos(by), Ordering::SeqCst);
            manual
                .wall_ms
                .fetch_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX), Ordering::SeqCst);
        }
    }

    /// Steps a manual clock's wall time alone, as an operator or NTP does.
    pub fn step_wall(&self, by_ms: i64) {
        if let Clock::Manual(manual) = self {
            manual.wall_ms.fetch_add(by_ms, Ordering::SeqCst);
        }
    }
}

/// The reading at which clocks that only go forward start: a year from zero, which is longer than any window, so that the
/// counts of an earlier process have a time on this one's clock.
const START_NS: u64 = 365 * 86_400 * 1_000_000_000;

fn nanos(span: std::time::Duration) -> u64 {
    u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)
}

fn wall_ms(at: SystemTime) -> i64 {
    match at.duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
        Err(before) => -i64::try_from(before.duration().as_millis()).unwrap_or(i64::MAX),
    }
}
