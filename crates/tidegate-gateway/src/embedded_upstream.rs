//! Embedded upstreams: those inside the program, which are called and not connected to.

use std::{net::IpAddr, sync::Arc};

use futures_util::future::BoxFuture;
use tidegate_core::{identity::Identity, socket::SocketRules, time::Now};
use tidegate_engine::{snapshot::Snapshot, sockets::SocketHandle, ticket::Ticket};

use crate::{body::Body, relay::EmbeddedSocket};

/// An upstream inside the program: the streams API, the callers' pages.
pub trait EmbeddedUpstream: Send + Sync + 'static {
    /// Answers a call that was admitted. The ticket is its proof.
    fn call(&self, ticket: Ticket, call: Call) -> BoxFuture<'_, http::Response<Body>>;

    /// Serves a socket that was admitted, until it ends; `None` where this upstream carries none.
    fn socket(&self, call: SocketCall, handle: SocketHandle, socket: EmbeddedSocket) -> Option<BoxFuture<'static, ()>> {
        let _ = (call, handle, socket);
        None
    }
}

/// One admitted socket, with what is known of who opened it.
#[derive(Clone, Debug)]
pub struct SocketCall {
    /// The path it was opened at.
    pub path: Arc<str>,
    /// The caller.
    pub identity: Identity,
    /// The rules of the socket.
    pub rules: SocketRules,
}

/// One admitted request, with what is known of who sent it.
pub struct Call {
    /// The request. Its body keeps the doors' bounds: it fails when it is too large or too slow, and the doors
    /// then answer 413 or 408 whatever the callee says.
    pub request: http::Request<Body>,
    /// The caller.
    pub identity: Identity,
    /// The client's address.
    pub client: IpAddr,
    /// The route's name; `None` on the callers' pages.
    pub route: Option<Arc<str>>,
    /// The tenant whose leased instance was asked, by the Host field.
    pub instance: Option<Arc<str>>,
    /// The request's one reading of the clock.
    pub now: Now,
    /// The policy and overrides that the request was decided by.
    pub snapshot: Arc<Snapshot>,
}

/// The things that an answer from inside was made from, or that its request changed, by names that only have a meaning there. Stands
/// among the extensions of a response; without it an answer may be made from anything of its tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Concerns {
    /// The names.
    pub names: Arc<[Arc<str>]>,
}

impl std::fmt::Debug for Call {
    /// Leaves the fields and the query out, which may hold a credential.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Call")
            .field("method", self.request.method())
            .field("path", &self.request.uri().path())
            .field("route", &self.route)
            .finish_non_exhaustive()
    }
}
