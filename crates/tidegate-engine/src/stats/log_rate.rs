//! A rate limit for log lines about one thing, with a count of the lines left out.

use parking_lot::Mutex;
use tidegate_core::time::Now;

/// A bound of log lines a second.
#[derive(Debug)]
pub struct LogRate {
    state: Mutex<State>,
    per_s_max: u32,
}

#[derive(Debug, Default)]
struct State {
    second: u64,
    written: u32,
    left_out: u64,
}

impl LogRate {
    /// Makes a bound of at most `per_s_max` lines in a second of the clock that only goes forward.
    pub fn new(per_s_max: u32) -> LogRate {
        LogRate {
            state: Mutex::default(),
            per_s_max,
        }
    }

    /// Takes room for a line: returns how many were left out since the last one, or `None` when there is no room now.
    pub fn take(&self, now: Now) -> Option<u64> {
        let second = now.mono_ns / 1_000_000_000;
        let mut state = self.state.lock();
        // A reading from before the running second counts in it.
        if second > state.second {
            (state.second, state.written) = (second, 0);
        }
        if state.written >= self.per_s_max {
            state.left_out += 1;
            return None;
        }
        state.written += 1;
        Some(std::mem::take(&mut state.left_out))
    }
}

#[cfg(test)]
mod tests;
