//! How many lines about one thing the log takes: so many a second, and then how many were left out.

use parking_lot::Mutex;
use tidegate_core::time::Now;

/// Lets through so many a second.
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
    /// At most `per_s_max` lines in a second of the clock that only goes forward.
    pub fn new(per_s_max: u32) -> LogRate {
        LogRate {
            state: Mutex::default(),
            per_s_max,
        }
    }

    /// Whether there is room for a line now; with it, how many were left out since the last one.
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
