//! Leases: slots held for as long as a connection is open, and given back whatever way it ends.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use tidegate_core::{
    decide::{Take, Verdict},
    partition::CellId,
    time::Now,
};

use crate::{
    lease_member::{LeaseId, Member, Membership},
    store::{Charge, Store},
};

/// A lease held: its slots are taken while this lives, and free when it is dropped, on whatever way out.
#[derive(Debug)]
#[must_use = "a lease not held is a slot that is free again"]
pub struct Lease {
    store: Arc<Store>,
    id: LeaseId,
    held: Vec<Membership>,
}

/// Names for leases: no two of one run are alike, and no two runs' are.
#[derive(Debug)]
pub(crate) struct LeaseIds {
    epoch: u64,
    next: AtomicU64,
}

// === impl Lease ===

impl Lease {
    /// Decides over all takes, rates and slots, in one operation; the lease is there where it took a slot. What was taken
    /// of the rates comes beside it.
    pub(crate) fn acquire(
        store: &Arc<Store>,
        takes: &[Take],
        member: Member,
        now: Now,
    ) -> (Verdict, Option<Lease>, Vec<Charge>) {
        let acquired = store.acquire(takes, member, now);
        let lease = Lease {
            store: store.clone(),
            id: member.id,
            held: acquired.held,
        };
        let lease = (!lease.held.is_empty()).then_some(lease);
        (acquired.verdict, lease, acquired.charges)
    }

    /// Its name.
    pub fn id(&self) -> LeaseId {
        self.id
    }

    /// The sets it is a member of.
    pub fn sets(&self) -> impl Iterator<Item = CellId> + '_ {
        self.held.iter().map(|membership| membership.set)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.store.release(self.id, &self.held);
    }
}

// === impl LeaseIds ===

impl LeaseIds {
    /// Of a run that starts now.
    pub(crate) fn new(now: Now) -> LeaseIds {
        // Without the system's generator the start's time is as good on one machine: no two runs share a data directory.
        let epoch = getrandom::u64().unwrap_or(now.wall_ms.unsigned_abs());
        LeaseIds {
            epoch,
            next: AtomicU64::new(0),
        }
    }

    /// A new one.
    pub(crate) fn next(&self) -> LeaseId {
        LeaseId {
            epoch: self.epoch,
            number: self.next.fetch_add(1, Ordering::Relaxed),
        }
    }
}

#[cfg(test)]
mod tests;
