//! The facts of a request that hold until its answer, fixed before anything is decided.

use std::{net::IpAddr, sync::Arc};

use tidegate_core::time::Now;
use tidegate_engine::snapshot::Snapshot;

/// The facts that a request is decided by, from its first decision to its last.
#[derive(Clone, Debug)]
pub struct Received {
    /// The policy and overrides in force.
    pub snapshot: Arc<Snapshot>,
    /// The request's one reading of the clock.
    pub now: Now,
    /// The client's address: the peer's, or the one that listed proxies name.
    pub client: IpAddr,
    /// It goes to the callers' pages.
    pub is_for_pages: bool,
}
