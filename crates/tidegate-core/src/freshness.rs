//! The rules by which answers are kept and given again (RFC 9111, as a shared cache reads it).

mod condition;
mod date;
mod directives;
mod targeted;

use std::{sync::Arc, time::Duration};

use http::{
    HeaderMap, HeaderName, HeaderValue, Method, StatusCode,
    header::{
        AGE, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_RANGE, DATE, EXPIRES, IF_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE,
        PRAGMA, RANGE, SET_COOKIE, VARY,
    },
};

pub use condition::is_not_modified;
use directives::{Directives, Span};

/// The rule by which a route's answers are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CacheRule {
    /// The time for which an answer is fresh whose upstream states no lifetime; zero keeps none of those.
    pub fresh_for: Duration,
    /// The fields that speak to this cache, the most particular one first (RFC 9213): where an answer has one that can be
    /// read, it counts and `Cache-Control`, `Expires` and `Pragma` do not.
    pub targets: Arc<[HeaderName]>,
}

/// The reason why a request goes past the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bypass {
    /// Only answers to GET are kept.
    Method,
    /// It asks for a part.
    Range,
    /// It is conditional in a way that only the upstream can decide (RFC 9110 13.1).
    Precondition,
    /// It has a body, which no key holds.
    Body,
    /// It says that nothing of it is to be kept.
    NoStore,
    /// It shows a credential that names nobody here; what it is to the upstream nobody here knows.
    Credential,
    /// The most requests that may wait already do so for the same answer.
    Crowd,
}

/// The reason why an answer is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unkept {
    /// Its status is none that is kept: an error, a part, or one that nobody here knows.
    Status,
    /// The upstream says `no-store`.
    NoStore,
    /// The upstream says `private`.
    Private,
    /// The upstream says `no-cache`: it wants to be asked each time.
    NoCache,
    /// It sets a cookie, which is for one caller.
    SetCookie,
    /// It answers an `Authorization` that names nobody here, and does not say that it is for everybody.
    Authorization,
    /// It depends on more than a request says (`Vary: *`), or on fields that cannot be read.
    Vary,
    /// It is not fresh as it comes.
    Stale,
    /// Its body is larger than one that is kept, or there is no room to take it down.
    TooLarge,
}

/// The wishes of a request towards a cache.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    anew: bool,
    age_max: Option<Duration>,
    fresh_min: Duration,
}

/// The time for which an answer is fresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetime {
    /// From its making on.
    pub fresh_for: Duration,
    /// The age of the answer when it came.
    pub age: Duration,
}

/// Reads what a request asks of a cache, or why it goes past it. `has_body` is said of the request.
///
/// # Errors
/// The reason, where it can be answered from no cache and its answer goes into none.
pub fn wish(method: &Method, headers: &HeaderMap, has_body: bool) -> Result<Wish, Bypass> {
    if !matches!(*method, Method::GET | Method::HEAD) {
        return Err(Bypass::Method);
    }
    if has_body {
        return Err(Bypass::Body);
    }
    if headers.contains_key(RANGE) {
        return Err(Bypass::Range);
    }
    if [IF_MATCH, IF_UNMODIFIED_SINCE, IF_RANGE]
        .iter()
        .any(|name| headers.contains_key(name))
    {
        return Err(Bypass::Precondition);
    }
    let said = Directives::read(headers);
    if said.no_store {
        return Err(Bypass::NoStore);
    }
    // RFC 9111 5.4: the older field counts where the newer one says nothing.
    let pragma = !headers.contains_key(CACHE_CONTROL) && says_no_cache(headers);
    Ok(Wish {
        anew: said.no_cache || pragma,
        age_max: said.max_age.map(Span::or_zero),
        fresh_min: said.min_fresh.map_or(Duration::ZERO, Span::or_zero),
    })
}

/// Returns the time for which an answer to a GET is fresh, or why it is not kept.
///
/// `by_stranger` says that the request had an `Authorization` which names nobody here. Then the answer is kept only where
/// it says that it may be (RFC 9111 3.5). Of a caller who is known it is no reason: whoever keeps the answer gives it to
/// that caller alone.
///
/// # Errors
/// The reason.
pub fn lifetime(
    status: StatusCode,
    headers: &HeaderMap,
    by_stranger: bool,
    rule: &CacheRule,
) -> Result<Lifetime, Unkept> {
    let targeted = targeted::read(headers, &rule.targets);
    let is_targeted = targeted.is_some();
    let said = targeted.unwrap_or_else(|| Directives::read(headers));
    if !KEPT.contains(&status) || headers.contains_key(CONTENT_RANGE) {
        return Err(Unkept::Status);
    }
    for (is_so, why) in [
        (said.no_store, Unkept::NoStore),
        (said.private, Unkept::Private),
        (headers.contains_key(SET_COOKIE), Unkept::SetCookie),
        (
            said.no_cache || (!is_targeted && says_no_cache(headers)),
            Unkept::NoCache,
        ),
        (selecting(headers).is_none(), Unkept::Vary),
        (by_stranger && !said.for_all, Unkept::Authorization),
    ] {
        if is_so {
            return Err(why);
        }
    }
    let age = age(headers);
    let by_date = || if is_targeted { None } else { expires(headers) };
    let fresh_for = explicit(&said).or_else(by_date).unwrap_or(rule.fresh_for);
    if fresh_for <= age {
        return Err(Unkept::Stale);
    }
    Ok(Lifetime { fresh_for, age })
}

/// Is true when an answer that is not kept may be given to those who asked for the very same at the same time: the
/// upstream failed, and asking it again for each of them would make that worse.
pub fn is_shared_failure(status: StatusCode, headers: &HeaderMap) -> bool {
    let said = Directives::read(headers);
    status.is_server_error() && !said.no_store && !said.private && !headers.contains_key(SET_COOKIE)
}

/// The fields of a request that select an answer, by its `Vary`; `None` where no cache can tell.
///
/// An answer in a coding is selected by what the request accepts, also where its upstream forgets to say so.
pub fn selecting(headers: &HeaderMap) -> Option<Vec<HeaderName>> {
    let mut names = Vec::new();
    for line in headers.get_all(VARY) {
        for word in line.to_str().ok()?.split(',').map(str::trim) {
            if word.is_empty() {
                continue;
            }
            // `*` is a token too, so it is asked for first.
            let name = if word == "*" { None } else { word.parse().ok() };
            names.push(name?);
        }
    }
    if headers.contains_key(CONTENT_ENCODING) {
        names.push(http::header::ACCEPT_ENCODING);
    }
    names.sort_by(|a: &HeaderName, b| a.as_str().cmp(b.as_str()));
    names.dedup();
    Some(names)
}

/// The statuses that are kept. Errors are not: one request must not be able to spoil the next ones (fault 75).
const KEPT: [StatusCode; 6] = [
    StatusCode::OK,
    StatusCode::NON_AUTHORITATIVE_INFORMATION,
    StatusCode::NO_CONTENT,
    StatusCode::MULTIPLE_CHOICES,
    StatusCode::MOVED_PERMANENTLY,
    StatusCode::PERMANENT_REDIRECT,
];

/// Returns the age that an answer states. It is taken by its own word alone: no two machines' clocks are compared. What
/// is no number says nothing, and of several values the first counts (RFC 9111 5.1).
fn age(headers: &HeaderMap) -> Duration {
    let field = headers.get(AGE).and_then(|field| field.to_str().ok());
    let first = field.and_then(|field| field.split(',').next()).unwrap_or_default();
    Span::of(first.trim()).or_zero()
}

/// Returns the lifetime that the upstream states: for shared caches, or for all (RFC 9111 4.2.1).
fn explicit(said: &Directives) -> Option<Duration> {
    said.s_maxage.or(said.max_age).map(Span::or_zero)
}

/// Returns the stated lifetime from a date.
fn expires(headers: &HeaderMap) -> Option<Duration> {
    let expires = single(headers, &EXPIRES)?;
    // A date that is none is in the past (RFC 9111 5.3).
    let until = expires.and_then(date::read);
    let made = single(headers, &DATE).flatten().and_then(date::read);
    let left_s = until.zip(made).map_or(0, |(until, made)| until.saturating_sub(made));
    Some(Duration::from_secs(u64::try_from(left_s).unwrap_or(0)))
}

/// A field's one value: `None` where there is none, `Some(None)` where there are several or it is no text.
fn single<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<Option<&'h str>> {
    let mut lines = headers.get_all(name).iter();
    let first = lines.next()?;
    Some(match lines.next() {
        None => first.to_str().ok(),
        Some(_) => None,
    })
}

fn says_no_cache(headers: &HeaderMap) -> bool {
    let says = |value: &HeaderValue| {
        value
            .as_bytes()
            .to_ascii_lowercase()
            .windows(8)
            .any(|word| word == b"no-cache")
    };
    headers.get_all(PRAGMA).iter().any(says)
}

// === impl Wish ===

impl Wish {
    /// Is true when an answer of this age and lifetime will do.
    pub fn accepts(&self, age: Duration, fresh_for: Duration) -> bool {
        !self.anew && self.age_max.is_none_or(|max| age <= max) && age.saturating_add(self.fresh_min) < fresh_for
    }

    /// Is true when no kept answer of any age will do.
    pub fn is_anew(&self) -> bool {
        self.anew || self.age_max == Some(Duration::ZERO)
    }
}

// === impl words ===

impl Bypass {
    /// The word in `Cache-Status`.
    pub fn as_str(self) -> &'static str {
        match self {
            Bypass::Method => "method",
            Bypass::Range => "range",
            Bypass::Precondition => "precondition",
            Bypass::Body => "request-body",
            Bypass::NoStore => "request-no-store",
            Bypass::Credential => "credential",
            Bypass::Crowd => "crowd",
        }
    }
}

impl Unkept {
    /// The word in `Cache-Status`.
    pub fn as_str(self) -> &'static str {
        match self {
            Unkept::Status => "status",
            Unkept::NoStore => "no-store",
            Unkept::Private => "private",
            Unkept::NoCache => "no-cache",
            Unkept::SetCookie => "set-cookie",
            Unkept::Authorization => "authorization",
            Unkept::Vary => "vary",
            Unkept::Stale => "not-fresh",
            Unkept::TooLarge => "too-large",
        }
    }
}

#[cfg(test)]
mod tests;
