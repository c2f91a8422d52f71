//! A page's routes.

use tidegate_core::{
    identity::Source,
    policy::Page,
    route::{Pattern, Route},
};

use super::{Draft, DraftRoute, limit_names, read_range, socket};
use crate::{
    diagnostics::{Fault, Report},
    location::{Located, Location},
    reader::Named,
    sections::{keywords::Needs, route::RouteText},
};

/// Adds the routes of the page that comes next.
pub fn compile(routes: &Named<RouteText>, page: &Page, required: bool, draft: &mut Draft, report: &mut Report) {
    for (name, at) in &routes.0 {
        limit_names::check(name, &at.location, report);
        let (patterns, locations) = patterns(at, draft, report);
        let needs_user = at
            .value
            .needs
            .as_ref()
            .map_or(required, |needs| needs.value.0 == Needs::User);
        let grants = at
            .value
            .grants
            .iter()
            .flat_map(|grants| &grants.value.0)
            .map(|grant| grant.value.0.clone())
            .collect();
        check_grants(&at.value, page, needs_user, report);
        let route = Route {
            name: name.as_str().into(),
            page: draft.next_page(),
            patterns,
            needs_user,
            grants,
            limits: Vec::new(),
            payload_limits: Vec::new(),
            range: at.value.range.as_ref().and_then(|at| read_range::compile(at, report)),
            body: at.value.body.as_ref().map(|at| at.value.0),
            socket: at.value.socket.as_ref().map(|at| socket::compile(&at.value)),
            cache: None,
            drops: [].into(),
        };
        draft.routes.push(DraftRoute { route, locations });
    }
}

/// A pattern that another route has too would make one of the two dead text.
fn patterns(at: &Located<RouteText>, draft: &Draft, report: &mut Report) -> (Vec<Pattern>, Vec<Location>) {
    let mut patterns: Vec<Pattern> = Vec::new();
    let mut locations = Vec::new();
    for written in at.value.r#match.iter().flat_map(|list| &list.value.0) {
        let pattern = &written.value.0;
        let elsewhere = draft.routes.iter().find_map(|other| {
            let index = other.route.patterns.iter().position(|found| found.same_as(pattern))?;
            Some((&other.route.name, &other.locations[index]))
        });
        if let Some((name, location)) = elsewhere {
            let wrong = format!("`{pattern}` is already matched by the route `{name}` at {location}");
            report.error(&written.location, Fault::new(wrong, "remove it from one of the two"));
        } else if patterns.iter().any(|found| found.same_as(pattern)) {
            report.error(
                &written.location,
                Fault::new(format!("`{pattern}` is listed twice"), "remove one of the two"),
            );
        }
        patterns.push(pattern.clone());
        locations.push(written.location.clone());
    }
    if patterns.is_empty() && (at.value.r#match.is_some() || !at.value.written.iter().any(|key| key == "match")) {
        report.error(
            &at.location,
            Fault::new("matches no request", "write `match = \"GET /stations/{station_id}\"`"),
        );
    }
    (patterns, locations)
}

/// A grant that is never looked at would be a promise that nobody keeps.
fn check_grants(text: &RouteText, page: &Page, needs_user: bool, report: &mut Report) {
    let Some(grants) = &text.grants else { return };
    if !needs_user {
        report.error(
            &grants.location,
            Fault::new(
                "an anonymous caller has no grants",
                "write `needs = \"user\"`, or remove the grants",
            ),
        );
    }
    if page.identity.sources.contains(&Source::Opaque) {
        let right = "remove them and let the upstream decide, or use the identity source `own`";
        report.error(
            &grants.location,
            Fault::new("an opaque credential has no grants", right),
        );
    }
}
