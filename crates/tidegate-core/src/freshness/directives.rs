//! `Cache-Control` (RFC 9111 5.2), read so that what is unclear keeps less.

use std::time::Duration;

use http::{HeaderMap, HeaderName, header::CACHE_CONTROL};

const CDN_CACHE_CONTROL: HeaderName = HeaderName::from_static("cdn-cache-control");

/// The directives of a `Cache-Control`, as far as anything is decided by it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Directives {
    pub(super) no_store: bool,
    /// Also where it names fields only: the whole answer is asked for anew.
    pub(super) no_cache: bool,
    /// Also where it names fields only: the whole answer is one caller's.
    pub(super) private: bool,
    /// `public`, `must-revalidate` or `s-maxage`: also an answer to somebody's `Authorization` is everybody's.
    pub(super) for_all: bool,
    pub(super) max_age: Option<Span>,
    pub(super) s_maxage: Option<Span>,
    pub(super) min_fresh: Option<Span>,
}

/// Seconds as written; unreadable ones are none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span(Option<u32>);

/// The value that a larger number counts as (RFC 9111 1.2.2): 68 years.
const SECONDS_MAX: u32 = 1 << 31;

impl Directives {
    pub(super) fn read(headers: &HeaderMap) -> Directives {
        // A field for other caches in front of the API (RFC 9213) forbids here too. It allows only what an operator
        // takes as said here (`targeted`), since such caches are purged by ways that do not lead here.
        let others = headers.get_all(CDN_CACHE_CONTROL).iter();
        let mut said = Directives::default();
        others
            .filter_map(|line| line.to_str().ok())
            .flat_map(items)
            .for_each(|item| said.add(item));
        said = Directives {
            no_store: said.no_store,
            no_cache: said.no_cache,
            private: said.private,
            ..Directives::default()
        };
        for line in headers.get_all(CACHE_CONTROL) {
            // A line that is no text may say anything.
            let Ok(line) = line.to_str() else {
                return Directives {
                    no_store: true,
                    ..Directives::default()
                };
            };
            items(line).for_each(|item| said.add(item));
        }
        said
    }

    fn add(&mut self, item: &str) {
        let (name, value) = match item.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (item, None),
        };
        // A space around `=` is no form of this field, and to read it as one might keep more than was meant.
        let is = |word: &str| name.trim().eq_ignore_ascii_case(word);
        let span = || Span::of(unquoted(value.unwrap_or_default()));
        // The shorter of two different values counts.
        let shorter = |known: Option<Span>| match (known, span()) {
            (Some(known), new) if known.or_zero() < new.or_zero() => Some(known),
            (_, new) => Some(new),
        };
        if is("no-store") {
            self.no_store = true;
        } else if is("no-cache") {
            self.no_cache = true;
        } else if is("private") {
            self.private = true;
        } else if is("max-age") {
            self.max_age = shorter(self.max_age);
        } else if is("s-maxage") {
            self.for_all = true;
            self.s_maxage = shorter(self.s_maxage);
        } else if is("public") || is("must-revalidate") {
            self.for_all = true;
        } else if is("min-fresh") {
            self.min_fresh = Some(span());
        }
    }
}

/// The items of a list: a comma within quotes parts none, so that a quoted `max-age=1` is not one.
fn items(line: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    let mut escaped = false;
    line.split(move |c| {
        let parts = c == ',' && !quoted;
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => {}
        }
        parts
    })
    .map(str::trim)
    .filter(|item| !item.is_empty())
}

fn unquoted(value: &str) -> &str {
    value
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .unwrap_or(value)
}

// === impl Span ===

impl Span {
    /// Digits and nothing else; a number too large for anybody is a large one.
    pub(super) fn of(text: &str) -> Span {
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Span(None);
        }
        Span(Some(text.parse().unwrap_or(SECONDS_MAX).min(SECONDS_MAX)))
    }

    /// A number that was read already; a negative one is none.
    pub(super) fn of_number(seconds: Option<i64>) -> Span {
        let seconds = seconds.and_then(|seconds| u64::try_from(seconds).ok());
        Span(seconds.map(|seconds| u32::try_from(seconds).unwrap_or(SECONDS_MAX).min(SECONDS_MAX)))
    }

    /// Returns the duration; an unreadable one is over already.
    pub(super) fn or_zero(self) -> Duration {
        Duration::from_secs(self.0.unwrap_or(0).into())
    }
}
