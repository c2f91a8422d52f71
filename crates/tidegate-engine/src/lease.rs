//! Leases: slots held for as long as a connection is open, and given back on any way out.

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

/// A lease: its slots are taken while this lives, and free when it is dropped, on any way out.
#[derive(Debug)]
#[must_use = "a lease not held is a slot that is free again"]
pub struct Lease {
    store: Arc<Store>,
    id: LeaseId,
    held: Vec<Membership>,
}

/// The source of lease ids: no two leases of one run have one id, and no two leases of different runs.
#[derive(Debug)]
pub(crate) struct LeaseIds {
    epoch: u64,
    next: AtomicU64,
}

// === impl Lease ===

impl Lease {
    /// Decides over all takes, rates and slots, in one operation; returns a lease when it took a slot, and the charges to
    /// the rates.
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

    /// Returns the lease's id.
    pub fn id(&self) -> LeaseId {
        self.id
    }

    /// Returns the sets it is a member of.
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
    /// Makes the ids of a run that starts now.
    pub(crate) fn new(now: Now) -> LeaseIds {
        // Without the system's generator the start's time is as good on one machine: no two runs share a data directory.
        let epoch = getrandom::u64().unwrap_or(now.wall_ms.unsigned_abs());
        LeaseIds {
            epoch,
            next: AtomicU64::new(0),
        }
    }

    /// Makes a new id.
    pub(crate) fn next(&self) -> LeaseId {
        LeaseId {
            epoch: self.epoch,
            number: self.next.fetch_add(1, Ordering::Relaxed),
        }
    }
}

#[cfg(test)]
mod tests;
