//! Warnings about what a file may say, but hardly means.

use tidegate_core::{
    limit::CountsAt,
    policy::{LimitIndex, PageIndex, Upstream},
    route::{Pattern, Segment},
};

use super::{Draft, limits_page_guard};
use crate::{
    diagnostics::{Fault, Report},
    location::Location,
    parsed_file::ParsedFile,
};

/// Warns of limits that never count, paths that count nowhere, and text that is not in force.
pub fn warn(
    files: &[ParsedFile],
    draft: &Draft,
    unmatched: Option<LimitIndex>,
    pages_prefix: &str,
    report: &mut Report,
) {
    limits_without_route(draft, unmatched, report);
    routes_behind_the_pages(draft, pages_prefix, report);
    puts_without_flag(draft, report);
    if let Some(root) = files.first() {
        let has_catch_all = draft
            .routes
            .iter()
            .flat_map(|routed| &routed.route.patterns)
            .any(catches_all);
        if unmatched.is_none() && !has_catch_all && root.text.unmatched.is_none() && !draft.routes.is_empty() {
            let location = Location {
                file: root.name.clone(),
                line: 1,
                key: "unmatched".to_owned(),
            };
            let right = "name a limit that counts per address, or add a route that matches `* /**`";
            report.warn(
                &location,
                Fault::new(
                    "a request that no route matches is answered 404 and counted by no limit",
                    right,
                ),
            );
        }
    }
    for text in files.iter().skip(1).map(|file| &file.text) {
        let tables = [
            text.server.as_ref().map(|at| &at.location),
            text.tls.as_ref().map(|at| &at.location),
            text.usage.as_ref().map(|at| &at.location),
        ];
        for location in tables.into_iter().flatten() {
            report.warn(
                location,
                Fault::new(
                    "has no effect in an included file",
                    "move it to the file that Tidegate is started with",
                ),
            );
        }
    }
}

fn limits_without_route(draft: &Draft, unmatched: Option<LimitIndex>, report: &mut Report) {
    for (index, drafted) in draft.limits.iter().enumerate() {
        let index = LimitIndex(index);
        let Some(location) = &drafted.location else { continue };
        if &*drafted.limit.name == limits_page_guard::NAME {
            if drafted.limit.counts_at == CountsAt::Miss {
                let right = "write `counts_at = \"edge\"`";
                report.error(
                    location,
                    Fault::new(
                        "the limits pages are never cached, so this limit would never count",
                        right,
                    ),
                );
            }
            continue;
        }
        let bound = unmatched == Some(index) || draft.routes.iter().any(|routed| routed.route.limits.contains(&index));
        if !bound {
            report.warn(
                location,
                Fault::new("applies to no route", "name one in `on`, or remove the limit"),
            );
        }
    }
}

/// The callers' pages are found before any route.
fn routes_behind_the_pages(draft: &Draft, pages_prefix: &str, report: &mut Report) {
    let prefix: Vec<Segment> = pages_prefix
        .split('/')
        .skip(1)
        .map(|text| Segment::Literal(text.to_owned()))
        .collect();
    for routed in &draft.routes {
        for (pattern, location) in routed.route.patterns.iter().zip(&routed.locations) {
            if pattern.segments.starts_with(&prefix) {
                let wrong = format!("`{pattern}` is never reached: the limits pages are served at `{pages_prefix}`");
                report.warn(location, Fault::new(wrong, "move them with `[server] pages_prefix`"));
            }
        }
    }
}

/// The API inside takes any method with `asPut` for a PUT of the feed: where methods of the feed are told apart, the
/// flag is a way round unless it is matched too.
fn puts_without_flag(draft: &Draft, report: &mut Report) {
    let feed = ["api", "feed"].map(|text| Segment::Literal(text.to_owned()));
    for (index, page) in draft.pages.iter().enumerate() {
        let routes = draft
            .routes
            .iter()
            .filter(|routed| routed.route.page == PageIndex(index));
        let placed = routes.flat_map(|routed| routed.route.patterns.iter().zip(&routed.locations));
        let mut of_feed = placed.filter(|(pattern, _)| pattern.segments == feed);
        let Some((pattern, location)) = of_feed.clone().find(|(pattern, _)| pattern.method.is_some()) else {
            continue;
        };
        let flagged = of_feed.any(|(pattern, _)| pattern.flag.as_deref() == Some("asPut"));
        if page.upstream == Upstream::Embedded && !flagged {
            let wrong =
                format!("with `asPut`, a request of any method counts as `{pattern}`, but no route matches that flag");
            let right = "add `* /api/feed?asPut` beside `PUT /api/feed`";
            report.warn(location, Fault::new(wrong, right));
        }
    }
}

fn catches_all(pattern: &Pattern) -> bool {
    pattern.method.is_none() && pattern.segments == [Segment::Rest]
}
