//! Members of lease sets, by name. The number of open leases is the size of a set, so it cannot drift, and nothing has to
//! be counted down.

use std::fmt;

use tidegate_core::partition::CellId;

/// The name of one lease, and so of one connection, over all nodes and restarts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LeaseId {
    /// The run of the program that holds the connection, drawn at its start. A store that several nodes share tells by
    /// it to which run a member belongs, and that a run which ended left it behind.
    pub epoch: u64,
    /// The lease's number in that run.
    pub number: u64,
}

/// A member as a set keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// The lease's id.
    pub id: LeaseId,
    /// The time at which it joined, in Unix milliseconds.
    pub since_ms: i64,
}

/// One set that a lease is a member of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Membership {
    /// The set.
    pub set: CellId,
    /// The parent that counts the set among its live sub-keys.
    pub parent: Option<CellId>,
}

// === impl Membership ===

impl Membership {
    /// Returns the cells whose maps are locked to end it.
    pub(crate) fn cells(&self) -> impl Iterator<Item = CellId> + use<> {
        [Some(self.set), self.parent].into_iter().flatten()
    }
}

// === impl LeaseId ===

impl fmt::Display for LeaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}{:016x}", self.epoch, self.number)
    }
}
