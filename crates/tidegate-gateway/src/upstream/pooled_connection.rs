//! The use of one pooled connection to an upstream, until the end of the answer.

use std::sync::Arc;

use tokio::sync::OwnedSemaphorePermit;

use super::{connection::Connection, host::Host};
use crate::body::request::Fate;

/// A connection's place in its host's pool while it is at work. A connection that is dropped with it closes, for what is
/// left on it is nobody's.
pub(crate) struct CheckedOut {
    host: Arc<Host>,
    permit: OwnedSemaphorePermit,
    fate: Arc<Fate>,
}

impl CheckedOut {
    pub(crate) fn new(host: Arc<Host>, permit: OwnedSemaphorePermit, fate: Arc<Fate>) -> CheckedOut {
        CheckedOut { host, permit, fate }
    }

    /// The answer ended. The connection comes to rest, unless the request was still on its way up.
    pub(crate) fn give_back(self, connection: Connection) {
        let CheckedOut { host, permit, fate } = self;
        if fate.is_complete() {
            host.give_back(connection);
        } else {
            drop(connection);
        }
        // Only now may another be opened: see [`Host`].
        drop(permit);
    }
}
