//! The cache plan: a route's rules about kept answers, as data for whoever keeps them.

use std::sync::Arc;

use tidegate_core::{freshness::CacheRule, policy::LimitIndex};

/// A route's rules about kept answers, for one request.
#[derive(Clone, Debug, Default)]
pub struct CachePlan {
    /// The rule by which its answers are kept.
    pub rule: Option<CacheRule>,
    /// The routes whose kept answers a change by it makes stale.
    pub drops: Arc<[Arc<str>]>,
    /// The limits that count what the cache does not answer, and have not been asked yet.
    pub on_miss: Vec<LimitIndex>,
}
