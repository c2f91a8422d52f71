//! An answered request, as the statistics count it.

use std::{net::IpAddr, sync::Arc};

use tidegate_core::{address, identity::Identity, refusal::Refusal};

use super::sketch::{Met, WhoRef};

/// One request at its answer.
#[derive(Clone, Copy, Debug)]
pub struct Answered<'a> {
    /// The route's name, where one matched.
    pub route: Option<&'a Arc<str>>,
    /// The name of its page; of the callers' pages their prefix.
    pub page: Option<&'a Arc<str>>,
    /// The caller.
    pub identity: &'a Identity,
    /// The client's address.
    pub client: IpAddr,
    /// The status of the answer.
    pub status: u16,
    /// The time from the end of the request's head to the head of its answer, in nanoseconds.
    pub took_ns: u64,
    /// The refusal, if the gate itself answered.
    pub refusal: Option<&'a Refusal>,
    /// The outcome of the cache, if one took part.
    pub cache: Option<CacheOutcome>,
}

/// The outcome of a cache for a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheOutcome {
    /// Answered with a stored answer.
    Hit,
    /// Answered with a stored answer that is no longer fresh.
    Stale,
    /// Answered with the answer to another request for the same resource.
    Collapsed,
    /// Answered by the upstream, after a look into the cache.
    Miss,
    /// Answered without a look into the cache.
    Bypass,
}

// === impl Answered ===

impl Answered<'_> {
    /// Returns the caller, as rankings know it.
    pub(super) fn met(&self) -> Option<Met<'_>> {
        let token = self.identity.known().map(|known| &known.token);
        let who = match token {
            Some(token) => WhoRef::User(&token.subject),
            None => WhoRef::Block(address::blocks(self.client).next()?),
        };
        Some(Met {
            who,
            tenant: token.map(|token| &token.tenant),
            limit: self.limit(),
        })
    }

    /// Returns the limit that refused; of several the one with the longest wait.
    pub(super) fn limit(&self) -> Option<&Arc<str>> {
        match self.refusal? {
            Refusal::OverLimit(over) => Some(&over.worst.limit),
            Refusal::TooMuch(excess) => Some(&excess.limit),
            _ => None,
        }
    }

    /// Returns true when the caller's request was the reason of the refusal, and not a failure here or upstream.
    pub(super) fn is_refused(&self) -> bool {
        self.refusal.is_some() && self.status < 500
    }
}

// === impl CacheOutcome ===

impl CacheOutcome {
    /// All outcomes.
    pub const ALL: [CacheOutcome; 5] = [
        CacheOutcome::Hit,
        CacheOutcome::Stale,
        CacheOutcome::Collapsed,
        CacheOutcome::Miss,
        CacheOutcome::Bypass,
    ];

    /// Returns the outcome's word: the label `outcome`.
    pub fn as_str(self) -> &'static str {
        match self {
            CacheOutcome::Hit => "hit",
            CacheOutcome::Stale => "stale",
            CacheOutcome::Collapsed => "collapsed",
            CacheOutcome::Miss => "miss",
            CacheOutcome::Bypass => "bypass",
        }
    }

    /// Returns true when the upstream was not asked.
    pub fn is_cached(self) -> bool {
        matches!(self, CacheOutcome::Hit | CacheOutcome::Stale | CacheOutcome::Collapsed)
    }
}
