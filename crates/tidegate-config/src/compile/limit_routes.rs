//! The routes on which each limit counts: those of its own page (docs/semantics.md rule 22).

use tidegate_core::policy::LimitIndex;

use super::{Draft, limits_page_guard, parent_limit, payload_limit};
use crate::{
    diagnostics::{Fault, Report},
    location::{Located, Location},
    parsed_file::ParsedFile,
    reader::OneOrMany,
    sections::limit::LimitText,
    suggest::instead_of,
};

/// The routes that a limit names.
pub struct Wanted {
    on: Option<Vec<String>>,
    except: Option<Vec<String>>,
}

/// Binds the page's limits to its routes, which are the draft's from `first` on.
pub fn compile(file: &ParsedFile, first: usize, draft: &mut Draft, report: &mut Report) {
    for (name, at) in file.text.limit.iter().flat_map(|limits| &limits.value.0) {
        let routes = &draft.routes[first..];
        let names: Vec<&str> = routes.iter().map(|routed| &*routed.route.name).collect();
        let on = named(at.value.on.as_ref(), &names, report);
        let except = named(at.value.except.as_ref(), &names, report);
        if let (Some(_), Some(except)) = (&at.value.on, &at.value.except) {
            report.error(
                &except.location,
                Fault::new("`on` already names the routes", "keep either `on` or `except`"),
            );
        }
        if name == limits_page_guard::NAME {
            check_guard(&at.value, report);
            continue;
        }
        let wanted = Wanted { on, except };
        if let Some(index) = draft.payload_at(name, &at.location) {
            payload_limit::bind(index, &at.value, &wanted, first, draft, report);
            continue;
        }
        let Some(index) = draft
            .limit_named(name)
            .filter(|index| owns(draft, *index, &at.location))
        else {
            continue;
        };
        let above = parent_limit::name_of(name, &at.value)
            .and_then(|(name, location)| draft.limit_named(&name).filter(|index| owns(draft, *index, location)));
        for routed in &mut draft.routes[first..] {
            if wanted.includes(&routed.route.name) {
                routed.route.limits.push(index);
                routed.route.limits.extend(above);
            }
        }
    }
}

impl Wanted {
    /// Is true when a route of this name is among them.
    pub fn includes(&self, route: &str) -> bool {
        let has = |list: &Vec<String>| list.iter().any(|name| name == route);
        self.on.as_ref().is_none_or(has) && !self.except.as_ref().is_some_and(has)
    }
}

/// Is true when the limit was compiled from this very location, and not from one of the same name elsewhere.
fn owns(draft: &Draft, index: LimitIndex, location: &Location) -> bool {
    draft.limits[index.0].location.as_ref() == Some(location)
}

/// The routes a list names; one that is not of this page is a mistake.
pub fn named(list: Option<&Located<OneOrMany<String>>>, names: &[&str], report: &mut Report) -> Option<Vec<String>> {
    let list = list?;
    for at in list.value.0.iter().filter(|at| !names.contains(&at.value.as_str())) {
        report.error(
            &at.location,
            Fault::new(
                format!("this page has no route `{}`", at.value),
                instead_of(&at.value, names),
            ),
        );
    }
    Some(list.value.0.iter().map(|at| at.value.clone()).collect())
}

/// The guard counts on the limits pages, for everyone, and on nothing else (docs/semantics.md rule 15).
fn check_guard(text: &LimitText, report: &mut Report) {
    let locations = [
        text.on.as_ref().map(|at| &at.location),
        text.except.as_ref().map(|at| &at.location),
        text.who.as_ref().map(|at| &at.location),
    ];
    if let Some((_, location)) = parent_limit::name_of(limits_page_guard::NAME, text) {
        let right = "remove `rate` or `sliding` from `within`";
        report.error(
            location,
            Fault::new(
                "the limit that guards the limits pages cannot have a parent limit",
                right,
            ),
        );
    }
    for location in locations.into_iter().flatten() {
        report.error(
            location,
            Fault::new(
                "the limit that guards the limits pages always counts everyone, on those pages only",
                "remove the key",
            ),
        );
    }
}
