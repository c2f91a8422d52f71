//! The handle of an open socket, without a slot, for tasks that serve it beside the holder of its entry.

use std::sync::Arc;

use tidegate_core::time::Now;

use super::{CloseReason, Socket};

/// A handle of one socket. It keeps nothing open.
#[derive(Clone, Debug)]
pub struct SocketHandle(Arc<Socket>);

impl SocketHandle {
    pub(super) fn new(socket: Arc<Socket>) -> SocketHandle {
        SocketHandle(socket)
    }

    /// Returns the socket.
    pub fn socket(&self) -> &Socket {
        &self.0
    }

    /// Records that the client sent something.
    pub fn heard(&self, now: Now) {
        self.0.heard(now);
    }

    /// Lists these devices and no others.
    pub fn set_devices(&self, devices: impl IntoIterator<Item = String>) {
        self.0.set_devices(devices);
    }

    /// Returns the reason to close the socket, if one was told.
    pub fn close_reason(&self) -> Option<CloseReason> {
        self.0.close.reason()
    }

    /// Waits for the reason to close the socket.
    pub fn closing(&self) -> impl Future<Output = CloseReason> + Send + use<> {
        let socket = self.0.clone();
        std::future::poll_fn(move |context| socket.close.poll_told(context))
    }
}
