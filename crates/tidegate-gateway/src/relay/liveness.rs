//! The liveness of one side: when it was last heard, and when it counts as gone.

use std::time::Duration;

use tokio::time::Instant;

/// The times at which a side was last heard of, and since which it owes a sign.
#[derive(Clone, Copy, Debug)]
pub(super) struct Liveness {
    heard_at: Instant,
    asked_at: Option<Instant>,
}

impl Liveness {
    pub(super) fn new(now: Instant) -> Liveness {
        Liveness {
            heard_at: now,
            asked_at: None,
        }
    }

    /// It sent something, or took something after it had not: its kernel at least is there.
    pub(super) fn heard(&mut self, now: Instant) {
        self.heard_at = now;
        self.asked_at = None;
    }

    /// A ping went out, or would have if the side took anything.
    pub(super) fn asked(&mut self, now: Instant) {
        self.asked_at.get_or_insert(now);
    }

    /// Returns the time at which it counts as gone: silent for two intervals, and one of them after it was asked. A side that could not
    /// be asked, since a frame to it stood half-written for want of its rest, owes nothing.
    pub(super) fn gone_at(&self, interval: Duration) -> Option<Instant> {
        self.asked_at
            .map(|asked_at| (self.heard_at + 2 * interval).max(asked_at + interval))
    }
}
