//! Routes found the slow way, beside the ones that are found. The fuzz target uses this file too.

use http::Request;
use tidegate_core::{
    facts::Facts,
    policy::{LimitIndex, PageIndex, Policy},
    route::{Pattern, Route, Routed, Segment, route},
};

/// Most patterns of one input.
const PATTERNS_MAX: usize = 30;

/// One input of the fuzz target: a line `METHOD TARGET`, and patterns, one a line.
pub fn judge(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let mut lines = text.lines();
    let Some((method, target)) = lines.next().and_then(|line| line.split_once(' ')) else {
        return;
    };
    let patterns: Vec<Pattern> = lines
        .filter_map(|line| Pattern::parse(line).ok())
        .take(PATTERNS_MAX)
        .collect();
    for pattern in &patterns {
        let shown = pattern.to_string();
        assert!(shown.contains(" /"), "{shown}");
    }
    let policy = policy(patterns);
    let Some(found) = found(&policy, method, target) else {
        return;
    };
    assert_eq!(
        found.is_some(),
        matching(&policy, method, target).next().is_some(),
        "{text:?}"
    );
    if let Some(found) = found {
        let best = &policy.routes[found].patterns[0];
        for other in matching(&policy, method, target) {
            assert!(
                best.specificity(other).is_le(),
                "{other} is more specific than {best}: {text:?}"
            );
        }
    }
    for respelled in respelled(target) {
        // What has another reading is refused; what is accepted is the same operation.
        if let Some(again) = self::found(&policy, method, &respelled) {
            assert_eq!(again, found, "{respelled:?} goes another way: {text:?}");
        }
    }
}

fn policy(patterns: Vec<Pattern>) -> Policy {
    let route = |(number, pattern): (usize, Pattern)| Route {
        name: number.to_string().into(),
        page: PageIndex(0),
        patterns: vec![pattern],
        needs_user: false,
        payload_limits: Vec::new(),
        range: None,
        body: None,
        socket: None,
        cache: None,
        drops: [].into(),
        grants: vec![],
        limits: vec![],
    };
    Policy {
        pages: vec![],
        routes: patterns.into_iter().enumerate().map(route).collect(),
        limits: vec![],
        unmatched: None,
        guard: LimitIndex(0),
        payload_limits: Vec::new(),
        pages_prefix: "/limits".into(),
        pages_login: Vec::new(),
        trust: None,
        tenants: Default::default(),
    }
}

/// The number of the route, where the request has one reading.
fn found(policy: &Policy, method: &str, target: &str) -> Option<Option<usize>> {
    let request = Request::builder().method(method).uri(target).header("host", "h");
    let head = request.body(()).ok()?.into_parts().0;
    let facts = Facts::read(&head, std::net::IpAddr::from([192, 0, 2, 1])).ok()?;
    assert!(
        target.starts_with(facts.path) || target.contains("://"),
        "the path is a part of what was sent"
    );
    Some(match route(&policy.routes, &facts) {
        Routed::Matched { route, .. } => Some(route.name.parse().expect("a number")),
        Routed::Unmatched => None,
    })
}

fn matching<'p>(policy: &'p Policy, method: &str, target: &str) -> impl Iterator<Item = &'p Pattern> {
    let path = path_of(target);
    let mut segments: Vec<Vec<u8>> = path.trim_start_matches('/').split('/').map(unescaped).collect();
    if segments.last().is_some_and(Vec::is_empty) {
        segments.pop();
    }
    policy
        .routes
        .iter()
        .map(|route| &route.patterns[0])
        .filter(move |pattern| {
            let asked = pattern
                .method
                .as_ref()
                .is_none_or(|covered| covered.as_str() == method || (covered.as_str() == "GET" && method == "HEAD"));
            asked
                && pattern.flag.as_ref().is_none_or(|flag| has_flag(target, flag))
                && matches(&pattern.segments, &segments)
        })
}

fn has_flag(target: &str, flag: &str) -> bool {
    let query = target.split('#').next().and_then(|target| target.split_once('?'));
    let mut names = query
        .into_iter()
        .flat_map(|(_, query)| query.split('&'))
        .map(|pair| pair.split('=').next());
    names.any(|name| unescaped(&name.unwrap_or_default().replace('+', " ")) == flag.as_bytes())
}

fn path_of(target: &str) -> &str {
    let path = match target.split_once("://") {
        Some((scheme, rest)) if !scheme.contains('/') => rest
            .find(['/', '?', '#'])
            .map(|at| &rest[at..])
            .filter(|rest| rest.starts_with('/'))
            .unwrap_or("/"),
        _ => target,
    };
    path.split(['?', '#']).next().unwrap_or_default()
}

fn matches(pattern: &[Segment], path: &[Vec<u8>]) -> bool {
    match (pattern, path) {
        ([], []) | ([Segment::Rest], _) => true,
        ([Segment::Literal(text), pattern @ ..], [segment, path @ ..]) => {
            *text == String::from_utf8_lossy(segment) && matches(pattern, path)
        }
        ([Segment::Param(_), pattern @ ..], [_, path @ ..]) => matches(pattern, path),
        _ => false,
    }
}

fn unescaped(segment: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = segment.as_bytes();
    while let [first, after @ ..] = rest {
        let escape = match (first, after) {
            (b'%', [high, low, ..]) => {
                let digits = [*high, *low];
                std::str::from_utf8(&digits)
                    .ok()
                    .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
                    .and_then(|digits| u8::from_str_radix(digits, 16).ok())
            }
            _ => None,
        };
        bytes.push(escape.unwrap_or(*first));
        rest = if escape.is_some() { &after[2..] } else { after };
    }
    bytes
}

/// The same address in other letters.
fn respelled(target: &str) -> Vec<String> {
    let (path, query) = target
        .split_once('?')
        .map_or((target, None), |(path, query)| (path, Some(query)));
    if !path.starts_with('/') || path.contains('#') {
        return Vec::new();
    }
    let hex_case = |upper: bool| {
        let mut bytes = path.as_bytes().to_vec();
        for at in 0..bytes.len().saturating_sub(2) {
            if bytes[at] == b'%' {
                let digits = &mut bytes[at + 1..at + 3];
                if upper {
                    digits.make_ascii_uppercase()
                } else {
                    digits.make_ascii_lowercase()
                }
            }
        }
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let escape = |found: char| path.replace(found, &format!("%{:02x}", found as u32));
    let mut all = vec![hex_case(true), hex_case(false), format!("{path}/")];
    all.extend(":@!$&'()*+,=".chars().map(escape));
    for path in &mut all {
        if let Some(query) = query {
            path.push('?');
            path.push_str(query);
        }
    }
    all
}
