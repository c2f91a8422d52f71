//! The compiler from parsed files to a policy: it resolves references and refuses contradictions.
//!
//! A mistake goes to the report and compiling goes on with what is left, so that one run finds all of them. Whether
//! there is a policy is decided at the end, by the report.

mod adjustable_limit;
mod cache;
pub mod identity;
mod limit;
mod limit_names;
mod limit_routes;
mod limits_page_guard;
mod page;
mod parent_limit;
mod partition;
mod payload_limit;
mod plan;
pub mod quantity;
pub mod read_range;
mod route;
pub mod socket;
mod tenant;
mod tls;
mod unmatched_paths;
pub mod upstream;
mod warnings;

use tidegate_core::{
    limit::Limit,
    payload::PayloadLimit,
    policy::{LimitIndex, Page, PageIndex, Policy, Upstream},
    route::{Pattern, Route},
};

use super::{
    diagnostics::Report,
    extensions::ConfigExtensions,
    location::Location,
    parsed_file::ParsedFile,
    sections::server::ServerText,
    server::{self, Server},
};

/// The bound on a request's body, which a limit on it stays below.
const BODY_BYTES_MAX: &str = "body_bytes_max";

/// Compiles the files; the first is the one that is started. `upstream` replaces those of all pages.
pub fn compile(
    files: &[ParsedFile],
    upstream: Option<&Upstream>,
    extensions: &ConfigExtensions,
    report: &mut Report,
) -> Option<(Policy, Server)> {
    let root = files.first()?;
    let mut server = match &root.text.server {
        Some(text) => server::compile(&text.value, extensions, report),
        None => server::compile(&ServerText::default(), extensions, report),
    };
    server.tls = root
        .text
        .tls
        .as_ref()
        .and_then(|at| tls::compile(at, extensions, report));
    let usage = root.text.usage.as_ref().and_then(|at| at.value.on_failure.as_ref());
    server.on_usage_failure = usage.map_or_else(Default::default, |on_failure| on_failure.value.0);
    let names = limit_names::Names::of(files, report);
    let mut draft = Draft::default();
    for file in files {
        page::compile(file, upstream, extensions, &mut draft, report);
    }
    identity::check_trust(files, server.trust.as_ref(), report);
    let guard = limits_page_guard::find_or_add(&mut draft);
    plan::compile(files, &names, &mut draft, report);
    let tenants = tenant::compile(files, &names, &mut draft, report);
    let unmatched = unmatched_paths::compile(files, &names, &draft, report);
    cache::warn_of_misses(&draft, report);
    warnings::warn(files, &draft, unmatched, &server.pages_prefix, report);
    payload_limit::warn(&draft, server.bounds.get(BODY_BYTES_MAX).unwrap_or(u64::MAX), report);
    let payload_limits = draft.take_payload_limits();
    let mut routes: Vec<Route> = draft.routes.into_iter().map(|routed| routed.route).collect();
    routes.sort_by(|a, b| match (most_specific(a), most_specific(b)) {
        (Some(a), Some(b)) => a.specificity(b),
        (a, b) => a.is_some().cmp(&b.is_some()),
    });
    let pages_login = identity::of_browsers(&draft.pages, extensions.pages_cookie);
    let limits = draft.limits.into_iter().map(|drafted| drafted.limit).collect();
    let policy = Policy {
        pages: draft.pages,
        routes,
        limits,
        payload_limits,
        unmatched,
        guard,
        pages_prefix: server.pages_prefix.clone(),
        pages_login,
        trust: server.trust.clone(),
        tenants,
    };
    Some((policy, server))
}

fn most_specific(route: &Route) -> Option<&Pattern> {
    route.patterns.iter().min_by(|a, b| a.specificity(b))
}

/// The policy as far as it has come, with the locations of its parts.
#[derive(Debug, Default)]
pub struct Draft {
    pages: Vec<Page>,
    routes: Vec<DraftRoute>,
    limits: Vec<DraftLimit>,
    payload_limits: Vec<DraftPayload>,
}

/// A route and where it was written.
#[derive(Debug)]
struct DraftRoute {
    route: Route,
    locations: Vec<Location>,
}

/// A limit and where it was written; the guard may stand nowhere.
#[derive(Debug)]
struct DraftLimit {
    limit: Limit,
    location: Option<Location>,
}

/// A limit on the shape of requests, and where it was written.
#[derive(Debug)]
struct DraftPayload {
    limit: PayloadLimit,
    location: Location,
}

// === impl Draft ===

impl Draft {
    fn limit_named(&self, name: &str) -> Option<LimitIndex> {
        self.limits
            .iter()
            .position(|drafted| &*drafted.limit.name == name)
            .map(LimitIndex)
    }

    fn next_page(&self) -> PageIndex {
        PageIndex(self.pages.len())
    }
}
