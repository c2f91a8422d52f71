//! Routes: named operations of the API, found by method and path.

use std::{borrow::Cow, cmp::Ordering, sync::Arc};

use http::Method;
use percent_encoding::percent_decode_str;

use crate::{
    facts::Facts,
    freshness::CacheRule,
    index::{LimitIndex, PageIndex, PayloadIndex},
    payload::{points::RangeRule, upload::UploadFormat},
    resource::{Resource, ResourceKind},
    socket::SocketRules,
};

/// One named operation.
#[derive(Clone, Debug)]
pub struct Route {
    /// Its name, from the limits file.
    pub name: Arc<str>,
    /// The page it belongs to.
    pub page: PageIndex,
    /// The patterns it matches.
    pub patterns: Vec<Pattern>,
    /// True when a caller must be known.
    pub needs_user: bool,
    /// The resources the caller's grants must include, if the request names it.
    pub grants: Vec<GrantRule>,
    /// The limits that count on it.
    pub limits: Vec<LimitIndex>,
    /// The limits on what one of its requests asks and carries.
    pub payload_limits: Vec<PayloadIndex>,
    /// The places where its requests name the range they read, if they do.
    pub range: Option<RangeRule>,
    /// The format in which its bodies carry samples, if they do.
    pub body: Option<&'static UploadFormat>,
    /// The rules by which it carries WebSockets, if it does.
    pub socket: Option<SocketRules>,
    /// The rule by which its answers are kept, if they are.
    pub cache: Option<CacheRule>,
    /// The routes whose kept answers a change by this one makes stale, by name.
    pub drops: Arc<[Arc<str>]>,
}

/// A method and a path with holes, and perhaps a flag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// `None` is any method.
    pub method: Option<Method>,
    /// The path's segments.
    pub segments: Vec<Segment>,
    /// A parameter the query must have, whatever its value: `asPut` of `* /api/feed?asPut`.
    pub flag: Option<String>,
}

/// One segment of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Segment {
    /// This text, escapes decoded.
    Literal(String),
    /// Any one segment, with a name.
    Param(String),
    /// Any rest, also none; only at the end.
    Rest,
}

/// A resource that a request names, by a path parameter or a query parameter of this name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantRule {
    /// Its kind.
    pub kind: ResourceKind,
    /// The parameter.
    pub param: String,
}

/// The place of a pattern among a policy's routes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoutePlace {
    /// The route's index.
    pub route: usize,
    /// The pattern's index among the route's.
    pub pattern: usize,
}

/// The patterns of a policy's routes in the order in which a request is tried against them. Made once, when the policy is
/// put in force.
#[derive(Clone, Debug, Default)]
pub struct RouteTable(Vec<Entry>);

#[derive(Clone, Copy, Debug)]
struct Entry {
    place: RoutePlace,
    /// Equal for patterns of which neither is the more specific.
    rank: usize,
}

/// The resources a request names by a route's rules. A value that is no id names nothing here; the upstream says so.
pub fn resources(route: &Route, pattern: &Pattern, facts: &Facts<'_>) -> Vec<Resource> {
    let mut named = Vec::new();
    for rule in &route.grants {
        let values = pattern
            .param(&rule.param, facts.path)
            .into_iter()
            .chain(facts.query_values(&rule.param));
        // Trimmed, because a server that trims would read an id in `?device_id=+5`, where a form's `+` is a space.
        named.extend(
            values
                .filter_map(|value| value.trim().parse().ok())
                .map(|id| rule.kind.of(id)),
        );
    }
    named
}

/// HEAD asks what GET would answer (RFC 9110 9.3.2), so it is the same operation and meets the same limits.
fn covers(method: &Method, asked: &Method) -> bool {
    method == asked || (method == Method::GET && asked == Method::HEAD)
}

fn path_segments(path: &str) -> impl Iterator<Item = &str> {
    path.strip_prefix('/')
        .unwrap_or(path)
        .split('/')
        .filter(|segment| !segment.is_empty())
}

/// A segment as an upstream reads it: `%3A` is a colon there, so it is one here. Of a request and of a pattern alike, or
/// `/caf%c3%a9` would go past a limit on `/caf%C3%A9`.
fn decoded(segment: &str) -> Cow<'_, str> {
    percent_decode_str(segment).decode_utf8_lossy()
}

// === impl RouteTable ===

impl RouteTable {
    /// Orders the patterns of these routes, the most specific first.
    pub fn new(routes: &[Route]) -> RouteTable {
        let pattern = |place: &RoutePlace| &routes[place.route].patterns[place.pattern];
        let places = routes.iter().enumerate().flat_map(|(route, named)| {
            let patterns = 0..named.patterns.len();
            patterns.map(move |pattern| RoutePlace { route, pattern })
        });
        let mut places: Vec<RoutePlace> = places.collect();
        places.sort_by(|one, other| pattern(one).specificity(pattern(other)));
        let mut entries: Vec<Entry> = Vec::with_capacity(places.len());
        for place in places {
            let rank = entries.last().map_or(0, |last| {
                let is_same = pattern(&last.place).specificity(pattern(&place)).is_eq();
                last.rank + usize::from(!is_same)
            });
            entries.push(Entry { place, rank });
        }
        RouteTable(entries)
    }

    /// Finds the route of a request among the routes that the table was made from: the most specific pattern wins, a
    /// trailing slash is none. `None`: counted as unmatched, then 404.
    pub fn find(&self, routes: &[Route], facts: &Facts<'_>) -> Option<RoutePlace> {
        let pattern = |entry: &Entry| &routes[entry.place.route].patterns[entry.place.pattern];
        let at = self.0.iter().position(|entry| pattern(entry).matches(facts))?;
        let first = &self.0[at];
        // Of `GET /a` and `HEAD /a` both cover HEAD; the one that says so wins.
        let own_word = |entry: &&Entry| pattern(entry).method.as_ref() == Some(facts.method);
        if own_word(&first) || pattern(first).method.is_none() {
            return Some(first.place);
        }
        let equals = self.0[at + 1..].iter().take_while(|entry| entry.rank == first.rank);
        let mut says_so = equals.filter(own_word);
        let found = says_so.find(|entry| pattern(entry).matches(facts)).unwrap_or(first);
        Some(found.place)
    }
}

// === impl Pattern ===

impl Pattern {
    /// Reads the form of the limits file: `METHOD /path/{param}/**?flag`; the method `*` is any.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the text.
    pub fn parse(text: &str) -> Result<Pattern, String> {
        let (method, path) = text
            .split_once(' ')
            .ok_or_else(|| format!("`{text}` is not `METHOD /path`"))?;
        let method = match method {
            "*" => None,
            word if word.chars().all(|c| c.is_ascii_uppercase()) => {
                Some(word.parse().map_err(|_| format!("`{word}` is not a method"))?)
            }
            word => {
                return Err(format!(
                    "`{word}` is not a method; write it in capitals, or `*` for any"
                ));
            }
        };
        let path = path.trim();
        if !path.starts_with('/') || path.contains(['#', ' ']) {
            return Err(format!("`{path}` is not a path; it begins with `/`"));
        }
        let (path, flag) = match path.split_once('?') {
            Some((path, flag)) => (path, Some(flag_name(flag)?)),
            None => (path, None),
        };
        let segments: Vec<Segment> = path_segments(path).map(Segment::parse).collect::<Result<_, _>>()?;
        if segments.iter().rev().skip(1).any(|segment| *segment == Segment::Rest) {
            return Err(format!("`**` stands only at the end of a path, not in `{path}`"));
        }
        Ok(Pattern { method, segments, flag })
    }

    fn matches(&self, facts: &Facts<'_>) -> bool {
        if self.method.as_ref().is_some_and(|method| !covers(method, facts.method)) {
            return false;
        }
        if self
            .flag
            .as_ref()
            .is_some_and(|flag| facts.query_values(flag).next().is_none())
        {
            return false;
        }
        let mut path = path_segments(facts.path);
        for segment in &self.segments {
            match (segment, path.next()) {
                (Segment::Rest, _) => return true,
                (_, None) => return false,
                (Segment::Literal(text), Some(found)) if *text == decoded(found) => {}
                (Segment::Literal(_), Some(_)) => return false,
                (Segment::Param(_), Some(_)) => {}
            }
        }
        path.next().is_none()
    }

    fn param<'r>(&self, name: &str, path: &'r str) -> Option<Cow<'r, str>> {
        let index = self
            .segments
            .iter()
            .position(|segment| matches!(segment, Segment::Param(param) if param == name))?;
        path_segments(path).nth(index).map(decoded)
    }

    /// Orders patterns, the more specific first: segment by segment text before hole before rest, then a flag before
    /// none, as it says what the request does whatever its method, then a method before any.
    pub fn specificity(&self, other: &Pattern) -> Ordering {
        self.ranks()
            .cmp(other.ranks())
            .then_with(|| (self.flag.is_none(), &self.flag).cmp(&(other.flag.is_none(), &other.flag)))
            .then_with(|| self.method.is_none().cmp(&other.method.is_none()))
    }

    fn ranks(&self) -> impl Iterator<Item = u8> {
        self.segments.iter().map(Segment::rank).chain([END_RANK])
    }

    /// Is true when every request that one matches the other matches too, and neither is the more specific.
    pub fn same_as(&self, other: &Pattern) -> bool {
        let shape = |pattern: &Pattern| -> Vec<Option<String>> {
            pattern
                .segments
                .iter()
                .map(|segment| {
                    if let Segment::Literal(text) = segment {
                        Some(text.clone())
                    } else {
                        None
                    }
                })
                .collect()
        };
        self.method == other.method && self.specificity(other) == Ordering::Equal && shape(self) == shape(other)
    }
}

/// The one parameter after `?`. A value would be a promise to compare it.
fn flag_name(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if text.is_empty() || !text.chars().all(plain) {
        return Err(format!(
            "`?{text}` is not a flag; it is one parameter's name, without a value"
        ));
    }
    Ok(text.to_owned())
}

/// A path that ends is more specific than one that goes on with anything.
const END_RANK: u8 = 1;

// === impl Segment ===

impl Segment {
    fn parse(text: &str) -> Result<Segment, String> {
        match text {
            "**" => Ok(Segment::Rest),
            _ if text.starts_with('{') && text.ends_with('}') && text.len() > 2 => {
                Ok(Segment::Param(text[1..text.len() - 1].to_owned()))
            }
            _ if text.contains(['{', '}', '*']) => Err(format!("`{text}` is neither text, `{{name}}` nor `**`")),
            _ => Ok(Segment::Literal(decoded(text).into_owned())),
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Segment::Literal(_) => 0,
            Segment::Param(_) => 2,
            Segment::Rest => 3,
        }
    }
}

impl std::fmt::Display for Pattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.method.as_ref().map_or("*", Method::as_str))?;
        f.write_str(" ")?;
        if self.segments.is_empty() {
            f.write_str("/")?;
        }
        for segment in &self.segments {
            match segment {
                Segment::Literal(text) => write!(f, "/{text}")?,
                Segment::Param(name) => write!(f, "/{{{name}}}")?,
                Segment::Rest => f.write_str("/**")?,
            }
        }
        match &self.flag {
            Some(flag) => write!(f, "?{flag}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
