//! The route match: the callers' pages, a named route, or none, and what follows from it for the steps behind it.

use std::{slice, sync::Arc};

use tidegate_core::{
    dialect::{Dialect, PROBLEM},
    facts::Facts,
    identity::{IdentityRules, Resource},
    limit::{CountsAt, Limit},
    policy::{LimitIndex, Page, Policy, Upstream},
    route::{self, Pattern, Route, RoutePlace, Segment},
    socket::SocketRules,
};
use tidegate_engine::snapshot::Snapshot;

use crate::{cache_plan::CachePlan, destination::Destination};

/// The match of a request's method and path in the policy that it is decided by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RouteMatch {
    /// The callers' pages.
    Pages,
    /// A named route, by one of its patterns.
    Named(RoutePlace),
    /// No route: counted, then 404.
    Unmatched,
}

/// The dialect for a path that may have no route: that of the page whose patterns share the longest beginning with
/// it, segment by segment, and plain problem details where none shares any.
pub(crate) fn dialect_by_path(policy: &Policy, path: &str) -> &'static Dialect {
    let shared = |pattern: &Pattern| {
        let segments = path.split('/').filter(|segment| !segment.is_empty());
        pattern
            .segments
            .iter()
            .zip(segments)
            .take_while(|(segment, found)| matches!(segment, Segment::Literal(text) if text == found))
            .count()
    };
    let mut best = (0, PROBLEM);
    for route in &policy.routes {
        for length in route.patterns.iter().map(shared) {
            if length > best.0 {
                best = (length, policy.page(route.page).dialect);
            }
        }
    }
    best.1
}

/// Tells whether a path leads to the callers' pages.
pub(crate) fn is_to_pages(policy: &Policy, path: &str) -> bool {
    is_below(path, &policy.pages_prefix)
}

fn is_below(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

impl RouteMatch {
    /// Finds the route of a request that does not go to the callers' pages.
    pub(crate) fn find(snapshot: &Snapshot, facts: &Facts<'_>) -> RouteMatch {
        match snapshot.routes.find(&snapshot.policy.routes, facts) {
            Some(place) => RouteMatch::Named(place),
            None => RouteMatch::Unmatched,
        }
    }

    /// The route, if it is a named one.
    pub fn route(self, policy: &Policy) -> Option<&Route> {
        match self {
            RouteMatch::Named(place) => policy.routes.get(place.route),
            RouteMatch::Pages | RouteMatch::Unmatched => None,
        }
    }

    fn page(self, policy: &Policy) -> Option<&Page> {
        self.route(policy).map(|route| policy.page(route.page))
    }

    pub(crate) fn route_name(self, policy: &Policy) -> Option<Arc<str>> {
        self.route(policy).map(|route| route.name.clone())
    }

    /// The name of its page; of the callers' pages their prefix, which no page is called like.
    pub(crate) fn page_name(self, policy: &Policy) -> Option<Arc<str>> {
        match self {
            RouteMatch::Pages => Some(policy.pages_prefix.clone()),
            RouteMatch::Named(_) | RouteMatch::Unmatched => self.page(policy).map(|page| page.name.clone()),
        }
    }

    /// The dialect of the route's page. The callers' pages speak plain problem details.
    pub(crate) fn dialect(self, policy: &Policy, path: &str) -> &'static Dialect {
        match self.page(policy) {
            Some(page) => page.dialect,
            None if self == RouteMatch::Pages => PROBLEM,
            None => dialect_by_path(policy, path),
        }
    }

    /// The rules by which the caller is read. The callers' pages are every platform's, so they read as each of them does, in order.
    /// Whoever goes nowhere counts by address alone; nobody looks them up.
    pub(crate) fn identity_rules(self, policy: &Policy) -> impl Iterator<Item = &IdentityRules> {
        let (pages, login) = match self {
            RouteMatch::Pages => (&policy.pages[..], &policy.pages_login[..]),
            RouteMatch::Named(_) | RouteMatch::Unmatched => {
                (self.page(policy).map(slice::from_ref).unwrap_or_default(), &[][..])
            }
        };
        pages.iter().map(|page| &page.identity).chain(login)
    }

    /// The limits taken at the edge, in one operation. Where no cache takes part every request is a miss, and limits that
    /// count on one are taken with those of the edge; where one does, [`RouteMatch::cache_plan`] has them.
    ///
    /// Slots are what is open, so only what opens a socket takes one.
    pub(crate) fn limits(self, policy: &Policy, opens_socket: bool) -> impl Iterator<Item = &Limit> + Clone {
        let (indexes, opens_socket, has_cache) = match self.route(policy) {
            Some(route) => (&route.limits[..], opens_socket, route.cache.is_some()),
            None if self == RouteMatch::Pages => (slice::from_ref(&policy.guard), true, false),
            None => (policy.unmatched.as_slice(), true, false),
        };
        let limits = indexes.iter().map(|index| policy.limit(*index));
        limits.filter(move |limit| {
            let waits = has_cache && limit.counts_at == CountsAt::Miss;
            opens_socket || !(limit.quantity.is_slots() || waits)
        })
    }

    /// Its rules about kept answers. No socket is kept.
    pub(crate) fn cache_plan(self, policy: &Policy, opens_socket: bool) -> CachePlan {
        let Some(route) = self.route(policy) else {
            return CachePlan::default();
        };
        let rule = route.cache.clone().filter(|_| !opens_socket);
        let is_kept = rule.is_some();
        let is_on_miss = |index: &LimitIndex| {
            let limit = policy.limit(*index);
            limit.counts_at == CountsAt::Miss && !limit.quantity.is_slots()
        };
        let on_miss = route
            .limits
            .iter()
            .copied()
            .filter(|index| is_kept && is_on_miss(index));
        CachePlan {
            rule,
            drops: route.drops.clone(),
            on_miss: on_miss.collect(),
        }
    }

    /// Its rules for sockets, if it carries some.
    pub(crate) fn socket_rules(self, policy: &Policy) -> Option<&SocketRules> {
        self.route(policy)?.socket.as_ref()
    }

    pub(crate) fn needs_user(self, policy: &Policy) -> bool {
        self.route(policy).is_some_and(|route| route.needs_user)
    }

    /// The resources that the request names.
    pub(crate) fn resources(self, policy: &Policy, facts: &Facts<'_>) -> Vec<Resource> {
        let RouteMatch::Named(place) = self else {
            return Vec::new();
        };
        let route = &policy.routes[place.route];
        route::resources(route, &route.patterns[place.pattern], facts)
    }

    /// The upstream that it leads to.
    pub(crate) fn destination(self, policy: &Policy) -> Destination {
        match self.page(policy).map(|page| &page.upstream) {
            None => Destination::Pages,
            Some(Upstream::Embedded) => Destination::Embedded,
            Some(Upstream::Remote(remote)) => Destination::Remote(remote.clone()),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
