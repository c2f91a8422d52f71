//! Upstreams on the network: one pool for all, one try again where nothing was sent, and a fault that says whose it is.

pub(crate) mod connection;
pub(crate) mod fault;
pub(crate) mod head;
pub(crate) mod health;
pub(crate) mod host;
pub(crate) mod lease;

use std::{collections::HashMap, sync::Arc, time::Duration};

use http::{Method, Request, Response, StatusCode, Uri, request::Parts, uri::Authority};
use hyper::body::Incoming;
use parking_lot::RwLock;
use tidegate_engine::{engine::Engine, ticket::Ticket};

use crate::{
    body::{Body, patience, reply::ReplyBody, request::Fate},
    bounds::Bounds,
};
use connection::{Connection, Missed};
use fault::Fault;
use host::Host;
use lease::Lease;

/// Most upstream hosts kept. They come from the operator's policy; past it, those with nothing at work are let go.
const HOSTS_MAX: usize = 64;

/// The upstreams of one gateway.
pub(crate) struct Upstreams {
    hosts: RwLock<HashMap<Authority, Arc<Host>>>,
    engine: Arc<Engine>,
    bounds: Bounds,
}

impl Upstreams {
    pub(crate) fn new(engine: Arc<Engine>, bounds: &Bounds) -> Upstreams {
        Upstreams {
            hosts: RwLock::new(HashMap::new()),
            engine,
            bounds: bounds.clone(),
        }
    }

    /// Sends an admitted request up and returns its answer with the body still coming.
    pub(crate) async fn call(
        &self,
        ticket: Ticket,
        base: &Uri,
        request: Request<Body>,
        fate: &Arc<Fate>,
    ) -> Result<Response<Body>, Fault> {
        let host = self.host(base)?;
        let permit = match host.permit().await {
            Ok(permit) => permit,
            Err(short) => {
                // We are short of connections, and the upstream was asked nothing: that charges nothing.
                ticket.give_back();
                return Err(short);
            }
        };
        // The ticket is the proof that this call was admitted; it is spent by it.
        drop(ticket);
        let again = second_try(&request, fate);
        let mut request = request;
        if let Some(connection) = host.rested().await {
            match self.send(connection, request, fate).await {
                Ok((response, connection)) => {
                    return self.answer(response, Lease::new(connection, host, permit, fate.clone()));
                }
                Err(Missed::NothingSent(back)) => request = *back,
                Err(Missed::NothingHeard) => {
                    request = Request::from_parts(again.ok_or(Fault::BrokeOff)?, Body::empty())
                }
                Err(Missed::Lost(fault)) => return Err(fault),
            }
        }
        let connection = host.connect().await?;
        match self.send(connection, request, fate).await {
            Ok((response, connection)) => self.answer(response, Lease::new(connection, host, permit, fate.clone())),
            Err(Missed::NothingSent(_) | Missed::NothingHeard) => Err(Fault::BrokeOff),
            Err(Missed::Lost(fault)) => Err(fault),
        }
    }

    /// Lets connections go that have rested too long. Called now and then.
    pub(crate) fn sweep(&self) {
        for host in self.hosts.read().values() {
            host.sweep();
        }
    }

    async fn send(
        &self,
        mut connection: Connection,
        request: Request<Body>,
        fate: &Fate,
    ) -> Result<(Response<Incoming>, Connection), Missed> {
        let silence_max = self.bounds.upstream_timeout;
        let answered = patience::wait(connection.send(request), fate, silence_max).await;
        let Some(answered) = answered else {
            return Err(Missed::Lost(Fault::Silent { waited: silence_max }));
        };
        let response = answered?;
        // An upgrade was never passed on, so nobody may answer with one.
        match response.status() {
            StatusCode::SWITCHING_PROTOCOLS => Err(Missed::Lost(Fault::Upgraded)),
            _ => Ok((response, connection)),
        }
    }

    fn answer(&self, response: Response<Incoming>, lease: Lease) -> Result<Response<Body>, Fault> {
        let silence_max: Duration = self.bounds.upstream_timeout;
        Ok(head::down(response.map(|incoming| {
            Body::reply(ReplyBody::new(incoming, lease, silence_max))
        })))
    }

    fn host(&self, base: &Uri) -> Result<Arc<Host>, Fault> {
        let authority = base
            .authority()
            .filter(|_| base.scheme() == Some(&http::uri::Scheme::HTTP))
            .ok_or(Fault::Scheme)?;
        if let Some(host) = self.hosts.read().get(authority) {
            return Ok(host.clone());
        }
        let mut hosts = self.hosts.write();
        if hosts.len() >= HOSTS_MAX {
            hosts.retain(|_, host| Arc::strong_count(host) > 1);
        }
        let host = hosts
            .entry(authority.clone())
            .or_insert_with(|| Arc::new(Host::new(authority.clone(), self.engine.clone(), &self.bounds)));
        Ok(host.clone())
    }
}

/// The head to send again when a rested connection turns out dead before it answered: only where the method may be
/// repeated (RFC 9110 9.2.2) and there is no body, which would be gone.
fn second_try(request: &Request<Body>, fate: &Fate) -> Option<Parts> {
    let repeatable = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE | Method::PUT | Method::DELETE
    );
    let bodiless = fate.is_complete() && http_body::Body::is_end_stream(request.body());
    (repeatable && bodiless).then(|| {
        let (mut parts, ()) = Request::new(()).into_parts();
        parts.method = request.method().clone();
        parts.uri = request.uri().clone();
        parts.headers = request.headers().clone();
        parts
    })
}
