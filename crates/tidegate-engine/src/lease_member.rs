//! Members of sets, by name. What is open is the size of a set, so it cannot drift and nothing has to be counted down.

use std::fmt;

use tidegate_core::partition::CellId;

/// Names one lease, and so one connection, over all nodes and restarts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LeaseId {
    /// The run of the program that holds the connection, drawn at its start: a store that several nodes share tells by
    /// it whose members are whose, and which were left behind by a run that ended.
    pub epoch: u64,
    /// Which of that run's.
    pub number: u64,
}

/// A member as a set keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its name.
    pub id: LeaseId,
    /// Since when, in Unix milliseconds.
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
    /// The cells whose maps are locked to end it.
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
