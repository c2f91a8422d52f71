//! Which of the ways through the doors a request takes: the callers' pages, a named route, or none.

use std::sync::Arc;

use tidegate_core::{
    facts::Facts,
    identity::{IdentityRules, Resource},
    limit::Limit,
    policy::{Policy, Profile, Upstream},
    route::{self, Pattern, Route, Routed, Segment},
    socket::SocketRules,
};

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
    if is_below(facts.path, &policy.pages_prefix) {
        return Way::Pages;
    }
    match route::route(policy, facts) {
        Routed::Matched { route, pattern } => Way::Named(route, pattern),
        Routed::Unmatched => Way::Nowhere,
    }
}

/// The dialect for a path that may have no route: that of the page whose patterns share the longest beginning with
/// it, segment by segment, and plain problem details where none shares any.
pub(crate) fn profile_by_path(policy: &Policy, path: &str) -> Profile {
    let shared = |pattern: &Pattern| {
        let segments = path.split('/').filter(|segment| !segment.is_empty());
        pattern
            .segments
            .iter()
            .zip(segments)
            .take_while(|(segment, found)| matches!(segment, Segment::Literal(text) if text == found))
            .count()
    };
    let mut best = (0, Profile::Problem);
    for route in &policy.routes {
        for length in route.patterns.iter().map(shared) {
            if length > best.0 {
                best = (length, policy.page(route.page).profile);
            }
        }
    }
    best.1
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
    pub(crate) fn profile(&self, policy: &Policy, path: &str) -> Profile {
        match self {
            Way::Named(route, _) => policy.page(route.page).profile,
            Way::Pages => Profile::Problem,
            Way::Nowhere => profile_by_path(policy, path),
        }
    }

    /// How to read who asks. The callers' pages are every platform's, so they read as each of them does, in order.
    /// Whoever goes nowhere counts by address alone; nobody looks them up.
    pub(crate) fn identity_rules(&self, policy: &'p Policy) -> Vec<&'p IdentityRules> {
        match self {
            Way::Named(route, _) => vec![&policy.page(route.page).identity],
            Way::Pages => {
                let pages = policy.pages.iter().map(|page| &page.identity);
                pages.chain(&policy.pages_login).collect()
            }
            Way::Nowhere => Vec::new(),
        }
    }

    /// The limits taken, in one operation. There is no cache yet, so every request is a miss, and limits that count
    /// on one are taken with those of the edge.
    ///
    /// Slots are what is open, so only what opens a socket takes one.
    pub(crate) fn limits(&self, policy: &'p Policy, opens_socket: bool) -> Vec<&'p Limit> {
        match self {
            Way::Named(route, _) => {
                let limits = route.limits.iter().map(|index| policy.limit(*index));
                limits
                    .filter(|limit| opens_socket || !limit.quantity.is_slots())
                    .collect()
            }
            Way::Pages => vec![policy.limit(policy.guard)],
            Way::Nowhere => policy.unmatched.iter().map(|index| policy.limit(*index)).collect(),
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
