//! The compiled policy: what the running gateway does, without a word of the text it came from.

use std::sync::Arc;

use crate::{
    dialect::Dialect, identity::IdentityRules, limit::Limit, payload::PayloadLimit, route::Route, tenant::Tenants,
    trust::Trust,
};
pub use crate::{
    index::{LimitIndex, PageIndex, PayloadIndex},
    upstream::Upstream,
};

/// Everything that is decided from.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The pages: each a platform's limits page with its own routes.
    pub pages: Vec<Page>,
    /// All routes, the most specific first.
    pub routes: Vec<Route>,
    /// All limits.
    pub limits: Vec<Limit>,
    /// All limits on what one request asks and carries.
    pub payload_limits: Vec<Arc<PayloadLimit>>,
    /// The limit in which a path that no route matches counts, whoever asks (docs/semantics.md rule 1).
    pub unmatched: Option<LimitIndex>,
    /// The limits pages' own guard (docs/semantics.md rule 15).
    pub guard: LimitIndex,
    /// The path of the callers' pages, e.g. `/limits`.
    pub pages_prefix: Arc<str>,
    /// The rules by which the callers' pages find the caller where none of the pages' own rules finds anybody: a
    /// browser keeps a token for them in a cookie of theirs.
    pub pages_login: Vec<IdentityRules>,
    /// The proxies believed about a client's address; `None`: it is the peer's.
    pub trust: Option<Trust>,
    /// The tenants with a table of their own.
    pub tenants: Tenants,
}

/// One page: what its routes have in common.
#[derive(Clone, Debug)]
pub struct Page {
    /// Its name, e.g. `tempest`.
    pub name: Arc<str>,
    /// The rules by which it finds the caller.
    pub identity: IdentityRules,
    /// The form of its refusals.
    pub dialect: &'static Dialect,
    /// The target of its requests.
    pub upstream: Upstream,
}

// === impl Policy ===

impl Policy {
    /// The limit of an index of this policy.
    pub fn limit(&self, index: LimitIndex) -> &Limit {
        &self.limits[index.0]
    }

    /// The page of an index of this policy.
    pub fn page(&self, index: PageIndex) -> &Page {
        &self.pages[index.0]
    }

    /// The payload limit of an index of this policy.
    pub fn payload_limit(&self, index: PayloadIndex) -> &Arc<PayloadLimit> {
        &self.payload_limits[index.0]
    }

    /// The payload limit of a name.
    pub fn payload_named(&self, name: &str) -> Option<&Arc<PayloadLimit>> {
        self.payload_limits.iter().find(|limit| &*limit.name == name)
    }

    /// The route of a name.
    pub fn route_named(&self, name: &str) -> Option<&Route> {
        self.routes.iter().find(|route| &*route.name == name)
    }

    /// The limit of a name.
    pub fn limit_named(&self, name: &str) -> Option<&Limit> {
        self.limits.iter().find(|limit| &*limit.name == name)
    }

    /// Is true when the limit of a name is about sockets: it caps how many are open, or counts on no route without
    /// them.
    pub fn is_of_sockets(&self, name: &str) -> bool {
        let Some(at) = self.limits.iter().position(|limit| &*limit.name == name) else {
            return false;
        };
        let counts_on = |route: &&Route| route.limits.contains(&LimitIndex(at));
        self.limits[at].quantity.is_slots() || self.routes.iter().filter(counts_on).all(|route| route.socket.is_some())
    }
}
