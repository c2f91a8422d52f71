//! The gateway as a whole: its parts, and how it is served.

use std::{future::Future, sync::Arc};

use tidegate_engine::engine::Engine;
use tokio::sync::Semaphore;

use crate::{
    bounds::Bounds,
    cache::Cache,
    inside::{Authority, Inside},
    inspect,
    listener::{self, Listener},
    socket,
    tls::OwnTls,
    upstream::{Upstreams, server_health::ServerHealth},
};

/// The doors of one program. Cheap to clone; all clones share pool, caps and engine.
#[derive(Clone)]
pub struct Gateway {
    doors: Arc<Doors>,
}

/// What every request meets.
pub(crate) struct Doors {
    pub(crate) engine: Arc<Engine>,
    pub(crate) authority: Arc<dyn Authority>,
    pub(crate) streams: Arc<dyn Inside>,
    pub(crate) pages: Arc<dyn Inside>,
    pub(crate) upstreams: Upstreams,
    pub(crate) cache: Arc<Cache>,
    pub(crate) connections: Arc<Semaphore>,
    pub(crate) in_flight: Arc<Semaphore>,
    pub(crate) refusals_by_frame: Arc<Semaphore>,
    /// Coded bodies that are decoded.
    pub(crate) decoders: Arc<Semaphore>,
    pub(crate) bounds: Bounds,
}

impl Gateway {
    /// A gateway over an engine, the authority for credentials, and the two upstreams inside.
    pub fn new(
        engine: Arc<Engine>,
        authority: Arc<dyn Authority>,
        streams: Arc<dyn Inside>,
        pages: Arc<dyn Inside>,
        bounds: Bounds,
    ) -> Gateway {
        let upstreams = Upstreams::new(engine.clone(), &bounds);
        let connections = Arc::new(Semaphore::new(bounds.connections_max));
        let in_flight = Arc::new(Semaphore::new(bounds.in_flight_max));
        Gateway {
            doors: Arc::new(Doors {
                engine,
                authority,
                streams,
                pages,
                upstreams,
                cache: Arc::new(Cache::new(&bounds)),
                connections,
                in_flight,
                refusals_by_frame: Arc::new(Semaphore::new(socket::REFUSALS_BY_FRAME_MAX)),
                decoders: Arc::new(Semaphore::new(inspect::DECODERS_MAX)),
                bounds,
            }),
        }
    }

    /// Serves connections of a listener, beside others or alone, until `shutdown` resolves, then drains: nothing more is accepted, requests
    /// at work finish within [`Bounds::drain_timeout`], and what is left then is cut.
    pub async fn serve(&self, listener: impl Into<Listener>, shutdown: impl Future<Output = ()>) {
        self.doors.upstreams.prepare(&self.doors.engine.current.load().policy);
        listener::serve(self.doors.clone(), listener.into(), None, shutdown).await;
    }

    /// The same over TLS, where the listener is one of TCP.
    pub async fn serve_tls(&self, listener: impl Into<Listener>, tls: Arc<OwnTls>, shutdown: impl Future<Output = ()>) {
        self.doors.upstreams.prepare(&self.doors.engine.current.load().policy);
        listener::serve(self.doors.clone(), listener.into(), Some(tls), shutdown).await;
    }

    /// How the servers of the policy in force stand.
    pub fn servers(&self) -> Vec<ServerHealth> {
        self.doors.upstreams.health(&self.doors.engine.current.load().policy)
    }

    /// How many requests are between head and end of their answer's body now.
    pub fn in_flight(&self) -> usize {
        self.doors
            .bounds
            .in_flight_max
            .saturating_sub(self.doors.in_flight.available_permits())
    }
}
