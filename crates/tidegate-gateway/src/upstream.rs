//! Upstreams on the network: their servers, one pool for each, and a fault that says whose it is.
//!
//! A request goes to another server where the one before took no connection, and so has seen nothing of it. It is sent
//! again over a fresh connection where a rested one died unheard and it may be repeated.

pub mod answer;
pub(crate) mod connect;
pub(crate) mod connection;
pub(crate) mod header_rewrite;
pub(crate) mod health_check;
pub(crate) mod host;
pub(crate) mod load_balancer;
pub(crate) mod passive_health;
pub(crate) mod pooled_connection;
pub(crate) mod request_writer;
pub(crate) mod secure;
pub(crate) mod server_health;

use std::{sync::Arc, time::Duration};

use http::{Method, Request, Response, StatusCode};
use parking_lot::RwLock;
use tidegate_core::{
    policy::Policy,
    upstream::{Remote, Upstream},
};
use tidegate_engine::{engine::Engine, ticket::Ticket};

use crate::{
    body::{Body, upload_progress::UploadProgress, upstream_body::UpstreamBody},
    bounds::Bounds,
    net::stream::Stream,
    upstream_fault::UpstreamFault,
};
use connection::{Connection, SendFault};
use host::Host;
use load_balancer::{ServerGroup, Tried};
use pooled_connection::CheckedOut;
use secure::MachineRoots;

/// Most upstreams kept. They come from the operator's policy; past it, those with nothing at work are let go.
const GROUPS_MAX: usize = 64;

/// The upstreams of one gateway.
pub(crate) struct Upstreams {
    /// At most [`GROUPS_MAX`].
    groups: RwLock<Vec<NamedGroup>>,
    machine: MachineRoots,
    engine: Arc<Engine>,
    bounds: Bounds,
}

/// An upstream as a policy names it, and its servers.
struct NamedGroup {
    remote: Arc<Remote>,
    group: Arc<ServerGroup>,
}

/// The reason why a server gave no answer.
enum Unanswered {
    /// It took no connection, and nothing of the request is gone.
    Unreached(UpstreamFault),
    /// The request is lost.
    Lost(UpstreamFault),
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
        upload: &UploadProgress,
    ) -> Result<Response<Body>, UpstreamFault> {
        let group = self.group(remote)?;
        let mut tried = Tried::default();
        let mut fault = UpstreamFault::Unreachable;
        while let Some(host) = group.choose(&mut tried) {
            match self.ask(host, &mut request, upload).await {
                Ok(response) => return Ok(response),
                Err(Unanswered::Unreached(why)) => fault = why,
                Err(Unanswered::Lost(short @ UpstreamFault::NoConnection)) => {
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
    pub(crate) async fn stream(&self, remote: &Arc<Remote>) -> Result<(Stream, http::HeaderValue), UpstreamFault> {
        let group = self.group(remote)?;
        let mut tried = Tried::default();
        let mut fault = UpstreamFault::Unreachable;
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
        request: &mut Request<Body>,
        upload: &UploadProgress,
    ) -> Result<Response<Body>, Unanswered> {
        let permit = host.permit(upload).await.map_err(Unanswered::Lost)?;
        if let Some(connection) = host.rested() {
            let may_be_repeated = may_be_repeated(request);
            match self.send(connection, request, host, upload).await {
                Ok((response, connection)) => {
                    let checked_out = CheckedOut::new(host.clone(), permit);
                    return Ok(self.answer(response, connection, checked_out));
                }
                Err(SendFault::NothingHeard) if may_be_repeated => {}
                Err(missed) => return Err(missed.into()),
            }
        }
        let connection = Box::pin(host.connect()).await.map_err(Unanswered::Unreached)?;
        let (response, connection) = self.send(connection, request, host, upload).await?;
        let checked_out = CheckedOut::new(host.clone(), permit);
        Ok(self.answer(response, connection, checked_out))
    }

    async fn send(
        &self,
        mut connection: Connection,
        request: &mut Request<Body>,
        host: &Host,
        upload: &UploadProgress,
    ) -> Result<(Response<()>, Connection), SendFault> {
        let silence_max = self.bounds.upstream_timeout;
        let response = connection.send(request, host.name(), upload, silence_max).await?;
        // An upgrade was never passed on, so nobody may answer with one.
        match response.status() {
            StatusCode::SWITCHING_PROTOCOLS => Err(SendFault::Lost(UpstreamFault::Upgraded)),
            _ => Ok((response, connection)),
        }
    }

    fn answer(&self, response: Response<()>, connection: Connection, checked_out: CheckedOut) -> Response<Body> {
        let silence_max: Duration = self.bounds.upstream_timeout;
        let source = connection.into_source(checked_out);
        header_rewrite::down(response.map(|()| Body::upstream(UpstreamBody::new(source, silence_max))))
    }

    fn group(&self, remote: &Arc<Remote>) -> Result<Arc<ServerGroup>, UpstreamFault> {
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
        let group = Arc::new(ServerGroup::new(remote, &self.engine, &self.machine, &self.bounds)?);
        groups.push(NamedGroup {
            remote: remote.clone(),
            group: group.clone(),
        });
        Ok(group)
    }
}

/// There are few, and nearly always it is the very one that the policy names; after a reload it is one that says the same.
fn find<'g>(groups: &'g [NamedGroup], remote: &Arc<Remote>) -> Option<&'g Arc<ServerGroup>> {
    let is_it = |named: &&NamedGroup| Arc::ptr_eq(&named.remote, remote);
    let says_the_same = |named: &&NamedGroup| named.remote == *remote;
    let found = groups.iter().find(is_it).or_else(|| groups.iter().find(says_the_same));
    found.map(|named| &named.group)
}

/// Is true when a request is sent again after a rested connection turned out dead before it answered: only where the method may
/// be repeated (RFC 9110 9.2.2) and there is no body, which would be gone.
fn may_be_repeated(request: &Request<Body>) -> bool {
    let repeatable = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE | Method::PUT | Method::DELETE
    );
    repeatable && http_body::Body::is_end_stream(request.body())
}

impl From<SendFault> for Unanswered {
    fn from(missed: SendFault) -> Unanswered {
        match missed {
            SendFault::NothingHeard => Unanswered::Lost(UpstreamFault::BrokeOff),
            SendFault::Lost(fault) => Unanswered::Lost(fault),
        }
    }
}

#[cfg(test)]
mod tests;
