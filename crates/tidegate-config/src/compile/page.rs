//! One file's page: its upstream, its identity, its routes and their limits.

use tidegate_core::{
    dialect::PROBLEM,
    policy::{Page, Upstream},
};

use super::{Draft, bind, cache, guard, identity, limit, route};
use crate::{
    finding::{Fault, Report},
    parts::Parts,
    place::Place,
    sheet::Sheet,
    text::identity::IdentityText,
};

/// Adds the page, its routes and its limits. A file without routes is no page; it puts others together.
pub fn compile(sheet: &Sheet, upstream: Option<&Upstream>, parts: &Parts, draft: &mut Draft, report: &mut Report) {
    let text = &sheet.text;
    for (name, at) in text.limit.iter().flat_map(|limits| &limits.value.0) {
        limit::compile(name, at, text.defaults.as_ref(), draft, report);
    }
    let Some(routes) = &text.route else {
        check_no_page(sheet, report);
        return;
    };
    let written = text.identity.as_ref();
    let stands = written.map(|at| &at.place);
    let page = Page {
        name: sheet.page.as_str().into(),
        identity: match written {
            Some(at) => identity::compile(&at.value, stands, parts, report),
            None => identity::compile(&IdentityText::default(), None, parts, report),
        },
        dialect: text.refusals.as_ref().map_or(PROBLEM, |at| at.value.0),
        upstream: upstream_of(sheet, upstream, parts, report),
    };
    identity::check_prefixes(&page, &draft.pages, stands, report);
    let required = written
        .and_then(|at| at.value.required.as_ref())
        .is_none_or(|at| at.value);
    let first = draft.routes.len();
    route::compile(&routes.value, &page, required, draft, report);
    draft.pages.push(page);
    bind::compile(sheet, first, draft, report);
    cache::compile(sheet, first, draft, report);
}

/// What belongs to a page has no meaning in a file that has none.
fn check_no_page(sheet: &Sheet, report: &mut Report) {
    let text = &sheet.text;
    if text.written.iter().any(|key| key == "route") {
        return;
    }
    let start = Place {
        file: sheet.file.clone(),
        line: 1,
        key: "route".to_owned(),
    };
    if !text.written.iter().any(|key| key == "include") {
        let right = "write one, such as `[route.any]` with `match = \"* /**\"`";
        report.error(&start, Fault::new("a page without a route lets nothing through", right));
        return;
    }
    let limits = text
        .limit
        .iter()
        .flat_map(|limits| &limits.value.0)
        .filter(|(name, _)| name != guard::NAME);
    let places = [
        text.upstream.as_ref().map(|at| &at.place),
        text.refusals.as_ref().map(|at| &at.place),
        text.identity.as_ref().map(|at| &at.place),
        text.defaults.as_ref().map(|at| &at.place),
        text.cache.as_ref().map(|at| &at.place),
    ];
    for place in places.into_iter().flatten().chain(limits.map(|(_, at)| &at.place)) {
        let right = "write it into the page it is about, or give this file routes";
        report.error(place, Fault::new("concerns no route: this file has none", right));
    }
}

fn upstream_of(sheet: &Sheet, instead: Option<&Upstream>, parts: &Parts, report: &mut Report) -> Upstream {
    match (instead, &sheet.text.upstream) {
        (Some(upstream), _) => upstream.clone(),
        (None, Some(at)) => super::upstream::compile(at, parts, report).unwrap_or(Upstream::Embedded),
        (None, None) => {
            if !sheet.text.written.iter().any(|key| key == "upstream") {
                let place = Place {
                    file: sheet.file.clone(),
                    line: 1,
                    key: "upstream".to_owned(),
                };
                let right = "write `upstream = \"http://HOST:PORT\"`, or start with `--upstream http://HOST:PORT`";
                report.error(&place, Fault::new("the page's requests go nowhere", right));
            }
            Upstream::Embedded
        }
    }
}
