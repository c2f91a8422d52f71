//! The answers that are kept, and the changes that make them stale: a page's own routes.

use std::{sync::Arc, time::Duration};

use http::{HeaderName, Method};
use tidegate_core::{freshness::CacheRule, limit::CountsAt};

use super::{Draft, limit_routes};
use crate::{
    diagnostics::{Fault, Report},
    parsed_file::ParsedFile,
    sections::cache::CacheText,
};

/// The most fields that speak to the cache: each is looked for in every answer.
const TARGETS_MAX: usize = 4;

/// Gives the page's routes, which are the draft's from `first` on, what its file says of the cache.
pub fn compile(file: &ParsedFile, first: usize, draft: &mut Draft, report: &mut Report) {
    let names: Vec<String> = draft.routes[first..]
        .iter()
        .map(|routed| routed.route.name.to_string())
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    for (name, at) in file.text.route.iter().flat_map(|routes| &routes.value.0) {
        let Some(drops) = limit_routes::named(at.value.drops.as_ref(), &names, report) else {
            continue;
        };
        if let Some(routed) = draft.routes[first..]
            .iter_mut()
            .find(|routed| *routed.route.name == **name)
        {
            routed.route.drops = drops.iter().map(|name| name.as_str().into()).collect();
        }
    }
    let Some(at) = &file.text.cache else { return };
    if !at.value.written.iter().any(|key| key == "on") {
        let right = "write `on = [\"ROUTE\"]` with the routes to cache";
        report.error(&at.location, Fault::new("no route is cached", right));
    }
    let rule = rule(&at.value, report);
    limit_routes::named(at.value.on.as_ref(), &names, report);
    for on in at.value.on.iter().flat_map(|on| &on.value.0) {
        let Some(routed) = draft.routes[first..]
            .iter_mut()
            .find(|routed| *routed.route.name == *on.value)
        else {
            continue;
        };
        routed.route.cache = Some(rule.clone());
        let reads = |method: &Option<Method>| {
            method
                .as_ref()
                .is_none_or(|method| *method == Method::GET || *method == Method::HEAD)
        };
        if !routed.route.patterns.iter().any(|pattern| reads(&pattern.method)) {
            let wrong = format!("answers of `{}` are never cached: the route has no GET", on.value);
            report.warn(&on.location, Fault::new(wrong, "remove it from `on`"));
        }
    }
}

fn rule(text: &CacheText, report: &mut Report) -> CacheRule {
    let named = text.targets.iter().flat_map(|at| &at.value.0);
    let targets: Arc<[HeaderName]> = named.map(|at| at.value.0.0.clone()).collect();
    if let Some(at) = text.targets.as_ref().filter(|_| targets.len() > TARGETS_MAX) {
        let right = format!("name at most {TARGETS_MAX}");
        report.error(
            &at.location,
            Fault::new(format!("{} fields are too many", targets.len()), right),
        );
    }
    CacheRule {
        fresh_for: text.fresh_for.as_ref().map_or(Duration::ZERO, |at| at.value.0.0),
        targets,
    }
}

/// A limit that counts what the cache does not answer says something only where a cache is.
pub fn warn_of_misses(draft: &Draft, report: &mut Report) {
    for (index, drafted) in draft.limits.iter().enumerate() {
        let Some(location) = &drafted.location else { continue };
        let mut bound = draft
            .routes
            .iter()
            .filter(|routed| routed.route.limits.iter().any(|limit| limit.0 == index));
        let counts = |routed: &super::DraftRoute| routed.route.cache.is_some();
        if drafted.limit.counts_at == CountsAt::Miss && bound.clone().next().is_some() && !bound.any(counts) {
            let right = "name its routes in `[cache] on`, or write `counts_at = \"edge\"`";
            report.warn(
                location,
                Fault::new("counts cache misses only, but none of its routes is cached", right),
            );
        }
    }
}
