//! The sets of leases of one map, and the room all sets share. No set is ever evicted, and no sweep or pardon touches
//! one: a member leaves when its connection ends, and only then.

use std::collections::HashMap;

use tidegate_core::{
    cell::Slots,
    partition::{ByCell, CellId},
};

use crate::{
    lease_member::{LeaseId, Member},
    sync::{AtomicUsize, Ordering},
};

/// The sets of one map, and the parents whose live sub-keys are sets.
#[derive(Debug, Default)]
pub(super) struct Leases {
    sets: HashMap<CellId, Set, ByCell>,
    /// A sub-key of slots lives while its set has a member. Each has one, so what bounds members bounds these.
    parents: HashMap<CellId, Vec<CellId>, ByCell>,
}

/// The leases of one partition.
#[derive(Debug, Default)]
struct Set {
    members: HashMap<LeaseId, Member>,
    /// True when a caller was warned that few slots are left; it is gone with the last member.
    warned: bool,
}

/// The bound of memberships in all sets together. It guards memory and says nothing about any limit: those are
/// answered from the sets themselves.
#[derive(Debug)]
pub(super) struct Room {
    taken: AtomicUsize,
    max: usize,
}

impl Leases {
    /// Returns the facts about a set that a verdict needs.
    pub(super) fn look(&self, set: CellId, id: Option<LeaseId>, has_room: bool) -> Slots {
        let known = self.sets.get(&set);
        let open = known.map_or(0, |known| known.members.len());
        let mut look = Slots::new(open as u64, id.is_some_and(|id| self.has(set, id)), has_room);
        look.warned = known.is_some_and(|known| known.warned);
        look
    }

    pub(super) fn has(&self, set: CellId, id: LeaseId) -> bool {
        self.sets.get(&set).is_some_and(|known| known.members.contains_key(&id))
    }

    /// Adds a member, and marks the set as the verdict left it. One that is there stays as it is, so that asking twice
    /// takes one slot.
    pub(super) fn join(&mut self, set: CellId, member: Member, warned: bool) {
        let set = self.sets.entry(set).or_default();
        set.members.entry(member.id).or_insert(member);
        set.warned = warned;
    }

    /// Takes a member out; returns false when it was not in the set.
    pub(super) fn leave(&mut self, set: CellId, id: LeaseId) -> bool {
        let Some(known) = self.sets.get_mut(&set) else {
            return false;
        };
        let was_there = known.members.remove(&id).is_some();
        if known.members.is_empty() {
            self.sets.remove(&set);
        }
        was_there
    }

    pub(super) fn is_empty(&self, set: CellId) -> bool {
        !self.sets.contains_key(&set)
    }

    /// Returns true when the set is one of the parent's live sub-keys.
    pub(super) fn lives(&self, parent: CellId, set: CellId) -> bool {
        self.parents.get(&parent).is_some_and(|live| live.contains(&set))
    }

    /// Counts the live sub-keys of the parent.
    pub(super) fn live(&self, parent: CellId) -> usize {
        self.parents.get(&parent).map_or(0, Vec::len)
    }

    /// Counts the set among the parent's live sub-keys.
    pub(super) fn keep(&mut self, parent: CellId, set: CellId) {
        let live = self.parents.entry(parent).or_default();
        if !live.contains(&set) {
            live.push(set);
        }
    }

    /// Drops an empty set from the parent's live sub-keys.
    pub(super) fn let_go(&mut self, parent: CellId, set: CellId) {
        if let Some(live) = self.parents.get_mut(&parent) {
            live.retain(|known| *known != set);
            if live.is_empty() {
                self.parents.remove(&parent);
            }
        }
    }

    /// Gives memory back after many have left, but not so eagerly that it grows and shrinks all day.
    pub(super) fn shrink(&mut self) {
        if self.sets.capacity() > 4 * self.sets.len().max(64) {
            self.sets.shrink_to(2 * self.sets.len());
            self.parents.shrink_to(2 * self.parents.len());
        }
    }
}

impl Room {
    pub(super) fn new(max: usize) -> Room {
        Room {
            taken: AtomicUsize::new(0),
            max,
        }
    }

    /// Takes room for `count` memberships, all or none. It is asked only for a request that everything else admits, so
    /// that none is ever given back and nobody is refused for the sake of one who was refused too.
    pub(super) fn take(&self, count: usize) -> bool {
        let taken = |taken: usize| taken.checked_add(count).filter(|taken| *taken <= self.max);
        self.taken
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, taken)
            .is_ok()
    }

    pub(super) fn give(&self, count: usize) {
        self.taken.fetch_sub(count, Ordering::AcqRel);
    }

    pub(super) fn taken(&self) -> usize {
        self.taken.load(Ordering::Acquire)
    }

    pub(super) fn has_some(&self) -> bool {
        self.taken() < self.max
    }
}
