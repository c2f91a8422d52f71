//! The notifier that carries the reason to close a socket from the registry to its relay.

use std::{
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
    time::Duration,
};

use tidegate_engine::sockets::{CloseReason, SocketHandle};

use crate::relay::{CloseOrder, RelayHandle};

/// Woken when a reason is told, it orders the close itself: so a relay does not look at each of its messages whether one was.
pub(super) struct CloseNotifier {
    handle: SocketHandle,
    control: RelayHandle,
    drain_max: Duration,
}

impl CloseNotifier {
    /// Waits at the registry, which lets go of it when it has told, and when the socket's entry is dropped. So it is to be
    /// registered while there is one.
    pub(super) fn register(handle: SocketHandle, control: RelayHandle, drain_max: Duration) {
        let closing = handle.closing();
        let notifier = Arc::new(CloseNotifier {
            handle,
            control,
            drain_max,
        });
        let waker = Waker::from(notifier.clone());
        if let Poll::Ready(reason) = pin!(closing).poll(&mut Context::from_waker(&waker)) {
            notifier.notify(reason);
        }
    }

    fn notify(&self, reason: CloseReason) {
        // One that has ended needs no order.
        let _ = self.control.close(order(reason, self.drain_max));
    }
}

impl Wake for CloseNotifier {
    fn wake(self: Arc<Self>) {
        if let Some(reason) = self.handle.close_reason() {
            self.notify(reason);
        }
    }
}

fn order(reason: CloseReason, drain_max: std::time::Duration) -> CloseOrder {
    match reason {
        // Half of the time for going, half for what the close itself takes.
        CloseReason::Drain => CloseOrder::drain(drain_max / 2),
        CloseReason::Revoked => CloseOrder::now(1008, "the credential of this socket is no longer valid"),
        CloseReason::Unshared => CloseOrder::now(1008, "what this socket reads is no longer shared"),
        CloseReason::Evicted => CloseOrder::now(1008, "replaced by a newer socket of the same caller"),
        CloseReason::ClosedByStaff => CloseOrder::now(1008, "closed by the staff of this service"),
        CloseReason::ClosedByCaller => CloseOrder::now(1000, "closed from the limits pages"),
        CloseReason::Lifetime => CloseOrder::now(1001, "open for as long as a socket may be; please connect again"),
        CloseReason::Idle => CloseOrder::now(1001, "no message for too long"),
    }
}

#[cfg(test)]
mod tests;
