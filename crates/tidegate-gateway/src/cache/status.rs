//! The cache's part in an answer, and how `Cache-Status` says it (RFC 9211).

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};
use tidegate_core::freshness::{Bypass, Unkept};
use tidegate_engine::stats::CacheOutcome;

const CACHE_STATUS: HeaderName = HeaderName::from_static("cache-status");

/// The cache's part in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The route's answers are not kept, so no cache took part.
    Apart,
    /// A kept answer was given.
    Hit {
        /// The time for which it is still fresh.
        left: Duration,
    },
    /// The answer of another request was given, which was on its way at the same time.
    Collapsed,
    /// It went to the upstream, as no kept answer would do.
    Miss(MissReason, Storing),
    /// It went past the cache.
    Bypass(Bypass),
}

/// MissReason no kept answer would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MissReason {
    /// There is none.
    None,
    /// There are some, for requests with other fields.
    Vary,
    /// It is not fresh any more, or a change made it stale.
    Stale,
    /// The request asks for a fresher one.
    Request,
}

/// The storing of the upstream's answer, as far as is known with its head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Storing {
    /// It is kept.
    Kept,
    /// It is known at the end of the answer.
    Open,
    /// It is not, for this reason.
    Unkept(Unkept),
}

// === impl Outcome ===

impl Outcome {
    /// Returns the outcome for the statistics, where a cache took part.
    pub(crate) fn noted(self) -> Option<CacheOutcome> {
        match self {
            Outcome::Apart => None,
            Outcome::Hit { .. } => Some(CacheOutcome::Hit),
            Outcome::Collapsed => Some(CacheOutcome::Collapsed),
            Outcome::Miss(..) => Some(CacheOutcome::Miss),
            Outcome::Bypass(_) => Some(CacheOutcome::Bypass),
        }
    }

    /// Adds what became of the upstream's answer.
    pub(super) fn with(self, storing: Storing) -> Outcome {
        match self {
            Outcome::Miss(why, _) => Outcome::Miss(why, storing),
            other => other,
        }
    }

    /// Says it in an answer, behind what caches further up say.
    pub(crate) fn write(self, headers: &mut HeaderMap) {
        let Some(text) = self.text() else { return };
        if let Ok(value) = HeaderValue::try_from(text) {
            headers.append(CACHE_STATUS, value);
        }
    }

    fn text(self) -> Option<String> {
        Some(match self {
            Outcome::Apart => return None,
            Outcome::Hit { left } => format!("Tidegate; hit; ttl={}", left.as_secs()),
            Outcome::Collapsed => "Tidegate; fwd=uri-miss; collapsed".to_owned(),
            Outcome::Bypass(Bypass::Method) => "Tidegate; fwd=method".to_owned(),
            Outcome::Bypass(why) => format!("Tidegate; fwd=bypass; detail={}", why.as_str()),
            Outcome::Miss(why, storing) => {
                let why = match why {
                    MissReason::None => "uri-miss",
                    MissReason::Vary => "vary-miss",
                    MissReason::Stale => "stale",
                    MissReason::Request => "request",
                };
                match storing {
                    Storing::Kept => format!("Tidegate; fwd={why}; stored"),
                    Storing::Open => format!("Tidegate; fwd={why}"),
                    Storing::Unkept(unkept) => format!("Tidegate; fwd={why}; detail={}", unkept.as_str()),
                }
            }
        })
    }
}
