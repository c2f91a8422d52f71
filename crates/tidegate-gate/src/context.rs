//! The request context: what is known of a request and its caller, as far as the request came.

use std::{net::IpAddr, sync::Arc};

use http::HeaderMap;
use tidegate_core::{address, dialect::Dialect, fields::RateLimitFields, identity::Identity, limit_check::Caller};

/// The facts known of a request and its caller, as far as the request came.
#[derive(Clone, Debug)]
pub struct RequestContext {
    /// The caller.
    pub identity: Identity,
    /// The client's address.
    pub client: IpAddr,
    /// The tenant whose leased instance was asked.
    pub instance: Option<Arc<str>>,
    /// The route's name; `None` on the callers' pages and where no route matches.
    pub route: Option<Arc<str>>,
    /// The name of its page; of the callers' pages their prefix. `None` where no route matches.
    pub page: Option<Arc<str>>,
    /// The dialect of its refusals.
    pub dialect: &'static Dialect,
    /// The RateLimit fields of its answer, by the limits that were asked so far.
    pub fields: Option<RateLimitFields>,
}

impl RequestContext {
    /// A context before anything was read: the address.
    pub fn new(client: IpAddr, dialect: &'static Dialect) -> RequestContext {
        RequestContext {
            identity: Identity::Anonymous,
            client: address::unwrap(client),
            instance: None,
            route: None,
            page: None,
            dialect,
            fields: None,
        }
    }

    /// The caller as the counts are asked about it.
    pub(crate) fn caller<'a>(&'a self, headers: &'a HeaderMap) -> Caller<'a> {
        Caller {
            identity: &self.identity,
            client: self.client,
            headers,
            instance: self.instance.as_ref(),
            // A path that nothing matches counts whoever asks (docs/semantics.md rule 1).
            counts_whoever: self.page.is_none(),
        }
    }
}
