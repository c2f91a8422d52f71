//! The values of `RateLimit-Policy`, `RateLimit` and `Retry-After`.
//!
//! The first two by draft-ietf-httpapi-ratelimit-headers (the structured form of version 08 and later: lists of
//! strings with parameters, RFC 9651), one item for each limit that applied.

use std::time::Duration;

use sfv::{KeyRef, ListSerializer, StringRef};

use crate::{ask::Ask, cell::Standing, decide::Verdict};

/// The two RateLimit values of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateLimitFields {
    /// `RateLimit-Policy`: quota `q` and window `w` in seconds; of slots the quota's unit `qu` instead of a window.
    pub policy: String,
    /// `RateLimit`: remaining `r` and seconds `t` until nothing is used; of slots `r` alone.
    pub limit: String,
}

/// The fields of a verdict; `None` where no limit applied. Of an IPv6 caller's blocks the tightest speaks.
pub fn rate_limit(asks: &[Ask<'_>], verdict: &Verdict) -> Option<RateLimitFields> {
    let mut shown: Vec<(&Ask<'_>, Standing)> = Vec::new();
    for (ask, outcome) in asks.iter().zip(&verdict.outcomes).filter(|(ask, _)| !ask.take.shadow) {
        match shown.iter_mut().find(|(other, _)| other.limit.name == ask.limit.name) {
            Some(known) if outcome.standing.remaining < known.1.remaining => *known = (ask, outcome.standing),
            Some(_) => {}
            None => shown.push((ask, outcome.standing)),
        }
    }
    let mut policy = ListSerializer::new();
    let mut limit = ListSerializer::new();
    for (ask, standing) in shown {
        // A name that is no structured string cannot be in a policy: names are letters, digits and dashes.
        let name = StringRef::from_str(&ask.limit.name).ok()?;
        let quota = sfv::Integer::from(ask.take.quantity.quota());
        let item = policy.bare_item(name).parameter(KeyRef::constant("q"), quota);
        match ask.take.quantity.window() {
            Some(window) => item.parameter(KeyRef::constant("w"), integer(retry_after_secs(window))),
            None => item.parameter(KeyRef::constant("qu"), StringRef::constant("concurrent-requests")),
        };
        let item = limit
            .bare_item(name)
            .parameter(KeyRef::constant("r"), integer(standing.remaining));
        if let Some(resets_in) = standing.resets_in {
            _ = item.parameter(KeyRef::constant("t"), integer(retry_after_secs(resets_in)));
        }
    }
    Some(RateLimitFields {
        policy: policy.finish()?,
        limit: limit.finish()?,
    })
}

/// `Retry-After` in whole seconds, rounded up: a client that waits that long is not early (RFC 9110 10.2.3).
pub fn retry_after_secs(wait: Duration) -> u64 {
    wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0))
}

/// The exact wait in milliseconds, rounded up.
pub fn retry_after_ms(wait: Duration) -> u64 {
    u64::try_from(wait.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX)
}

fn integer(value: u64) -> sfv::Integer {
    // Structured integers have at most 15 digits.
    const MAX: i64 = 999_999_999_999_999;
    i64::try_from(value)
        .unwrap_or(MAX)
        .min(MAX)
        .try_into()
        .unwrap_or(sfv::Integer::MAX)
}

#[cfg(test)]
mod tests;
