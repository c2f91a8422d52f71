//! The last answers of an upstream to a client that broke the rules.

use tokio::time::Instant;

use super::{RelayRules, frame::Violation};

/// A client's violation that is not answered yet: the upstream was told that the client goes away, and what it sends until
/// its own Close are answers to the good messages before. The socket still counts, for data still passes.
#[derive(Clone, Copy, Debug)]
pub(super) struct PendingViolation {
    pub(super) violation: Violation,
    /// The time at which the client broke the rules: the bound of a close is counted from here.
    pub(super) since: Instant,
}

impl PendingViolation {
    /// Returns the time from which the upstream is heard no longer. Half of the close's time, as for a Close that is awaited; the other half is
    /// for the client.
    pub(super) fn until(&self, rules: &RelayRules) -> Instant {
        self.since + rules.close_timeout / 2
    }
}
