//! The gateway as a whole: its parts, and how it is served.

use std::{future::Future, sync::Arc};

use tidegate_engine::engine::Engine;
use tidegate_gate::{Authority, StreamCatalog};

use crate::{
    bounds::Bounds,
    embedded_upstream::EmbeddedUpstream,
    listener::{self, Listener},
    request_handler::Handler,
    tls::OwnTls,
    upstream::server_health::ServerHealth,
};

/// The doors of one program. Cheap to clone; all clones share pool, caps and engine.
#[derive(Clone)]
pub struct Gateway {
    handler: Arc<Handler>,
}

impl Gateway {
    /// A gateway over an engine, the authority for credentials, and the two upstreams inside.
    pub fn new(
        engine: Arc<Engine>,
        authority: Arc<dyn Authority>,
        streams: Arc<impl EmbeddedUpstream + StreamCatalog>,
        pages: Arc<dyn EmbeddedUpstream>,
        bounds: Bounds,
    ) -> Gateway {
        Gateway {
            handler: Arc::new(Handler::new(engine, authority, streams, pages, bounds)),
        }
    }

    /// Serves connections of a listener, beside others or alone, until `shutdown` resolves, then drains: nothing more is accepted, requests
    /// at work finish within [`Bounds::drain_timeout`], and what is left then is cut.
    pub async fn serve(&self, listener: impl Into<Listener>, shutdown: impl Future<Output = ()>) {
        self.handler
            .upstreams
            .prepare(&self.handler.engine.current.load().policy);
        listener::serve(self.handler.clone(), listener.into(), None, shutdown).await;
    }

    /// Serves as [`Gateway::serve`] does, over TLS where the listener is one of TCP.
    pub async fn serve_tls(&self, listener: impl Into<Listener>, tls: Arc<OwnTls>, shutdown: impl Future<Output = ()>) {
        self.handler
            .upstreams
            .prepare(&self.handler.engine.current.load().policy);
        listener::serve(self.handler.clone(), listener.into(), Some(tls), shutdown).await;
    }

    /// Returns the health of the servers of the policy in force.
    pub fn servers(&self) -> Vec<ServerHealth> {
        self.handler
            .upstreams
            .health(&self.handler.engine.current.load().policy)
    }

    /// Returns the number of requests that are between head and end of their answer's body now.
    pub fn in_flight(&self) -> usize {
        self.handler
            .bounds
            .in_flight_max
            .saturating_sub(self.handler.in_flight.available_permits())
    }
}
