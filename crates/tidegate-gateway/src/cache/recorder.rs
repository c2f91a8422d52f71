//! The recorder of the answer of a request that goes on: keeps it, shares it, writes down what it changes.

use std::sync::Arc;

use http::{HeaderMap, Response, StatusCode, header::AUTHORIZATION, request::Parts};
use http_body::Body as _;
use tidegate_core::{
    freshness::{self, CacheRule, Unkept},
    partition::CellId,
    time::Now,
};
use tidegate_gate::RequestContext;

use super::{
    Cache,
    change::{self, Change},
    in_flight::{Ended, Lead},
    key::{self, Keys, TenantRoute},
    recording::{Draft, RecordedBody, Recording},
    status::{Outcome, Storing},
    stored_answer::{self, StoredAnswer},
};
use crate::{body::Body, embedded_upstream::Concerns, upstream_fault::UpstreamFault};

/// Keeps and shares the answer of a request that goes on.
pub(crate) struct Recorder {
    pub(super) cache: Arc<Cache>,
    pub(super) outcome: Outcome,
    pub(super) change: Option<Change>,
    pub(super) request: Option<Box<CacheableRequest>>,
}

/// A record of an answer, and what is known of it.
type Recorded = (Option<Recording>, Storing);

/// A request whose answer may be kept.
pub(super) struct CacheableRequest {
    pub(super) key: CellId,
    rule: CacheRule,
    /// It shows an `Authorization` that names nobody here.
    by_stranger: bool,
    /// The route and the tenant.
    of: (Arc<str>, Arc<str>),
    pub(super) tags: Vec<CellId>,
    pub(super) begun: u64,
    since_ns: u64,
    /// The fields of the request, with the conditions, which did not go up.
    pub(super) headers: HeaderMap,
    pub(super) lead: Option<Lead>,
    /// The stale answer that the upstream is asked about.
    pub(super) stale: Option<Arc<StoredAnswer>>,
}

// === impl CacheableRequest ===

impl CacheableRequest {
    pub(super) fn new(
        cache: &Arc<Cache>,
        key: CellId,
        rule: CacheRule,
        route: &Arc<str>,
        context: &RequestContext,
        head: &Parts,
        now: Now,
    ) -> CacheableRequest {
        let keys = &cache.keys;
        let tenant = key::tenant(&context.identity).unwrap_or_else(|| "".into());
        let of = TenantRoute { route, tenant: &tenant };
        let tags = vec![
            keys.path(&key::authority(&head.headers), head.uri.path()),
            keys.route(route),
            keys.tenant(of),
            keys.touched(of),
        ];
        CacheableRequest {
            key,
            rule,
            by_stranger: context.identity.known().is_none() && head.headers.contains_key(AUTHORIZATION),
            tags,
            of: (route.clone(), tenant),
            begun: cache.store.lock().changed(),
            since_ns: now.mono_ns,
            headers: head.headers.clone(),
            lead: None,
            stale: None,
        }
    }

    /// Returns the tags of what the answer was made from: by name, where its maker says so.
    fn made_from(&self, keys: &Keys, concerns: Option<&Concerns>) -> Vec<CellId> {
        let of = TenantRoute {
            route: &self.of.0,
            tenant: &self.of.1,
        };
        let mut tags = self.tags.clone();
        // That something was touched is for those who do not know yet what theirs is made from.
        tags.retain(|tag| *tag != keys.touched(of));
        match concerns.filter(|concerns| !concerns.names.is_empty() && concerns.names.len() <= change::NAMES_MAX) {
            Some(concerns) => tags.extend(concerns.names.iter().map(|name| keys.named(of, name))),
            None => tags.push(keys.unnamed(of)),
        }
        tags
    }
}

// === impl Recorder ===

impl Recorder {
    /// Waits for an answer. Keeps it if it may be kept, tells those who wait for it, and writes down what was changed by it.
    ///
    /// # Errors
    /// The upstream's fault, or that it broke off in the body.
    pub(crate) async fn keep(
        mut self,
        sending: impl Future<Output = Result<Response<Body>, UpstreamFault>>,
    ) -> (Result<Response<Body>, UpstreamFault>, Outcome) {
        if let Some(change) = &mut self.change {
            change.send();
        }
        let mut response = match sending.await {
            Ok(response) => response,
            Err(fault) => {
                if let Some(lead) = self.request.and_then(|request| request.lead) {
                    lead.end(Ended::Failed(fault));
                }
                return (Err(fault), self.outcome);
            }
        };
        if let Some(change) = self.change.take() {
            change.answered(&response);
        }
        let Some(mut request) = self.request.take() else {
            return (Ok(response), self.outcome);
        };
        if response.status() == StatusCode::NOT_MODIFIED
            && let Some(stale) = request.stale.take()
        {
            response = stale.again(response.headers());
        }
        let condition = std::mem::take(&mut request.headers);
        let (record, storing) = match self.record(*request, &condition, &mut response) {
            Ok((record, storing)) => (record, storing),
            Err((lead, why)) => {
                if let Some(lead) = lead {
                    lead.end(Ended::Alone);
                }
                (None, Storing::Unkept(why))
            }
        };
        let outcome = self.outcome.with(storing);
        let (head, body) = response.into_parts();
        let is_known = body.size_hint().exact().is_some();
        let body = match record {
            None => body,
            Some(record) if is_known => match record.all(body).await {
                Ok(body) => body,
                Err(fault) => return (Err(fault), outcome),
            },
            Some(record) => Body::watched(RecordedBody::new(body, record)),
        };
        if is_known && head.status == StatusCode::OK && freshness::is_not_modified(&condition, &head.headers) {
            return (Ok(stored_answer::not_modified(&head.headers)), outcome);
        }
        (Ok(Response::from_parts(head, body)), outcome)
    }

    /// A record of an answer that is kept, or shared with those who wait for it.
    fn record(
        &self,
        mut request: CacheableRequest,
        headers: &HeaderMap,
        response: &mut Response<Body>,
    ) -> Result<Recorded, (Option<Lead>, Unkept)> {
        let keys = &self.cache.keys;
        let lead = request.lead.take();
        let concerns = response.extensions_mut().remove::<Concerns>();
        let lifetime = freshness::lifetime(
            response.status(),
            response.headers(),
            request.by_stranger,
            &request.rule,
        );
        let (lifetime, storing) = match lifetime {
            Ok(lifetime) => (Some(lifetime), Storing::Kept),
            Err(why) if freshness::is_shared_failure(response.status(), response.headers()) => {
                (None, Storing::Unkept(why))
            }
            Err(why) => return Err((lead, why)),
        };
        let exact = response.body().size_hint().exact();
        let bytes_max = self.cache.bounds.body_bytes_max as u64;
        if exact.is_some_and(|bytes| bytes > bytes_max) {
            return Err((lead, Unkept::TooLarge));
        }
        let names = freshness::selecting(response.headers()).unwrap_or_default().into_iter();
        let selects = names.map(|name| {
            let value = keys.field(&name, headers);
            (name, value)
        });
        let draft = Draft {
            key: request.key,
            status: response.status(),
            headers: kept_fields(response.headers()),
            selects: selects.collect(),
            lifetime,
            since_ns: request.since_ns,
            tags: request.made_from(keys, concerns.as_ref()),
            begun: request.begun,
        };
        let storing = if exact.is_none() && storing == Storing::Kept {
            Storing::Open
        } else {
            storing
        };
        Ok((Some(Recording::new(self.cache.clone(), draft, lead)), storing))
    }
}

/// The fields that are kept: not those about one request's standing, nor about one hop.
fn kept_fields(headers: &HeaderMap) -> HeaderMap {
    let mut kept = headers.clone();
    let is_of_one = |name: &str| name.starts_with("ratelimit") || name.starts_with("x-ratelimit") || name == "trailer";
    let of_one: Vec<_> = headers.keys().filter(|name| is_of_one(name.as_str())).collect();
    of_one.into_iter().for_each(|name| drop(kept.remove(name)));
    kept
}
