//! The pace of commands: a minute's worth at once, refilled evenly.

const MINUTE_US: i64 = 60_000_000;

/// The state of one socket's pace: one number, the time at which all that was taken is refilled.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    step_us: i64,
    full_at_us: i64,
}

impl Pace {
    /// Makes a pace of this many commands a minute, at least one.
    pub(super) fn new(per_minute_max: u32) -> Pace {
        Pace {
            step_us: MINUTE_US / i64::from(per_minute_max.max(1)),
            full_at_us: i64::MIN,
        }
    }

    /// Takes one; refused, it takes nothing and answers the milliseconds after which one will pass.
    pub(super) fn take(&mut self, now_ms: i64) -> Result<(), i64> {
        let now_us = now_ms.saturating_mul(1_000);
        // A clock that was set back must not hold anyone for longer than a full minute's refill.
        self.full_at_us = self.full_at_us.clamp(now_us, now_us.saturating_add(MINUTE_US));
        let taken_us = self.full_at_us.saturating_add(self.step_us);
        let over_us = taken_us.saturating_sub(now_us).saturating_sub(MINUTE_US);
        if over_us > 0 {
            return Err((over_us + 999) / 1_000);
        }
        self.full_at_us = taken_us;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
