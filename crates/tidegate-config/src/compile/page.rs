//! The page of one file: its upstream, its identity, its routes and their limits.

use tidegate_core::{
    dialect::PROBLEM,
    policy::{Page, Upstream},
};

use super::{Draft, cache, identity, limit, limit_routes, limits_page_guard, route};
use crate::{
    diagnostics::{Fault, Report},
    extensions::ConfigExtensions,
    location::Location,
    parsed_file::ParsedFile,
    sections::identity::IdentityText,
};

/// Adds the page, its routes and its limits. A file without routes is no page; it puts others together.
pub fn compile(
    file: &ParsedFile,
    upstream: Option<&Upstream>,
    extensions: &ConfigExtensions,
    draft: &mut Draft,
    report: &mut Report,
) {
    let text = &file.text;
    for (name, at) in text.limit.iter().flat_map(|limits| &limits.value.0) {
        limit::compile(name, at, text.defaults.as_ref(), draft, report);
    }
    let Some(routes) = &text.route else {
        check_no_page(file, report);
        return;
    };
    let written = text.identity.as_ref();
    let stands = written.map(|at| &at.location);
    let page = Page {
        name: file.page.as_str().into(),
        identity: match written {
            Some(at) => identity::compile(&at.value, stands, extensions, report),
            None => identity::compile(&IdentityText::default(), None, extensions, report),
        },
        dialect: text.refusals.as_ref().map_or(PROBLEM, |at| at.value.0),
        upstream: upstream_of(file, upstream, extensions, report),
    };
    identity::check_prefixes(&page, &draft.pages, stands, report);
    let required = written
        .and_then(|at| at.value.required.as_ref())
        .is_none_or(|at| at.value);
    let first = draft.routes.len();
    route::compile(&routes.value, &page, required, draft, report);
    draft.pages.push(page);
    limit_routes::compile(file, first, draft, report);
    cache::compile(file, first, draft, report);
}

/// Reports keys of a page in a file that has no page.
fn check_no_page(file: &ParsedFile, report: &mut Report) {
    let text = &file.text;
    if text.written.iter().any(|key| key == "route") {
        return;
    }
    let start = Location {
        file: file.name.clone(),
        line: 1,
        key: "route".to_owned(),
    };
    if !text.written.iter().any(|key| key == "include") {
        let right = "add one, such as `[route.any]` with `match = \"* /**\"`";
        report.error(&start, Fault::new("a page without routes admits no request", right));
        return;
    }
    let limits = text
        .limit
        .iter()
        .flat_map(|limits| &limits.value.0)
        .filter(|(name, _)| name != limits_page_guard::NAME);
    let locations = [
        text.upstream.as_ref().map(|at| &at.location),
        text.refusals.as_ref().map(|at| &at.location),
        text.identity.as_ref().map(|at| &at.location),
        text.defaults.as_ref().map(|at| &at.location),
        text.cache.as_ref().map(|at| &at.location),
    ];
    for location in locations
        .into_iter()
        .flatten()
        .chain(limits.map(|(_, at)| &at.location))
    {
        let right = "move it to the page it belongs to, or add routes to this file";
        report.error(location, Fault::new("has no effect: this file has no routes", right));
    }
}

fn upstream_of(
    file: &ParsedFile,
    instead: Option<&Upstream>,
    extensions: &ConfigExtensions,
    report: &mut Report,
) -> Upstream {
    match (instead, &file.text.upstream) {
        (Some(upstream), _) => upstream.clone(),
        (None, Some(at)) => super::upstream::compile(at, extensions, report).unwrap_or(Upstream::Embedded),
        (None, None) => {
            if !file.text.written.iter().any(|key| key == "upstream") {
                let location = Location {
                    file: file.name.clone(),
                    line: 1,
                    key: "upstream".to_owned(),
                };
                let right = "write `upstream = \"http://HOST:PORT\"`, or start with `--upstream http://HOST:PORT`";
                report.error(&location, Fault::new("the page has no upstream", right));
            }
            Upstream::Embedded
        }
    }
}
