//! The use of one upstream connection, until the end of the answer.

use std::sync::Arc;

use tokio::sync::OwnedSemaphorePermit;

use super::{connection::Connection, host::Host};
use crate::body::request::Fate;

/// A connection at work. Dropped before the end it closes the connection, for what is left on it is nobody's.
pub(crate) struct Lease {
    pub(crate) connection: Connection,
    host: Arc<Host>,
    permit: OwnedSemaphorePermit,
    fate: Arc<Fate>,
}

impl Lease {
    pub(crate) fn new(connection: Connection, host: Arc<Host>, permit: OwnedSemaphorePermit, fate: Arc<Fate>) -> Lease {
        Lease {
            connection,
            host,
            permit,
            fate,
        }
    }

    /// The answer ended. The connection comes to rest, unless the request was still on its way up.
    pub(crate) fn give_back(self) {
        let Lease {
            connection,
            host,
            permit,
            fate,
        } = self;
        if fate.is_complete() {
            host.give_back(connection);
        }
        // Only now may another be opened: see [`Host`].
        drop(permit);
    }
}
