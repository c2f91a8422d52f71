//! A request that changes something, and what that makes stale.

use std::sync::Arc;

use http::{
    HeaderMap, Method, Response, Uri,
    header::{CONTENT_LOCATION, LOCATION},
    request::Parts,
};
use tidegate_core::partition::CellId;
use tidegate_gate::{CachePlan, RequestContext};

use super::{
    Cache,
    key::{self, TenantRoute},
};
use crate::{body::Body, embedded_upstream::Concerns};

/// A change on its way. It is written down when it is answered, and also when nobody waits for its answer any more: what
/// was sent may have been done.
pub(super) struct Change {
    cache: Arc<Cache>,
    authority: String,
    path: Arc<str>,
    drops: Arc<[Arc<str>]>,
    tenant: Option<Arc<str>>,
    is_sent: bool,
}

/// Most names of one change that are written down by themselves; with more, all of the tenant is stale.
pub(super) const NAMES_MAX: usize = 256;

impl Change {
    /// `None` where the request changes nothing: its method is safe (RFC 9110 9.2.1), unless its route's answers are not
    /// kept and it says which ones it makes stale all the same, as a GET does that stands for a PUT.
    pub(super) fn of(cache: &Arc<Cache>, plan: &CachePlan, context: &RequestContext, head: &Parts) -> Option<Change> {
        let is_safe = matches!(
            head.method,
            Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE
        );
        if is_safe && (plan.rule.is_some() || plan.drops.is_empty()) {
            return None;
        }
        Some(Change {
            cache: cache.clone(),
            authority: key::authority(&head.headers),
            path: head.uri.path().into(),
            drops: plan.drops.clone(),
            tenant: key::tenant(&context.identity),
            is_sent: false,
        })
    }

    /// It goes up.
    pub(super) fn send(&mut self) {
        self.is_sent = true;
    }

    /// Writes the change down by its answer. Where the upstream refused, nothing was changed.
    pub(super) fn answered(mut self, response: &Response<Body>) {
        self.is_sent = false;
        if !response.status().is_client_error() {
            let concerns = response.extensions().get::<Concerns>();
            self.write(
                concerns.filter(|concerns| concerns.names.len() <= NAMES_MAX),
                Some(response.headers()),
            );
        }
    }

    fn write(&self, concerns: Option<&Concerns>, answered: Option<&HeaderMap>) {
        let keys = &self.cache.keys;
        let mut tags = vec![keys.path(&self.authority, &self.path)];
        let elsewhere = answered.into_iter().flat_map(|headers| {
            let named = [LOCATION, CONTENT_LOCATION]
                .into_iter()
                .filter_map(|name| headers.get(name));
            named.filter_map(|value| self.path_of(value.to_str().ok()?))
        });
        tags.extend(elsewhere.map(|path| keys.path(&self.authority, &path)));
        for route in self.drops.iter() {
            match &self.tenant {
                None => tags.push(keys.route(route)),
                // What is kept for nobody in particular may show this tenant's too.
                Some(tenant) => {
                    for tenant in [tenant, ""] {
                        tags.extend(self.of_tenant(TenantRoute { route, tenant }, concerns));
                    }
                }
            }
        }
        self.cache.store.lock().change(tags);
    }

    fn of_tenant(&self, of: TenantRoute<'_>, concerns: Option<&Concerns>) -> Vec<CellId> {
        let keys = &self.cache.keys;
        match concerns {
            None => vec![keys.tenant(of)],
            Some(concerns) => {
                let named = concerns.names.iter().map(|name| keys.named(of, name));
                named.chain([keys.unnamed(of), keys.touched(of)]).collect()
            }
        }
    }

    /// The path of an address that the answer names, if it is one of the same host (RFC 9111 4.4).
    fn path_of(&self, address: &str) -> Option<String> {
        let uri: Uri = address.parse().ok()?;
        let same = uri
            .authority()
            .is_none_or(|other| other.as_str().eq_ignore_ascii_case(&self.authority));
        (same && uri.path().starts_with('/')).then(|| uri.path().to_owned())
    }
}

impl Drop for Change {
    fn drop(&mut self) {
        if self.is_sent {
            self.write(None, None);
        }
    }
}
