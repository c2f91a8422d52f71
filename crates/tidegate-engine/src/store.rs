//! The cells and leases of one process: 64 mutexed maps, locked in ascending order, all or nothing.
//!
//! A request's takes are resolved to cells and sets, the maps they live in are locked once each in one order, [`decide`]
//! runs on copies, and the copies are written back and the sets joined. There is no rollback, because nothing was taken
//! before the verdict. Nothing inside a lock waits or allocates without bound.

mod charge;
mod export;
mod leases;
mod location;
mod locks;
pub mod record;
mod shard;
mod subkeys;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tidegate_core::{
    cell::Cell,
    decide::{self, Take, Verdict},
    partition::CellId,
    time::Now,
};

use crate::lease_member::{LeaseId, Member, Membership};
pub use charge::Charge;
use leases::Room;
use location::{Location, index_of};
use locks::{LockedMaps, OrderedLocks};
use shard::{Shard, Spot};

/// Number of maps: more than threads that will ever run, so that two requests seldom meet.
const SHARDS: usize = 64;

/// The store of one process.
#[derive(Debug)]
pub struct Store {
    maps: OrderedLocks<Shard>,
    room: Room,
    overflows: AtomicU64,
    leases_refused: AtomicU64,
    /// Cells were forgotten that a whole pass of [`Store::export`] has not left out yet.
    forgot: AtomicBool,
}

/// Numbers of cells and leases in the store, for health and metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Occupancy {
    /// Cells kept now.
    pub cells: usize,
    /// Takes that fell into shared cells because the store was full, since the start.
    pub overflows: u64,
    /// Memberships of leases in sets now: a socket under two limits on slots has two.
    pub leases: usize,
    /// Requests refused because there was no room for another lease, since the start.
    pub leases_refused: u64,
}

/// The verdict about takes, with the resulting charges and memberships.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acquired {
    /// The answer to all takes.
    pub verdict: Verdict,
    /// The charges to counters, for [`Store::give_back`]; none when the verdict refuses.
    pub charges: Vec<Charge>,
    /// The sets that the member is in by these takes; none when the verdict refuses.
    pub held: Vec<Membership>,
}

impl Store {
    /// Makes a store of at most `cells_max` cells (rounded up to a multiple of the number of maps) and `leases_max` memberships
    /// of leases.
    pub fn new(cells_max: usize, leases_max: usize) -> Store {
        let each_max = cells_max.div_ceil(SHARDS).max(1);
        Store {
            maps: OrderedLocks::new(SHARDS, || Shard::new(each_max)),
            room: Room::new(leases_max),
            overflows: AtomicU64::new(0),
            leases_refused: AtomicU64::new(0),
            forgot: AtomicBool::new(false),
        }
    }

    /// Takes from all or from none. There is no member here to hold a slot, so a take of slots finds no room.
    pub fn take(&self, takes: &[Take], now: Now) -> Verdict {
        self.charge(takes, now).verdict
    }

    /// Takes from all or from none, and returns the charges, so that they can be given back.
    pub fn charge(&self, takes: &[Take], now: Now) -> Acquired {
        self.settle(takes, None, &[], now)
    }

    /// Takes from all or from none for a request that was charged before. If the verdict refuses, the earlier charges are
    /// given back in one step with it, so that nobody sees the one without the other (docs/semantics.md rule 7).
    pub fn charge_over(&self, carried: &[Charge], takes: &[Take], now: Now) -> Acquired {
        self.settle(takes, None, carried, now)
    }

    /// Gives back all charges in one step: to the generations of cells that were charged and to no others.
    pub fn give_back(&self, charges: &[Charge]) {
        self.maps
            .lock(charges.iter().map(|charge| charge.location.map))
            .give_back(charges);
    }

    /// Takes from all or from none for a member that may join sets: a refusal by a rate takes no slot, one by slots no unit
    /// of a rate. A second call for one member takes no second slot.
    ///
    /// The caller owes a [`Store::release`]; callers outside this crate hold a lease, which cannot forget it.
    pub fn acquire(&self, takes: &[Take], member: Member, now: Now) -> Acquired {
        self.settle(takes, Some(member), &[], now)
    }

    /// Takes a member out of these sets; returns how many of them it was in. A second release has no effect.
    pub fn release(&self, id: LeaseId, held: &[Membership]) -> usize {
        let mut maps = self.maps.lock(held.iter().flat_map(Membership::cells).map(index_of));
        let mut left = 0;
        for Membership { set, parent } in held {
            let leases = &mut maps.map_mut(index_of(*set)).leases;
            left += usize::from(leases.leave(*set, id));
            if let Some(parent) = parent
                && leases.is_empty(*set)
            {
                maps.map_mut(index_of(*parent)).leases.let_go(*parent, *set);
            }
        }
        self.room.give(left);
        left
    }

    fn settle(&self, takes: &[Take], member: Option<Member>, carried: &[Charge], now: Now) -> Acquired {
        let mut maps = self.lock(takes, carried);
        maps.make_room(takes, now);
        let locations = maps.locations(takes, member.map(|member| member.id), now);
        let mut has_room = member.is_some();
        let (verdict, cell_of, cells) = loop {
            let (cell_of, mut cells) = maps.copies(takes, &locations, member.map(|member| member.id), has_room, now);
            let verdict = decide::decide(takes, &cell_of, &mut cells, now);
            let joining = cells
                .iter()
                .filter(|cell| matches!(cell, Cell::Slots(slots) if slots.joins()))
                .count();
            if joining == 0 || self.room.take(joining) {
                break (verdict, cell_of, cells);
            }
            // Nothing was written: decided once more, now that there is known to be no room.
            has_room = false;
        };
        let charges = maps.write(takes, &locations, &cell_of, &cells, &verdict, now);
        let held = match member {
            Some(member) if verdict.admitted => maps.join(&locations, &cell_of, &cells, member),
            _ => Vec::new(),
        };
        if !verdict.admitted {
            maps.give_back(carried);
        }
        drop(maps);
        self.report(&locations, !has_room && member.is_some());
        Acquired { verdict, charges, held }
    }

    /// Decides about these takes without taking anything.
    pub fn peek(&self, takes: &[Take], now: Now) -> Verdict {
        let maps = self.lock(takes, &[]);
        let locations = maps.locations(takes, None, now);
        let (cell_of, mut cells) = maps.copies(takes, &locations, None, self.room.has_some(), now);
        decide::decide(takes, &cell_of, &mut cells, now)
    }

    /// Forgets every cell for which `which` is true; returns how many were live. Walks the whole store, one map at a time. No
    /// lease is touched: a slot is free when its connection ends.
    pub fn forget(&self, which: impl Fn(CellId, &decide::Tag) -> bool, now: Now) -> usize {
        let live = self.maps.each().map(|mut map| map.forget(&which, now)).sum();
        self.forgot.fetch_or(live > 0, Ordering::Release);
        live
    }

    /// Drops cells that hold nothing any more. It is called periodically, so that an idle store shrinks.
    pub fn sweep(&self, now: Now) {
        self.maps.each().for_each(|mut map| map.sweep_all(now));
    }

    /// Returns the numbers of cells and leases.
    pub fn occupancy(&self) -> Occupancy {
        Occupancy {
            cells: self.maps.each().map(|map| map.len()).sum(),
            overflows: self.overflows.load(Ordering::Relaxed),
            leases: self.room.taken(),
            leases_refused: self.leases_refused.load(Ordering::Relaxed),
        }
    }

    fn lock(&self, takes: &[Take], carried: &[Charge]) -> LockedMaps<'_, Shard> {
        let taken = takes.iter().flat_map(location::cells_of).map(index_of);
        self.maps
            .lock(taken.chain(carried.iter().map(|charge| charge.location.map)))
    }

    fn report(&self, locations: &[Location], is_out_of_room: bool) {
        let shared = locations
            .iter()
            .filter(|location| matches!(location.spot, Spot::Shared(_)))
            .count() as u64;
        if let Some(overflows) = counted(&self.overflows, shared) {
            tracing::warn!(
                overflows,
                "the store is full, so further callers share coarser counts; raise server.cells_max"
            );
        }
        if let Some(refused) = counted(&self.leases_refused, u64::from(is_out_of_room)) {
            tracing::warn!(
                refused,
                "there is no room for another lease, so sockets are refused; raise server.sockets_max"
            );
        }
    }
}

/// Adds to a counter, and returns its value when it passes a power of two: a flood is logged at once and does not flood
/// the log.
fn counted(counter: &AtomicU64, more: u64) -> Option<u64> {
    if more == 0 {
        return None;
    }
    let before = counter.fetch_add(more, Ordering::Relaxed);
    let after = before + more;
    (after.next_power_of_two() != before.next_power_of_two() || before == 0).then_some(after)
}

#[cfg(test)]
mod tests;
