//! What the doors need from the house: who a credential is, and upstreams inside the program.

use std::{net::IpAddr, sync::Arc};

use futures_util::future::BoxFuture;
use tidegate_core::{
    identity::{Claims, Identity, Lookup, Naming, Resource, Source},
    payload::points::Series,
    socket::SocketRules,
    time::Now,
};
use tidegate_engine::{snapshot::Snapshot, sockets::SocketHandle, ticket::Ticket};

use crate::{body::Body, relay::InsideSocket};

/// Answers for credentials and resources. The program joins it to the accounts.
pub trait Authority: Send + Sync + 'static {
    /// Who a credential is. A credential that names nobody is an answer; an [`AuthorityFault`] is a look-up that failed.
    /// What the source does not know by its form is [`Malformed`](tidegate_core::identity::Invalid::Malformed).
    fn lookup<'a>(
        &'a self,
        source: &'a Source,
        secret: &'a str,
        now: Now,
    ) -> BoxFuture<'a, Result<Lookup, AuthorityFault>>;

    /// Who somebody is of whom a listed proxy says this.
    fn vouched<'a>(
        &'a self,
        naming: &'a Naming,
        claims: Claims,
        now: Now,
    ) -> BoxFuture<'a, Result<Lookup, AuthorityFault>>;

    /// Whether a resource exists at all: asked only when a caller's grants don't include it, to tell 403 from 404.
    fn exists(&self, resource: Resource) -> BoxFuture<'_, Result<bool, AuthorityFault>>;
}

/// An upstream inside the program: the streams API, the callers' pages.
pub trait Inside: Send + Sync + 'static {
    /// Answers a call that was admitted. The ticket is its proof.
    fn call(&self, ticket: Ticket, call: Call) -> BoxFuture<'_, http::Response<Body>>;

    /// What is known of the streams that a request would read; `None` where it reads none that is known here. It is asked
    /// before the request runs, so it costs less than the answer.
    fn describe<'a>(&'a self, question: Question<'a>) -> BoxFuture<'a, Option<Vec<Series>>> {
        let _ = question;
        Box::pin(std::future::ready(None))
    }

    /// Serves a socket that was admitted, until it ends; `None` where this upstream carries none.
    fn socket(&self, call: SocketCall, handle: SocketHandle, socket: InsideSocket) -> Option<BoxFuture<'static, ()>> {
        let _ = (call, handle, socket);
        None
    }
}

/// Which streams are asked about.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// Who asks.
    pub identity: &'a Identity,
    /// The path and the query, which name the streams.
    pub uri: &'a http::Uri,
    /// The request says where its range begins, so that nobody has to look for first samples.
    pub has_start: bool,
}

/// One admitted socket, with what is known of who opened it.
#[derive(Clone, Debug)]
pub struct SocketCall {
    /// The path it was opened at.
    pub path: Arc<str>,
    /// Who asks.
    pub identity: Identity,
    /// What one socket may do.
    pub rules: SocketRules,
}

/// One admitted request, with what is known of who sent it.
pub struct Call {
    /// The request. Its body keeps the doors' bounds: it fails when it is too large or too slow, and the doors
    /// then answer 413 or 408 whatever the callee says.
    pub request: http::Request<Body>,
    /// Who asks.
    pub identity: Identity,
    /// The client's address.
    pub client: IpAddr,
    /// The route's name; `None` on the callers' pages.
    pub route: Option<Arc<str>>,
    /// The tenant whose leased instance was asked, by the Host field.
    pub instance: Option<Arc<str>>,
    /// The request's one reading of the clock.
    pub now: Now,
    /// What was in force when the request was decided.
    pub snapshot: Arc<Snapshot>,
}

/// What an answer from inside was made from, or what its request changed, by names that only have a meaning there. Stands
/// among the extensions of a response; without it an answer may be made from anything of its tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Concerns {
    /// The names.
    pub names: Arc<[Arc<str>]>,
}

/// A look-up failed: the fault is the house's, never the caller's. The text is for the log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the authority failed: {0}")]
pub struct AuthorityFault(pub String);

impl std::fmt::Debug for Call {
    /// Without fields and query, which may hold a credential.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Call")
            .field("method", self.request.method())
            .field("path", &self.request.uri().path())
            .field("route", &self.route)
            .finish_non_exhaustive()
    }
}
