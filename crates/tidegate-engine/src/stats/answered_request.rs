//! What happened, as it is told to the statistics: one request that was answered.

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
    /// Who asked.
    pub identity: &'a Identity,
    /// From where.
    pub client: IpAddr,
    /// The status of the answer.
    pub status: u16,
    /// From the end of the request's head to the head of its answer, in nanoseconds.
    pub took_ns: u64,
    /// Why the gate itself answered, where it did.
    pub refusal: Option<&'a Refusal>,
    /// What the cache did, where one took part.
    pub cache: Option<CacheOutcome>,
}

/// What a cache did for a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheOutcome {
    /// Answered with what was kept.
    Hit,
    /// Answered with what was kept and is no longer fresh.
    Stale,
    /// Answered with what another request for the same brought.
    Collapsed,
    /// Asked upstream.
    Miss,
    /// Not asked.
    Bypass,
}

// === impl Answered ===

impl Answered<'_> {
    /// Who came, as rankings know it.
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

    /// The limit that refused; of several the one with the longest wait.
    pub(super) fn limit(&self) -> Option<&Arc<str>> {
        match self.refusal? {
            Refusal::OverLimit(over) => Some(&over.worst.limit),
            Refusal::TooMuch(excess) => Some(&excess.limit),
            _ => None,
        }
    }

    /// It was refused for what the caller did or asked, and not for what failed here or upstream.
    pub(super) fn is_refused(&self) -> bool {
        self.refusal.is_some() && self.status < 500
    }
}

// === impl CacheOutcome ===

impl CacheOutcome {
    /// All of them.
    pub const ALL: [CacheOutcome; 5] = [
        CacheOutcome::Hit,
        CacheOutcome::Stale,
        CacheOutcome::Collapsed,
        CacheOutcome::Miss,
        CacheOutcome::Bypass,
    ];

    /// The word for it: the label `outcome`.
    pub fn as_str(self) -> &'static str {
        match self {
            CacheOutcome::Hit => "hit",
            CacheOutcome::Stale => "stale",
            CacheOutcome::Collapsed => "collapsed",
            CacheOutcome::Miss => "miss",
            CacheOutcome::Bypass => "bypass",
        }
    }

    /// The upstream was spared.
    pub fn is_cached(self) -> bool {
        matches!(self, CacheOutcome::Hit | CacheOutcome::Stale | CacheOutcome::Collapsed)
    }
}
