//! A way to an open socket that holds no slot: for whoever serves it beside the holder of its entry.

use std::sync::Arc;

use tidegate_core::time::Now;

use super::{CloseReason, Socket};

/// Tells and is told about one socket. It keeps nothing open.
#[derive(Clone, Debug)]
pub struct SocketHandle(Arc<Socket>);

impl SocketHandle {
    pub(super) fn new(socket: Arc<Socket>) -> SocketHandle {
        SocketHandle(socket)
    }

    /// What is known of it.
    pub fn socket(&self) -> &Socket {
        &self.0
    }

    /// Something was heard from the client.
    pub fn heard(&self, now: Now) {
        self.0.heard(now);
    }

    /// Lists these devices and no others.
    pub fn set_devices(&self, devices: impl IntoIterator<Item = String>) {
        self.0.set_devices(devices);
    }

    /// Why the socket is to be closed, if somebody said so.
    pub fn close_reason(&self) -> Option<CloseReason> {
        self.0.close.reason()
    }

    /// Why the socket is to be closed, once somebody says so.
    pub fn closing(&self) -> impl Future<Output = CloseReason> + Send + use<> {
        let socket = self.0.clone();
        std::future::poll_fn(move |context| socket.close.poll_told(context))
    }
}
