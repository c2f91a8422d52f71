//! The values of `RateLimit-Policy`, `RateLimit` and `Retry-After`.
//!
//! The first two by draft-ietf-httpapi-ratelimit-headers (the structured form of version 08 and later: lists of
//! strings with parameters, RFC 9651), one item for each limit that applied.

use std::time::Duration;

use bytes::Bytes;
use http::HeaderValue;

use crate::{
    cell::Standing,
    decide::{Take, Verdict},
    limit_check::LimitCheck,
};

/// The two RateLimit values of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateLimitFields {
    /// `RateLimit-Policy`: quota `q` and window `w` in seconds; of slots the quota's unit `qu` instead of a window.
    pub policy: HeaderValue,
    /// `RateLimit`: remaining `r` and seconds `t` until nothing is used; of slots `r` alone. `warn` stands once, on the
    /// answer of the request that brought use to where callers are warned.
    pub limit: HeaderValue,
}

/// A limit with how much it admits, where it stands, and whether it warns.
struct Shown<'a> {
    name: &'a str,
    take: &'a Take,
    standing: Standing,
    warns: bool,
}

/// The fields of a verdict; `None` where no limit applied. Of an IPv6 caller's blocks the tightest speaks, and each may
/// warn.
pub fn rate_limit(checks: &[LimitCheck<'_>], verdict: &Verdict) -> Option<RateLimitFields> {
    let takes = checks.iter().map(|check| (&*check.limit.name, &check.take));
    rate_limit_again(takes, verdict, None)
}

/// Writes the fields of takes with their limits' names. `policy` is that value where it is known from an earlier
/// verdict about the same takes: the one thing that says which of a limit's blocks spoke is the verdict, so it is taken
/// only where each limit asks once.
pub fn rate_limit_again<'a>(
    takes: impl IntoIterator<Item = (&'a str, &'a Take)>,
    verdict: &Verdict,
    policy: Option<&HeaderValue>,
) -> Option<RateLimitFields> {
    let takes = takes.into_iter().zip(&verdict.outcomes);
    let mut shown: Vec<Shown<'_>> = Vec::with_capacity(verdict.outcomes.len());
    let mut asks_once = true;
    for ((name, take), outcome) in takes.filter(|((_, take), _)| !take.shadow) {
        let Some(known) = shown.iter_mut().find(|known| known.name == name) else {
            shown.push(Shown {
                name,
                take,
                standing: outcome.standing,
                warns: outcome.warns,
            });
            continue;
        };
        asks_once = false;
        known.warns |= outcome.warns;
        if outcome.standing.remaining < known.standing.remaining {
            (known.take, known.standing) = (take, outcome.standing);
        }
    }
    if shown.is_empty() {
        return None;
    }
    let mut limit = List::of(shown.len());
    for Shown {
        name, standing, warns, ..
    } in &shown
    {
        limit.item(name);
        limit.parameter(";r=", standing.remaining);
        if let Some(resets_in) = standing.resets_in {
            limit.parameter(";t=", retry_after_secs(resets_in));
        }
        if *warns {
            // True, as structured fields write it (RFC 9651 4.1.1.2).
            limit.0.extend_from_slice(b";warn");
        }
    }
    Some(RateLimitFields {
        policy: match policy.filter(|_| asks_once) {
            Some(policy) => policy.clone(),
            None => policy_of(&shown)?,
        },
        limit: limit.value()?,
    })
}

impl RateLimitFields {
    /// These and those of limits that were asked later, as one list each.
    pub fn and(&self, later: &RateLimitFields) -> RateLimitFields {
        let join = |first: &HeaderValue, then: &HeaderValue| {
            let bytes = [first.as_bytes(), b", ", then.as_bytes()].concat();
            HeaderValue::from_maybe_shared(Bytes::from(bytes)).unwrap_or_else(|_| first.clone())
        };
        RateLimitFields {
            policy: join(&self.policy, &later.policy),
            limit: join(&self.limit, &later.limit),
        }
    }
}

fn policy_of(shown: &[Shown<'_>]) -> Option<HeaderValue> {
    let mut policy = List::of(shown.len());
    for Shown { name, take, .. } in shown {
        policy.item(name);
        policy.parameter(";q=", u64::from(take.quantity.quota()));
        match take.quantity.window() {
            Some(window) => policy.parameter(";w=", retry_after_secs(window)),
            None => policy.0.extend_from_slice(br#";qu="concurrent-requests""#),
        }
    }
    policy.value()
}

/// `Retry-After` in whole seconds, rounded up: a client that waits that long is not early (RFC 9110 10.2.3).
pub fn retry_after_secs(wait: Duration) -> u64 {
    wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0))
}

/// The exact wait in milliseconds, rounded up.
pub fn retry_after_ms(wait: Duration) -> u64 {
    u64::try_from(wait.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX)
}

/// A structured list of strings with parameters, written into one allocation: it is made for every answer, and
/// a serializer of any structured field took an eighth of a request's instructions.
struct List(Vec<u8>);

/// The bytes of an item with a name of middle length.
const ITEM_BYTES: usize = 64;

/// Structured integers have at most 15 digits.
const INTEGER_MAX: u64 = 999_999_999_999_999;

impl List {
    fn of(items: usize) -> List {
        List(Vec::with_capacity(items * ITEM_BYTES))
    }

    fn item(&mut self, name: &str) {
        if !self.0.is_empty() {
            self.0.extend_from_slice(b", ");
        }
        self.0.push(b'"');
        self.0.extend_from_slice(name.as_bytes());
        self.0.push(b'"');
    }

    fn parameter(&mut self, key: &str, value: u64) {
        self.0.extend_from_slice(key.as_bytes());
        self.0
            .extend_from_slice(itoa::Buffer::new().format(value.min(INTEGER_MAX)).as_bytes());
    }

    /// `None` for a name that is no structured string, which no policy has: names are letters, digits and dashes.
    fn value(self) -> Option<HeaderValue> {
        HeaderValue::from_maybe_shared(Bytes::from(self.0)).ok()
    }
}

#[cfg(test)]
mod tests;
