//! The callers and calls that a limit counts, as a fragment of a sentence.

use tidegate_core::{limit::Who, policy::Policy, route::Route};

use super::Subject;

/// Returns e.g. `known callers, every call except feed-put (PUT /api/feed)`. `on` are the routes it counts on, `off`
/// the others of its page.
pub fn applies_to(policy: &Policy, subject: Subject, on: &[&Route], off: &[&Route]) -> String {
    if subject.is_guard {
        return format!("everyone, the limits pages at {}", policy.pages_prefix);
    }
    let who = match subject.who {
        Who::Everyone => "everyone",
        Who::Anonymous => "callers without a valid credential",
        Who::Known => "known callers",
    };
    // With several pages a call belongs to one of them.
    let every = match on.first() {
        Some(route) if policy.pages.len() > 1 => format!("every {} call", policy.page(route.page).name),
        _ => "every call".to_owned(),
    };
    let which = match (on, off) {
        ([], _) => None,
        (_, []) => Some(every),
        // The shorter list is the one people can check.
        _ if off.len() < on.len() || catches_all(on) => Some(format!("{every} except {}", list(off))),
        _ => Some(list(on)),
    };
    let unmatched = subject.is_unmatched.then_some("everyone, paths that match no route");
    match (which, unmatched) {
        (None, None) => "nothing: it applies to no route".to_owned(),
        (Some(which), None) => format!("{who}, {which}"),
        (None, Some(unmatched)) => unmatched.to_owned(),
        (Some(which), Some(unmatched)) => format!("{who}, {which}; {unmatched}"),
    }
}

/// Is true when some route takes what the others leave, so that the rest is named by what it is not.
fn catches_all(routes: &[&Route]) -> bool {
    routes
        .iter()
        .flat_map(|route| &route.patterns)
        .any(|pattern| pattern.segments.last() == Some(&tidegate_core::route::Segment::Rest))
}

fn list(routes: &[&Route]) -> String {
    let named: Vec<String> = routes
        .iter()
        .map(|route| named(&route.name, route.patterns.iter().map(ToString::to_string)))
        .collect();
    match named.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

/// A route with what it matches: `feed-put (PUT /api/feed)`.
pub fn named(route: &str, patterns: impl Iterator<Item = String>) -> String {
    format!("{route} ({})", patterns.collect::<Vec<_>>().join(", "))
}
