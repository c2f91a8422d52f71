//! The use of one pooled connection to an upstream, until the end of the answer.

use std::sync::Arc;

use tokio::sync::OwnedSemaphorePermit;

use super::{connection::Connection, host::Host};

/// A connection's place in its host's pool while it is at work. A connection that is dropped with it closes, for what is
/// left on it is nobody's.
pub(crate) struct CheckedOut {
    host: Arc<Host>,
    permit: OwnedSemaphorePermit,
}

impl CheckedOut {
    pub(crate) fn new(host: Arc<Host>, permit: OwnedSemaphorePermit) -> CheckedOut {
        CheckedOut { host, permit }
    }

    /// Gives the connection back at the end of the answer. It comes to rest, unless the request was still on its way up.
    pub(crate) fn give_back(self, connection: Connection) {
        let CheckedOut { host, permit } = self;
        host.give_back(connection);
        // Only now may another be opened: see [`Host`].
        drop(permit);
    }
}
