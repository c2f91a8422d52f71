//! A socket's place in the registry, held by whoever carries the socket.

use std::{
    sync::Arc,
    task::{Context, Poll},
};

use tidegate_core::time::Now;

use super::{CloseReason, Socket, SocketHandle, SocketId, SocketView, Sockets};
use crate::lease::Lease;

/// Held while the socket is open. Dropped, the socket is no longer listed and its slots are free.
#[derive(Debug)]
#[must_use = "a socket not held is no longer listed, and its slot is free again"]
pub struct SocketEntry {
    sockets: Arc<Sockets>,
    socket: Arc<Socket>,
    lease: Option<Lease>,
}

// === impl SocketEntry ===

impl SocketEntry {
    pub(super) fn new(sockets: Arc<Sockets>, socket: Arc<Socket>, lease: Option<Lease>) -> SocketEntry {
        SocketEntry { sockets, socket, lease }
    }

    /// Its id, as people see it.
    pub fn id(&self) -> SocketId {
        self.socket.id
    }

    /// What is known of it.
    pub fn socket(&self) -> &Socket {
        &self.socket
    }

    /// A way to it that holds no slot.
    pub fn handle(&self) -> SocketHandle {
        SocketHandle::new(self.socket.clone())
    }

    /// The lease it holds.
    pub fn lease(&self) -> Option<&Lease> {
        self.lease.as_ref()
    }

    /// What people see.
    pub fn view(&self, now: Now) -> SocketView {
        self.socket.view(now)
    }

    /// Something was heard from the client.
    pub fn heard(&self, now: Now) {
        self.socket.heard(now);
    }

    /// Lists a device; false where it is listed already or the list is full.
    pub fn add_device(&self, device: &str) -> bool {
        self.socket.add_device(device)
    }

    /// Takes a device off the list; whether it was on it.
    pub fn remove_device(&self, device: &str) -> bool {
        self.socket.remove_device(device)
    }

    /// Why the socket is to be closed, once somebody says so.
    pub fn told(&self) -> Option<CloseReason> {
        self.socket.close.reason()
    }

    /// The same for a task: it is woken when somebody does.
    pub fn poll_told(&self, context: &Context<'_>) -> Poll<CloseReason> {
        self.socket.close.poll_told(context)
    }

    /// The same as a future.
    pub fn closing(&self) -> impl Future<Output = CloseReason> + Send + '_ {
        std::future::poll_fn(|context| self.poll_told(context))
    }
}

impl Drop for SocketEntry {
    /// Off the list first, so that nothing is ever listed that holds no slot; and free before anybody is told it is gone.
    fn drop(&mut self) {
        self.sockets.remove(&self.socket);
        self.lease.take();
        self.socket.close.leave();
    }
}
