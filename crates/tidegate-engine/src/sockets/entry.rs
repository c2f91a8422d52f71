//! The entry of a socket in the registry, held by the task that carries the socket.

use std::{
    sync::Arc,
    task::{Context, Poll},
};

use tidegate_core::time::Now;

use super::{CloseReason, Socket, SocketHandle, SocketId, SocketView, Sockets};
use crate::lease::Lease;

/// An entry, held while the socket is open. Once it is dropped, the socket is no longer listed and its slots are free.
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

    /// Returns the socket's id, as people see it.
    pub fn id(&self) -> SocketId {
        self.socket.id
    }

    /// Returns the socket.
    pub fn socket(&self) -> &Socket {
        &self.socket
    }

    /// Makes a handle, which holds no slot.
    pub fn handle(&self) -> SocketHandle {
        SocketHandle::new(self.socket.clone())
    }

    /// Returns the lease it holds.
    pub fn lease(&self) -> Option<&Lease> {
        self.lease.as_ref()
    }

    /// Returns the socket as people see it.
    pub fn view(&self, now: Now) -> SocketView {
        self.socket.view(now)
    }

    /// Records that the client sent something.
    pub fn heard(&self, now: Now) {
        self.socket.heard(now);
    }

    /// Lists a device; returns false when it is listed already or the list is full.
    pub fn add_device(&self, device: &str) -> bool {
        self.socket.add_device(device)
    }

    /// Takes a device off the list; returns false when it was not on it.
    pub fn remove_device(&self, device: &str) -> bool {
        self.socket.remove_device(device)
    }

    /// Returns the reason to close the socket, if one was told.
    pub fn told(&self) -> Option<CloseReason> {
        self.socket.close.reason()
    }

    /// Polls for the reason to close the socket; the task is woken when one is told.
    pub fn poll_told(&self, context: &Context<'_>) -> Poll<CloseReason> {
        self.socket.close.poll_told(context)
    }

    /// Waits for the reason to close the socket.
    pub fn closing(&self) -> impl Future<Output = CloseReason> + Send + '_ {
        std::future::poll_fn(|context| self.poll_told(context))
    }
}

impl Drop for SocketEntry {
    /// Removes it from the list first, so that nothing is ever listed that holds no slot, and frees the slot before anybody
    /// is told that it is gone.
    fn drop(&mut self) {
        self.sockets.remove(&self.socket);
        self.lease.take();
        self.socket.close.leave();
    }
}
