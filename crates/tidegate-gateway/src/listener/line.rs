//! What the two ends of one client connection, its socket and its service, tell each other.

use std::sync::{
    OnceLock,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use tidegate_core::facts::Ambiguous;

/// The state that socket and service of one connection share.
#[derive(Debug, Default)]
pub(crate) struct Line {
    unread: AtomicBool,
    requests: AtomicU64,
    heads: AtomicU64,
    in_head: AtomicBool,
    fault: OnceLock<(u64, Ambiguous)>,
}

impl Line {
    /// A request begins. Says why it has two readings, where the socket saw that and hyper hides it.
    pub(crate) fn begin(&self) -> Option<Ambiguous> {
        let request = self.requests.fetch_add(1, Ordering::AcqRel) + 1;
        self.fault
            .get()
            .filter(|(from, _)| request >= *from)
            .map(|(_, why)| *why)
    }

    /// The connection will close with bytes of a body on their way.
    pub(crate) fn leave_unread(&self) {
        self.unread.store(true, Ordering::Release);
    }

    pub(crate) fn is_left_unread(&self) -> bool {
        self.unread.load(Ordering::Acquire)
    }

    /// The socket saw a head with two readings, the `request`th; it and all after it are refused.
    pub(crate) fn fault(&self, request: u64, why: Ambiguous) {
        let _ = self.fault.set((request, why));
    }

    /// The socket has read so many heads to their end, and stands within another or not.
    pub(crate) fn saw(&self, heads: u64, in_head: bool) {
        self.heads.store(heads, Ordering::Release);
        self.in_head.store(in_head, Ordering::Release);
    }

    /// Whether bytes came behind the request that is being answered: nobody may send any before an upgrade is granted.
    pub(crate) fn has_more(&self) -> bool {
        self.in_head.load(Ordering::Acquire)
            || self.heads.load(Ordering::Acquire) > self.requests.load(Ordering::Acquire)
    }
}
