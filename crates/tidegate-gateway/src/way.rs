//! Which of the ways through the doors a request takes: the callers' pages, a named route, or none.

use std::{slice, sync::Arc};

use tidegate_core::{
    dialect::{Dialect, PROBLEM},
    facts::Facts,
    identity::{IdentityRules, Resource},
    limit::{CountsAt, Limit},
    policy::{LimitIndex, Policy, Upstream},
    route::{self, Pattern, Route, Routed, Segment},
    socket::SocketRules,
};

use crate::cache::Share;

/// A request's way.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Way<'p> {
    /// To the callers' pages.
    Pages,
    /// Along a named route.
    Named(&'p Route, &'p Pattern),
    /// Nowhere: counted, then 404.
    Nowhere,
}

/// Finds the way of a request.
pub(crate) fn find<'p>(policy: &'p Policy, facts: &Facts<'_>) -> Way<'p> {
    if is_to_pages(policy, facts.path) {
        return Way::Pages;
    }
    match route::route(&policy.routes, facts) {
        Routed::Matched { route, pattern } => Way::Named(route, pattern),
        Routed::Unmatched => Way::Nowhere,
    }
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

/// Whether a path leads to the callers' pages.
pub(crate) fn is_to_pages(policy: &Policy, path: &str) -> bool {
    is_below(path, &policy.pages_prefix)
}

fn is_below(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

impl<'p> Way<'p> {
    pub(crate) fn route_name(&self) -> Option<Arc<str>> {
        match self {
            Way::Named(route, _) => Some(route.name.clone()),
            Way::Pages | Way::Nowhere => None,
        }
    }

    /// The name of its page; of the callers' pages their prefix, which no page is called like.
    pub(crate) fn page_name(&self, policy: &Policy) -> Option<Arc<str>> {
        match self {
            Way::Named(route, _) => Some(policy.page(route.page).name.clone()),
            Way::Pages => Some(policy.pages_prefix.clone()),
            Way::Nowhere => None,
        }
    }

    /// The dialect of the route's page. The callers' pages speak plain problem details.
    pub(crate) fn dialect(&self, policy: &Policy, path: &str) -> &'static Dialect {
        match self {
            Way::Named(route, _) => policy.page(route.page).dialect,
            Way::Pages => PROBLEM,
            Way::Nowhere => dialect_by_path(policy, path),
        }
    }

    /// How to read who asks. The callers' pages are every platform's, so they read as each of them does, in order.
    /// Whoever goes nowhere counts by address alone; nobody looks them up.
    pub(crate) fn identity_rules(&self, policy: &'p Policy) -> impl Iterator<Item = &'p IdentityRules> + use<'p> {
        let (pages, login) = match self {
            Way::Named(route, _) => (slice::from_ref(policy.page(route.page)), &[][..]),
            Way::Pages => (&policy.pages[..], &policy.pages_login[..]),
            Way::Nowhere => (&[][..], &[][..]),
        };
        pages.iter().map(|page| &page.identity).chain(login)
    }

    /// The limits taken at the edge, in one operation. Where no cache takes part every request is a miss, and limits that
    /// count on one are taken with those of the edge; where one does, [`Way::share`] has them.
    ///
    /// Slots are what is open, so only what opens a socket takes one.
    pub(crate) fn limits(
        &self,
        policy: &'p Policy,
        opens_socket: bool,
    ) -> impl Iterator<Item = &'p Limit> + Clone + use<'p> {
        let (indexes, opens_socket, has_cache) = match self {
            Way::Named(route, _) => (&route.limits[..], opens_socket, route.cache.is_some()),
            Way::Pages => (slice::from_ref(&policy.guard), true, false),
            Way::Nowhere => (policy.unmatched.as_slice(), true, false),
        };
        let limits = indexes.iter().map(|index| policy.limit(*index));
        limits.filter(move |limit| {
            let waits = has_cache && limit.counts_at == CountsAt::Miss;
            opens_socket || !(limit.quantity.is_slots() || waits)
        })
    }

    /// What it says of the cache. No socket is kept.
    pub(crate) fn share(&self, policy: &'p Policy, opens_socket: bool) -> Share {
        let Way::Named(route, _) = self else {
            return Share::default();
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
        Share {
            rule,
            drops: route.drops.clone(),
            on_miss: on_miss.collect(),
        }
    }

    /// How it carries sockets, if it does.
    pub(crate) fn socket_rules(&self) -> Option<&'p SocketRules> {
        match self {
            Way::Named(route, _) => route.socket.as_ref(),
            Way::Pages | Way::Nowhere => None,
        }
    }

    /// A path that nothing matches counts whoever asks (SEMANTICS rule 1).
    pub(crate) fn counts_whoever(&self) -> bool {
        matches!(self, Way::Nowhere)
    }

    pub(crate) fn needs_user(&self) -> bool {
        matches!(self, Way::Named(route, _) if route.needs_user)
    }

    /// The resources that the request names.
    pub(crate) fn resources(&self, facts: &Facts<'_>) -> Vec<Resource> {
        match self {
            Way::Named(route, pattern) => route::resources(route, pattern, facts),
            Way::Pages | Way::Nowhere => Vec::new(),
        }
    }

    /// Where it leads; `None` to the callers' pages.
    pub(crate) fn upstream(&self, policy: &'p Policy) -> Option<&'p Upstream> {
        match self {
            Way::Named(route, _) => Some(&policy.page(route.page).upstream),
            Way::Pages | Way::Nowhere => None,
        }
    }
}

#[cfg(test)]
mod tests;
