//! The signal that tells a socket's holder to close it, and others that it is gone.

use std::task::{Context, Poll, Waker};

use parking_lot::Mutex;

/// The reason to close a socket. The first reason told stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CloseReason {
    /// Staff closed it.
    ClosedByStaff,
    /// Its caller closed it on their page.
    ClosedByCaller,
    /// The token it was opened with was revoked.
    Revoked,
    /// A station it reads is no longer shared.
    Unshared,
    /// A newer one of the same caller takes its slot.
    Evicted,
    /// The program ends.
    Drain,
    /// It was open for the longest time allowed.
    Lifetime,
    /// No message went over it for too long.
    Idle,
}

/// One socket's signal.
#[derive(Debug, Default)]
pub(super) struct Close(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    reason: Option<CloseReason>,
    is_gone: bool,
    /// The tasks of the holder and of those that wait for it to be gone: one waker each, however often they poll.
    wakers: Vec<Waker>,
}

impl Close {
    /// Tells the reason; returns false when one was told before or the socket is gone.
    pub(super) fn tell(&self, reason: CloseReason) -> bool {
        let woken = {
            let mut state = self.0.lock();
            if state.reason.is_some() || state.is_gone {
                return false;
            }
            state.reason = Some(reason);
            std::mem::take(&mut state.wakers)
        };
        woken.into_iter().for_each(Waker::wake);
        true
    }

    pub(super) fn leave(&self) {
        let woken = {
            let mut state = self.0.lock();
            state.is_gone = true;
            std::mem::take(&mut state.wakers)
        };
        woken.into_iter().for_each(Waker::wake);
    }

    pub(super) fn reason(&self) -> Option<CloseReason> {
        self.0.lock().reason
    }

    pub(super) fn poll_told(&self, context: &Context<'_>) -> Poll<CloseReason> {
        self.poll(context, |state| state.reason)
    }

    pub(super) fn poll_gone(&self, context: &Context<'_>) -> Poll<()> {
        self.poll(context, |state| state.is_gone.then_some(()))
    }

    fn poll<T>(&self, context: &Context<'_>, ready: impl Fn(&State) -> Option<T>) -> Poll<T> {
        let mut state = self.0.lock();
        if let Some(value) = ready(&state) {
            return Poll::Ready(value);
        }
        if !state.wakers.iter().any(|waker| waker.will_wake(context.waker())) {
            state.wakers.push(context.waker().clone());
        }
        Poll::Pending
    }
}

// === impl CloseReason ===

impl CloseReason {
    /// Returns the reason's word for logs and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            CloseReason::ClosedByStaff => "closed by staff",
            CloseReason::ClosedByCaller => "closed by caller",
            CloseReason::Revoked => "revoked",
            CloseReason::Unshared => "unshared",
            CloseReason::Evicted => "evicted",
            CloseReason::Drain => "drain",
            CloseReason::Lifetime => "lifetime",
            CloseReason::Idle => "idle",
        }
    }
}
