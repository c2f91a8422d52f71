//! Passive health: after failed connects in a row a host is left alone for a moment, then tried by one.

/// Failed connects in a row after which a host is left alone.
pub(crate) const FAILURES_MAX: u32 = 3;

/// Time for which it is left alone at first; each further failure doubles it.
pub(crate) const REST_FIRST_NS: u64 = 500_000_000;

/// The longest it is left alone.
pub(crate) const REST_MAX_NS: u64 = 10_000_000_000;

/// The outcome of the latest connects to a host.
#[derive(Debug, Default)]
pub(crate) struct PassiveHealth {
    failures: u32,
    rests_until_ns: u64,
    probing: bool,
}

impl PassiveHealth {
    /// Is true when a connect may be tried now. While a host rests nobody tries; after it one does, whose luck decides for all.
    pub(crate) fn may_try(&mut self, now_ns: u64) -> bool {
        if self.is_resting(now_ns) {
            return false;
        }
        self.probing = self.failures >= FAILURES_MAX;
        true
    }

    /// Is true while nobody may try.
    pub(crate) fn is_resting(&self, now_ns: u64) -> bool {
        self.failures >= FAILURES_MAX && (self.probing || now_ns < self.rests_until_ns)
    }

    /// The last connects failed, and none succeeded since.
    pub(crate) fn is_failing(&self) -> bool {
        self.failures >= FAILURES_MAX
    }

    pub(crate) fn succeeded(&mut self) {
        *self = PassiveHealth::default();
    }

    pub(crate) fn failed(&mut self, now_ns: u64) {
        self.probing = false;
        self.failures = self.failures.saturating_add(1);
        if let Some(further) = self.failures.checked_sub(FAILURES_MAX) {
            let rest_ns = REST_FIRST_NS.saturating_mul(1 << further.min(16)).min(REST_MAX_NS);
            self.rests_until_ns = now_ns.saturating_add(rest_ns);
        }
    }

    /// The one who tried left before it was decided.
    pub(crate) fn abandoned(&mut self) {
        self.probing = false;
    }
}

#[cfg(test)]
mod tests;
