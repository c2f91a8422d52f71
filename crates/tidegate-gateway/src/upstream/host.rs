//! One upstream host: its connections, at work and at rest, and its health.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use http::{HeaderValue, uri::Authority};
use parking_lot::Mutex;
use tidegate_core::upstream::Server;
use tidegate_engine::engine::Engine;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{connect, connection::Connection, passive_health::PassiveHealth, secure::Secure};
use crate::{
    body::upload_progress::UploadProgress, bounds::Bounds, net::stream::Stream, upstream_fault::UpstreamFault,
};

/// A host and what is open to it.
///
/// A permit is held by every connection at work. One is opened only while none rests, and one that comes to rest
/// does so before its permit is given back; so those at work and at rest together are never more than the permits.
pub(crate) struct Host {
    server: Server,
    /// Its name in `Host`.
    name: HeaderValue,
    secure: Option<Secure>,
    engine: Arc<Engine>,
    rest: Mutex<Vec<IdleConnection>>,
    permits: Arc<Semaphore>,
    permits_max: usize,
    /// Held besides by requests whose bodies are still coming. There are fewer of them, so that clients that send slowly
    /// never hold every connection.
    uploads: Arc<Semaphore>,
    health: Mutex<PassiveHealth>,
    /// The reason why the last connect failed.
    fault: Mutex<Option<UpstreamFault>>,
    /// The result of its checks, if it has any.
    is_well: AtomicBool,
    wait_max: Duration,
    connect_timeout: Duration,
    idle_max_ns: u64,
}

struct IdleConnection {
    connection: Connection,
    since_ns: u64,
}

/// Returns the connections that requests may use whose bodies are still coming: all but a quarter.
fn uploads_max(connections_max: usize) -> usize {
    connections_max - connections_max / 4
}

impl Host {
    pub(crate) fn new(
        server: Server,
        name: &Authority,
        secure: Option<Secure>,
        engine: Arc<Engine>,
        bounds: &Bounds,
    ) -> Result<Host, UpstreamFault> {
        Ok(Host {
            server,
            name: HeaderValue::from_str(name.as_str()).map_err(|_| UpstreamFault::Scheme)?,
            secure,
            engine,
            rest: Mutex::new(Vec::new()),
            permits: Arc::new(Semaphore::new(bounds.upstream_connections_max)),
            permits_max: bounds.upstream_connections_max,
            uploads: Arc::new(Semaphore::new(uploads_max(bounds.upstream_connections_max))),
            health: Mutex::new(PassiveHealth::default()),
            fault: Mutex::new(None),
            is_well: AtomicBool::new(true),
            wait_max: bounds.upstream_wait_max,
            connect_timeout: bounds.upstream_connect_timeout,
            idle_max_ns: u64::try_from(bounds.upstream_idle_timeout.as_nanos()).unwrap_or(u64::MAX),
        })
    }

    /// Its name in `Host`.
    pub(crate) fn name(&self) -> &HeaderValue {
        &self.name
    }

    pub(crate) fn weight(&self) -> u32 {
        self.server.weight
    }

    /// Returns the number of requests it has now.
    pub(crate) fn at_work(&self) -> usize {
        self.permits_max.saturating_sub(self.permits.available_permits())
    }

    /// Neither its checks nor the last connects speak against it.
    pub(crate) fn seems_well(&self) -> bool {
        self.is_well.load(Ordering::Relaxed) && !self.health.lock().is_resting(self.now_ns())
    }

    /// Returns the reason why it gets no requests, if it gets none.
    pub(crate) fn why_down(&self) -> Option<String> {
        if !self.is_well.load(Ordering::Relaxed) {
            return Some("its health checks fail".to_owned());
        }
        let is_failing = self.health.lock().is_failing();
        let fault = self.fault.lock().filter(|_| is_failing)?;
        Some(fault.to_string())
    }

    /// Its checks came to something new.
    pub(crate) fn found(&self, is_well: bool) {
        self.is_well.store(is_well, Ordering::Relaxed);
        if is_well {
            tracing::info!(upstream = %self.server.base, "an upstream passes its health checks again");
        } else {
            tracing::warn!(upstream = %self.server.base, "an upstream fails its health checks");
        }
    }

    /// Waits for the right to use a connection. Those who wait are at most [`Bounds::in_flight_max`]. While its body is
    /// coming a request also holds one of the fewer places for such.
    pub(crate) async fn permit(&self, upload: &UploadProgress) -> Result<OwnedSemaphorePermit, UpstreamFault> {
        if upload.is_complete()
            && let Ok(permit) = self.permits.clone().try_acquire_owned()
        {
            return Ok(permit);
        }
        let both = async {
            if !upload.is_complete() {
                upload.hold_place(self.uploads.clone().acquire_owned().await.ok()?);
            }
            self.permits.clone().acquire_owned().await.ok()
        };
        // The semaphores are never closed; were they, there would be no capacity either.
        let permit = tokio::time::timeout(self.wait_max, both).await.ok().flatten();
        permit.ok_or(UpstreamFault::NoConnection)
    }

    /// The connection that came to rest last, if one still works: the warmest, so that a quiet host's others time out.
    pub(crate) fn rested(&self) -> Option<Connection> {
        let oldest_ns = self.now_ns().saturating_sub(self.idle_max_ns);
        loop {
            let IdleConnection {
                mut connection,
                since_ns,
            } = self.rest.lock().pop()?;
            if since_ns >= oldest_ns && connection.is_open() {
                return Some(connection);
            }
        }
    }

    /// Opens a connection, unless the host failed so often lately that it is left alone.
    pub(crate) async fn connect(&self) -> Result<Connection, UpstreamFault> {
        self.attempt(self.open()).await
    }

    /// Opens a stream of its own for a socket, under the same rule.
    pub(crate) async fn stream(&self) -> Result<Stream, UpstreamFault> {
        self.attempt(self.dial()).await
    }

    /// Opens a connection, whatever became of the last ones.
    pub(crate) async fn open(&self) -> Result<Connection, UpstreamFault> {
        Ok(Connection::on(self.dial().await?))
    }

    async fn dial(&self) -> Result<Stream, UpstreamFault> {
        connect::connect(&self.server, self.secure.as_ref(), self.connect_timeout).await
    }

    async fn attempt<T>(&self, opening: impl Future<Output = Result<T, UpstreamFault>>) -> Result<T, UpstreamFault> {
        if !self.health.lock().may_try(self.now_ns()) {
            return Err(UpstreamFault::Resting);
        }
        let mut attempt = Attempt {
            host: self,
            settled: false,
        };
        let opened = opening.await;
        attempt.settled = true;
        match &opened {
            Ok(_) => self.health.lock().succeeded(),
            Err(fault) => {
                tracing::warn!(upstream = %self.server.base, %fault, "an upstream could not be connected to");
                *self.fault.lock() = Some(*fault);
                self.health.lock().failed(self.now_ns());
            }
        }
        opened
    }

    /// Puts a connection to rest, if it can carry another request.
    pub(crate) fn give_back(&self, mut connection: Connection) {
        if connection.rest() {
            self.rest.lock().push(IdleConnection {
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
            .retain_mut(|rested| rested.since_ns >= oldest_ns && rested.connection.is_open());
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
