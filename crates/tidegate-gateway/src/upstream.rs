//! Upstreams on the network: their servers, one pool for each, and a fault that says whose it is.
//!
//! A request goes to another server where the one before took no connection, and so has seen nothing of it. It is sent
//! again over a fresh connection where nothing of it was sent, or where a rested one died unheard and it may be repeated.

pub(crate) mod check;
pub(crate) mod connect;
pub(crate) mod connection;
pub(crate) mod fault;
pub(crate) mod group;
pub(crate) mod head;
pub(crate) mod health;
pub(crate) mod host;
pub(crate) mod lease;
pub(crate) mod secure;
pub(crate) mod standing;

use std::{sync::Arc, time::Duration};

use http::{Method, Request, Response, StatusCode, header::HOST, request::Parts};
use hyper::body::Incoming;
use parking_lot::RwLock;
use tidegate_core::{
    policy::Policy,
    upstream::{Remote, Upstream},
};
use tidegate_engine::{engine::Engine, ticket::Ticket};

use crate::{
    body::{Body, reply::ReplyBody, request::Fate},
    bounds::Bounds,
    listener::stream::Stream,
};
use connection::{Connection, Missed};
use fault::Fault;
use group::{Group, Tried};
use host::Host;
use lease::Lease;
use secure::MachineRoots;

/// Most upstreams kept. They come from the operator's policy; past it, those with nothing at work are let go.
const GROUPS_MAX: usize = 64;

/// The upstreams of one gateway.
pub(crate) struct Upstreams {
    /// At most [`GROUPS_MAX`].
    groups: RwLock<Vec<Named>>,
    machine: MachineRoots,
    engine: Arc<Engine>,
    bounds: Bounds,
}

/// An upstream as a policy names it, and its servers.
struct Named {
    remote: Arc<Remote>,
    group: Arc<Group>,
}

/// Why a server gave no answer.
enum Unanswered {
    /// It took no connection, and here the request is back.
    Unreached(Box<Request<Body>>, Fault),
    /// The request is lost.
    Lost(Fault),
}

impl Upstreams {
    pub(crate) fn new(engine: Arc<Engine>, bounds: &Bounds) -> Upstreams {
        Upstreams {
            groups: RwLock::default(),
            machine: MachineRoots::default(),
            engine,
            bounds: bounds.clone(),
        }
    }

    /// Sends an admitted request up and returns its answer with the body still coming. The ticket is the proof that this
    /// call was admitted; it is spent by it.
    pub(crate) async fn call(
        &self,
        ticket: Ticket,
        remote: &Arc<Remote>,
        mut request: Box<Request<Body>>,
        fate: &Arc<Fate>,
    ) -> Result<Response<Body>, Fault> {
        let group = self.group(remote)?;
        let mut tried = Tried::default();
        let mut fault = Fault::Unreachable;
        while let Some(host) = group.choose(&mut tried) {
            match self.ask(host, request, fate).await {
                Ok(response) => return Ok(response),
                Err(Unanswered::Unreached(back, why)) => (request, fault) = (back, why),
                Err(Unanswered::Lost(short @ Fault::NoConnection)) => {
                    // We are short of connections, and no server was asked anything: that charges nothing.
                    ticket.give_back();
                    return Err(short);
                }
                Err(Unanswered::Lost(fault)) => return Err(fault),
            }
        }
        Err(fault)
    }

    /// Opens a stream of its own to one of the servers, and says by which `Host` it goes.
    pub(crate) async fn stream(&self, remote: &Arc<Remote>) -> Result<(Stream, http::HeaderValue), Fault> {
        let group = self.group(remote)?;
        let mut tried = Tried::default();
        let mut fault = Fault::Unreachable;
        while let Some(host) = group.choose(&mut tried) {
            match host.stream().await {
                Ok(stream) => return Ok((stream, host.name().clone())),
                Err(why) => fault = why,
            }
        }
        Err(fault)
    }

    /// Begins the checks of what a policy names, before the first request needs it.
    pub(crate) fn prepare(&self, policy: &Policy) {
        for page in &policy.pages {
            if let Upstream::Remote(remote) = &page.upstream
                && let Err(fault) = self.group(remote)
            {
                tracing::error!(upstream = %remote, %fault, "an upstream cannot be used");
            }
        }
    }

    /// Lets connections go that have rested too long, and upstreams that the policy in force does not name any more;
    /// begins the checks of new ones. Called now and then.
    pub(crate) fn sweep(&self) {
        let snapshot = self.engine.current.load();
        self.prepare(&snapshot.policy);
        let is_named = |remote: &Arc<Remote>| {
            let mut pages = snapshot.policy.pages.iter();
            pages.any(|page| matches!(&page.upstream, Upstream::Remote(named) if named == remote))
        };
        let mut groups = self.groups.write();
        groups.retain(|named| is_named(&named.remote) || Arc::strong_count(&named.group) > 1);
        for host in groups.iter().flat_map(|named| named.group.hosts()) {
            host.sweep();
        }
    }

    /// Sends a request to one server.
    async fn ask(
        &self,
        host: &Arc<Host>,
        mut request: Box<Request<Body>>,
        fate: &Arc<Fate>,
    ) -> Result<Response<Body>, Unanswered> {
        request.headers_mut().insert(HOST, host.name().clone());
        let permit = host.permit(fate).await.map_err(Unanswered::Lost)?;
        let again = second_try(&request, fate);
        if let Some(connection) = host.rested().await {
            match self.send(connection, request, fate).await {
                Ok((response, connection)) => {
                    return Ok(self.answer(response, Lease::new(connection, host.clone(), permit, fate.clone())));
                }
                Err(Missed::NothingSent(back)) => request = back,
                Err(Missed::NothingHeard) => {
                    let again = again.ok_or(Unanswered::Lost(Fault::BrokeOff))?;
                    request = Box::new(Request::from_parts(*again, Body::empty()));
                }
                Err(Missed::Lost(fault)) => return Err(Unanswered::Lost(fault)),
            }
        }
        let connection = match Box::pin(host.connect()).await {
            Ok(connection) => connection,
            Err(fault) => return Err(Unanswered::Unreached(request, fault)),
        };
        match self.send(connection, request, fate).await {
            Ok((response, connection)) => {
                Ok(self.answer(response, Lease::new(connection, host.clone(), permit, fate.clone())))
            }
            Err(Missed::NothingSent(_) | Missed::NothingHeard) => Err(Unanswered::Lost(Fault::BrokeOff)),
            Err(Missed::Lost(fault)) => Err(Unanswered::Lost(fault)),
        }
    }

    async fn send(
        &self,
        mut connection: Connection,
        request: Box<Request<Body>>,
        fate: &Arc<Fate>,
    ) -> Result<(Response<Incoming>, Connection), Missed> {
        let silence_max = self.bounds.upstream_timeout;
        let response = connection.send(request, fate, silence_max).await?;
        // An upgrade was never passed on, so nobody may answer with one.
        match response.status() {
            StatusCode::SWITCHING_PROTOCOLS => Err(Missed::Lost(Fault::Upgraded)),
            _ => Ok((response, connection)),
        }
    }

    fn answer(&self, response: Response<Incoming>, lease: Lease) -> Response<Body> {
        let silence_max: Duration = self.bounds.upstream_timeout;
        head::down(response.map(|incoming| Body::reply(ReplyBody::new(incoming, lease, silence_max))))
    }

    fn group(&self, remote: &Arc<Remote>) -> Result<Arc<Group>, Fault> {
        if let Some(group) = find(&self.groups.read(), remote) {
            return Ok(group.clone());
        }
        let mut groups = self.groups.write();
        if let Some(group) = find(&groups, remote) {
            return Ok(group.clone());
        }
        if groups.len() >= GROUPS_MAX {
            groups.retain(|named| Arc::strong_count(&named.group) > 1);
        }
        let group = Arc::new(Group::new(remote, &self.engine, &self.machine, &self.bounds)?);
        groups.push(Named {
            remote: remote.clone(),
            group: group.clone(),
        });
        Ok(group)
    }
}

/// There are few, and nearly always it is the very one that the policy names; after a reload it is one that says the same.
fn find<'g>(groups: &'g [Named], remote: &Arc<Remote>) -> Option<&'g Arc<Group>> {
    let is_it = |named: &&Named| Arc::ptr_eq(&named.remote, remote);
    let says_the_same = |named: &&Named| named.remote == *remote;
    let found = groups.iter().find(is_it).or_else(|| groups.iter().find(says_the_same));
    found.map(|named| &named.group)
}

/// The head to send again when a rested connection turns out dead before it answered: only where the method may be
/// repeated (RFC 9110 9.2.2) and there is no body, which would be gone.
fn second_try(request: &Request<Body>, fate: &Fate) -> Option<Box<Parts>> {
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
        Box::new(parts)
    })
}

#[cfg(test)]
mod tests;
