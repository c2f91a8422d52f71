//! What a file may say, but hardly means.

use tidegate_core::{
    limit::CountsAt,
    policy::{LimitIndex, PageIndex, Upstream},
    route::{Pattern, Segment},
};

use super::{Draft, guard};
use crate::{
    finding::{Fault, Report},
    place::Place,
    sheet::Sheet,
};

/// Warns of limits that never count, paths that count nowhere, and text that is not in force.
pub fn warn(sheets: &[Sheet], draft: &Draft, unmatched: Option<LimitIndex>, pages_prefix: &str, report: &mut Report) {
    limits_without_route(draft, unmatched, report);
    routes_behind_the_pages(draft, pages_prefix, report);
    puts_without_flag(draft, report);
    if let Some(root) = sheets.first() {
        let has_catch_all = draft
            .routes
            .iter()
            .flat_map(|routed| &routed.route.patterns)
            .any(catches_all);
        if unmatched.is_none() && !has_catch_all && root.text.unmatched.is_none() && !draft.routes.is_empty() {
            let place = Place {
                file: root.file.clone(),
                line: 1,
                key: "unmatched".to_owned(),
            };
            let right = "name a limit per address, or write a route that matches `* /**`";
            report.warn(
                &place,
                Fault::new("a path that no route matches is answered 404 and counts nowhere", right),
            );
        }
    }
    for text in sheets.iter().skip(1).map(|sheet| &sheet.text) {
        let tables = [
            text.server.as_ref().map(|at| &at.place),
            text.tls.as_ref().map(|at| &at.place),
            text.usage.as_ref().map(|at| &at.place),
        ];
        for place in tables.into_iter().flatten() {
            report.warn(
                place,
                Fault::new(
                    "not in force: this file is included",
                    "write it into the file that is started",
                ),
            );
        }
    }
}

fn limits_without_route(draft: &Draft, unmatched: Option<LimitIndex>, report: &mut Report) {
    for (index, drafted) in draft.limits.iter().enumerate() {
        let index = LimitIndex(index);
        let Some(place) = &drafted.place else { continue };
        if &*drafted.limit.name == guard::NAME {
            if drafted.limit.counts_at == CountsAt::Miss {
                let right = "write `counts_at = \"edge\"`";
                report.error(
                    place,
                    Fault::new(
                        "the limits pages are never cached, so their guard would never count",
                        right,
                    ),
                );
            }
            continue;
        }
        let bound = unmatched == Some(index) || draft.routes.iter().any(|routed| routed.route.limits.contains(&index));
        if !bound {
            report.warn(
                place,
                Fault::new("counts on no route", "name one in `on`, or leave the limit out"),
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
        for (pattern, place) in routed.route.patterns.iter().zip(&routed.places) {
            if pattern.segments.starts_with(&prefix) {
                let wrong = format!("`{pattern}` is never reached: the limits pages stand at `{pages_prefix}`");
                report.warn(place, Fault::new(wrong, "move them with `[server] pages_prefix`"));
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
        let placed = routes.flat_map(|routed| routed.route.patterns.iter().zip(&routed.places));
        let mut of_feed = placed.filter(|(pattern, _)| pattern.segments == feed);
        let Some((pattern, place)) = of_feed.clone().find(|(pattern, _)| pattern.method.is_some()) else {
            continue;
        };
        let flagged = of_feed.any(|(pattern, _)| pattern.flag.as_deref() == Some("asPut"));
        if page.upstream == Upstream::Embedded && !flagged {
            let wrong = format!("with `asPut` any method at `{pattern}` is a PUT, and no route matches that flag");
            let right = "write `* /api/feed?asPut` beside `PUT /api/feed`";
            report.warn(place, Fault::new(wrong, right));
        }
    }
}

fn catches_all(pattern: &Pattern) -> bool {
    pattern.method.is_none() && pattern.segments == [Segment::Rest]
}
