//! Changes that this handle did not see: made by another process on the same file, or committed by a call that was
//! dropped while it waited. The audit trail's last number tells of both.

use std::sync::atomic::{AtomicI64, Ordering};

use crate::bounds;

/// The position up to which the audit trail has been followed. It is atomic, as every look-up passes here.
#[derive(Debug)]
pub(crate) struct ExternalChanges {
    /// The last audit row that is accounted for.
    seq: AtomicI64,
    /// The time of the last query of the trail, in the callers' Unix milliseconds; [`NEVER`] at first.
    asked_ms: AtomicI64,
}

/// A time further from any other than the bound, so that the first look-up asks.
const NEVER: i64 = i64::MIN;

/// One caller's turn to query the trail. If the query fails or is dropped, the turn is given back to the next caller.
pub(crate) struct Turn<'a> {
    of: &'a ExternalChanges,
    before_ms: i64,
    asked: bool,
}

// === impl ExternalChanges ===

impl Default for ExternalChanges {
    fn default() -> ExternalChanges {
        ExternalChanges {
            seq: AtomicI64::new(0),
            asked_ms: AtomicI64::new(NEVER),
        }
    }
}

impl ExternalChanges {
    /// Accounts for a change of our own, which was acted upon already. If it is not the very next row, somebody else's
    /// rows stand before it, and they stay to be noticed.
    pub(crate) fn own(&self, seq: i64) {
        let _ = self
            .seq
            .compare_exchange(seq - 1, seq, Ordering::AcqRel, Ordering::Relaxed);
    }

    /// Returns the turn to query the trail, if it is time. A clock that jumps, in either direction, makes it time.
    pub(crate) fn turn(&self, now_ms: i64) -> Option<Turn<'_>> {
        let before_ms = self.asked_ms.load(Ordering::Relaxed);
        if now_ms.abs_diff(before_ms) < bounds::EXTERNAL_CHANGE_MS_MAX {
            return None;
        }
        let mine = self
            .asked_ms
            .compare_exchange(before_ms, now_ms, Ordering::AcqRel, Ordering::Relaxed);
        mine.ok().map(|before_ms| Turn {
            of: self,
            before_ms,
            asked: false,
        })
    }

    /// Returns true when the trail went on without us; from here on it is followed up to `seq`.
    pub(crate) fn has_grown(&self, seq: i64) -> bool {
        self.seq.fetch_max(seq, Ordering::AcqRel) < seq
    }
}

impl Turn<'_> {
    /// Ends the turn after the query, so that it is not given back.
    pub(crate) fn end(mut self) {
        self.asked = true;
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if !self.asked {
            self.of.asked_ms.store(self.before_ms, Ordering::Release);
        }
    }
}
