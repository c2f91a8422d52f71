//! One upstream host: its connections, at work and at rest, and its health.

use std::{sync::Arc, time::Duration};

use http::uri::Authority;
use parking_lot::Mutex;
use tidegate_engine::engine::Engine;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{connection::Connection, fault::Fault, health::Health};
use crate::bounds::Bounds;

/// A host and what is open to it.
///
/// A permit is held by every connection at work. One is opened only while none rests, and one that comes to rest
/// does so before its permit is given back; so those at work and at rest together are never more than the permits.
pub(crate) struct Host {
    authority: Authority,
    engine: Arc<Engine>,
    rest: Mutex<Vec<Rested>>,
    permits: Arc<Semaphore>,
    health: Mutex<Health>,
    wait_max: Duration,
    connect_timeout: Duration,
    idle_max_ns: u64,
}

struct Rested {
    connection: Connection,
    since_ns: u64,
}

impl Host {
    pub(crate) fn new(authority: Authority, engine: Arc<Engine>, bounds: &Bounds) -> Host {
        Host {
            authority,
            engine,
            rest: Mutex::new(Vec::new()),
            permits: Arc::new(Semaphore::new(bounds.upstream_connections_max)),
            health: Mutex::new(Health::default()),
            wait_max: bounds.upstream_wait_max,
            connect_timeout: bounds.upstream_connect_timeout,
            idle_max_ns: u64::try_from(bounds.upstream_idle_timeout.as_nanos()).unwrap_or(u64::MAX),
        }
    }

    /// Waits for the right to use a connection. Those who wait are at most [`Bounds::in_flight_max`].
    pub(crate) async fn permit(&self) -> Result<OwnedSemaphorePermit, Fault> {
        match tokio::time::timeout(self.wait_max, self.permits.clone().acquire_owned()).await {
            Ok(Ok(permit)) => Ok(permit),
            // The semaphore is never closed; were it, there would be no capacity either.
            Ok(Err(_)) | Err(_) => Err(Fault::NoConnection),
        }
    }

    /// The connection that came to rest last, if one still works: the warmest, so that a quiet host's others time out.
    pub(crate) async fn rested(&self) -> Option<Connection> {
        let oldest_ns = self.now_ns().saturating_sub(self.idle_max_ns);
        loop {
            let Rested {
                mut connection,
                since_ns,
            } = self.rest.lock().pop()?;
            if since_ns >= oldest_ns && connection.ready().await {
                return Some(connection);
            }
        }
    }

    /// Opens a connection, unless the host failed so often lately that it is left alone.
    pub(crate) async fn connect(&self) -> Result<Connection, Fault> {
        if !self.health.lock().may_try(self.now_ns()) {
            return Err(Fault::Resting);
        }
        let mut attempt = Attempt {
            host: self,
            settled: false,
        };
        let opened = Connection::open(&self.authority, self.connect_timeout).await;
        attempt.settled = true;
        match &opened {
            Ok(_) => self.health.lock().succeeded(),
            Err(fault) => {
                tracing::warn!(upstream = %self.authority, %fault, "an upstream took no connection");
                self.health.lock().failed(self.now_ns());
            }
        }
        opened
    }

    /// Puts a connection to rest.
    pub(crate) fn give_back(&self, connection: Connection) {
        if !connection.is_closed() {
            self.rest.lock().push(Rested {
                connection,
                since_ns: self.now_ns(),
            });
        }
    }

    /// Lets connections go that have rested too long or were closed.
    pub(crate) fn sweep(&self) {
        let oldest_ns = self.now_ns().saturating_sub(self.idle_max_ns);
        self.rest
            .lock()
            .retain(|rested| rested.since_ns >= oldest_ns && !rested.connection.is_closed());
    }

    fn now_ns(&self) -> u64 {
        self.engine.clock.now().mono_ns
    }
}

/// An attempt whose caller leaves in the middle must not keep others from trying.
struct Attempt<'h> {
    host: &'h Host,
    settled: bool,
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        if !self.settled {
            self.host.health.lock().abandoned();
        }
    }
}
