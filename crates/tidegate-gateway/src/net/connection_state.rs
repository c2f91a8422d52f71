//! The state of one client connection that its two ends share: the stream below hyper and the service above it.

use std::{
    sync::{
        OnceLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::Waker,
    time::Duration,
};

use futures_util::task::AtomicWaker;
use parking_lot::Mutex;
use tidegate_core::refusal::Refusal;
use tokio::time::Instant;

use super::interim::Interim;
use crate::deadline;

/// The state that socket and service of one connection share.
#[derive(Debug, Default)]
pub(crate) struct ConnectionState {
    unread: AtomicBool,
    requests: AtomicU64,
    answered: AtomicU64,
    awaiting_turn: AtomicWaker,
    rests_since: Mutex<Option<Instant>>,
    has_more: AtomicBool,
    // Boxed: most connections never have one, and many rest.
    fault: OnceLock<Box<(u64, Refusal)>>,
    body_fault: OnceLock<Box<Refusal>>,
    /// The interim answers of the request at hand.
    pub(crate) interim: Interim,
}

impl ConnectionState {
    /// A request begins. Says why it is refused, where the socket saw that and put a stand-in in its place.
    pub(crate) fn begin(&self) -> Option<Refusal> {
        let request = self.requests.fetch_add(1, Ordering::AcqRel) + 1;
        self.fault
            .get()
            .filter(|fault| request >= fault.0)
            .map(|fault| fault.1.clone())
    }

    /// The answer of the request that began last is written or given up: the next one has its turn.
    pub(crate) fn end(&self) {
        *self.rests_since.lock() = Some(deadline::now());
        self.answered.fetch_add(1, Ordering::AcqRel);
        self.awaiting_turn.wake();
    }

    /// Returns the time since the last answer, when so many heads were handed on; `None` while one of them is answered.
    pub(crate) fn rested(&self, heads: u64) -> Option<Duration> {
        let since = self.rests_since.lock().filter(|_| self.is_turn(heads))?;
        Some(deadline::now().duration_since(since))
    }

    /// Is true when the next head has its turn, when so many were handed on.
    pub(crate) fn is_turn(&self, heads: u64) -> bool {
        self.answered.load(Ordering::Acquire) >= heads
    }

    /// Asks as [`ConnectionState::is_turn`] does, and has the waker woken for the turn if it has not come.
    pub(crate) fn is_turn_or_wake(&self, heads: u64, waker: &Waker) -> bool {
        self.awaiting_turn.register(waker);
        self.is_turn(heads)
    }

    /// Is true when so many answers are written or given up, and the request that began last is the next one.
    pub(crate) fn is_answered_up_to_last(&self, answered: u64) -> bool {
        answered + 1 == self.requests.load(Ordering::Acquire)
    }

    /// Returns the number of answers written or given up, as far as hyper was given them.
    pub(crate) fn answered(&self) -> u64 {
        self.answered.load(Ordering::Acquire)
    }

    /// The connection will close with bytes of a body on their way.
    pub(crate) fn leave_unread(&self) {
        self.unread.store(true, Ordering::Release);
    }

    pub(crate) fn is_left_unread(&self) -> bool {
        self.unread.load(Ordering::Acquire)
    }

    /// The socket refuses a head, the `request`th; nothing comes after it.
    pub(crate) fn fault(&self, request: u64, why: Refusal) {
        let _ = self.fault.set(Box::new((request, why)));
        self.leave_unread();
    }

    /// The socket broke off the body of the request at hand.
    pub(crate) fn break_body(&self, why: Refusal) {
        let _ = self.body_fault.set(why.into());
        self.leave_unread();
    }

    /// Returns the reason why the socket broke off a body.
    pub(crate) fn body_fault(&self) -> Option<&Refusal> {
        self.body_fault.get().map(|why| &**why)
    }

    /// The socket keeps bytes behind the request at hand, or it does not.
    pub(crate) fn keeps_more(&self, has_more: bool) {
        self.has_more.store(has_more, Ordering::Release);
    }

    /// Is true when bytes came behind the request that is being answered: nobody may send any before an upgrade is granted.
    pub(crate) fn has_more(&self) -> bool {
        self.has_more.load(Ordering::Acquire)
    }
}
