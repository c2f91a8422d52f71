//! One map of cells with its bound.

mod export;

use std::collections::HashMap;

use indexmap::IndexMap;
use tidegate_core::{
    cell::{Cell, Standing},
    decide::{Tag, Take},
    partition::{ByCell, CellId},
    time::Now,
};

use super::{charge::Charge, leases::Leases, record::Shared, subkeys::Subkeys};
use crate::lease_member::Membership;

/// The spot in a map where a take counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spot {
    /// In a cell of its own.
    Own(CellId),
    /// In a coarser cell, because the map is full.
    Shared(Shared),
    /// In a set of leases.
    Set(Membership),
}

/// One map of cells.
#[derive(Debug)]
pub(super) struct Shard {
    cells: IndexMap<CellId, StoredCell, ByCell>,
    /// Bounded by the policy: limits times quotas in force times [`SHARED_CELLS`].
    shared: HashMap<Shared, StoredCell>,
    pub(super) subkeys: Subkeys,
    pub(super) leases: Leases,
    cells_max: usize,
    cursor: usize,
    generations: u64,
}

/// A cell with its user and limit.
#[derive(Clone, Debug)]
struct StoredCell {
    cell: Cell,
    tag: Tag,
    /// The cell's generation in the map: a new one begins whenever a cell that holds nothing is taken from, be it
    /// new, pardoned or merely run out.
    generation: u64,
    /// True when it changed since its last export.
    changed: bool,
}

/// Number of shared cells that a limit has for each quota in a full map.
const SHARED_CELLS: u8 = 4;

/// Number of cells that are checked for expiry whenever a new one comes: more than one, so that a map of expired cells
/// empties faster than it can fill.
const SWEEP_STEP: usize = 8;

impl Shard {
    pub(super) fn new(cells_max: usize) -> Shard {
        Shard {
            cells: IndexMap::default(),
            shared: HashMap::new(),
            subkeys: Subkeys::new(cells_max),
            leases: Leases::default(),
            cells_max,
            cursor: 0,
            generations: 0,
        }
    }

    pub(super) fn holds(&self, cell: CellId) -> bool {
        self.cells.contains_key(&cell)
    }

    /// Finds the spot of a cell, if `coming` other new cells are about to enter this map. A live cell is never evicted
    /// for a new one (docs/semantics.md rule 11).
    pub(super) fn spot(&self, cell: CellId, take: &Take, coming: usize) -> Spot {
        if self.holds(cell) || self.cells.len() + coming < self.cells_max {
            return Spot::Own(cell);
        }
        let number = (cell.0 % u128::from(SHARED_CELLS)) as u8;
        Spot::Shared(Shared {
            limit: take.tag.limit,
            quota: take.quantity.quota(),
            number,
        })
    }

    pub(super) fn read(&self, spot: &Spot) -> Option<Cell> {
        let kept = match spot {
            Spot::Own(cell) => self.cells.get(cell),
            Spot::Shared(shared) => self.shared.get(shared),
            Spot::Set(_) => None,
        };
        kept.map(|kept| kept.cell.clone())
    }

    /// Writes a cell back; one that does not exist yet is created only when something is used in it. Returns the
    /// generation of the written cell, if one was written.
    pub(super) fn write(&mut self, spot: &Spot, tag: Tag, cell: &Cell, standing: Standing, now: Now) -> Option<u64> {
        let known = match spot {
            Spot::Own(id) => self.cells.get_mut(id),
            Spot::Shared(shared) => self.shared.get_mut(shared),
            // A set is no counter: members join and leave by name.
            Spot::Set(_) => return None,
        };
        let generation = match &known {
            None if standing.used == 0 => return None,
            Some(known) if !known.cell.is_unused(now) => known.generation,
            _ => {
                self.generations += 1;
                self.generations
            }
        };
        let kept = StoredCell::changed(cell.clone(), tag, generation);
        match (known, spot) {
            (Some(known), _) => *known = kept,
            (None, Spot::Own(id)) => _ = self.cells.insert(*id, kept),
            (None, Spot::Shared(shared)) => _ = self.shared.insert(*shared, kept),
            (None, Spot::Set(_)) => {}
        }
        Some(generation)
    }

    /// Gives a charge back to the generation that was charged, and nothing to any other.
    pub(super) fn give_back(&mut self, charge: &Charge) {
        let known = match &charge.location.spot {
            Spot::Own(id) => self.cells.get_mut(id),
            Spot::Shared(shared) => self.shared.get_mut(shared),
            Spot::Set(_) => None,
        };
        if let Some(known) = known.filter(|known| known.generation == charge.generation) {
            known.cell.give_back(charge.cost, charge.taken_at_ns);
            if charge.warned {
                known.cell.unwarn();
            }
            known.changed = true;
        }
    }

    pub(super) fn forget(&mut self, which: &impl Fn(CellId, &Tag) -> bool, now: Now) -> usize {
        let mut live = 0;
        self.cells.retain(|id, kept| {
            let named = which(*id, &kept.tag);
            live += usize::from(named && !kept.cell.is_unused(now));
            !named
        });
        live
    }

    pub(super) fn sweep_all(&mut self, now: Now) {
        self.cells.retain(|_, kept| !kept.cell.is_unused(now));
        self.shared.retain(|_, kept| !kept.cell.is_unused(now));
        self.subkeys.sweep_all(now);
        self.leases.shrink();
        // An emptied map gives its memory back, but not so eagerly that it grows and shrinks all day.
        if self.cells.capacity() > 4 * self.cells.len().max(64) {
            self.cells.shrink_to(2 * self.cells.len());
        }
    }

    pub(super) fn len(&self) -> usize {
        self.cells.len() + self.shared.len()
    }

    /// Drops some expired cells, before a new one comes.
    pub(super) fn sweep_some(&mut self, now: Now) {
        for _ in 0..SWEEP_STEP.min(self.cells.len()) {
            if self.cursor >= self.cells.len() {
                self.cursor = 0;
            }
            if self
                .cells
                .get_index(self.cursor)
                .is_some_and(|(_, kept)| kept.cell.is_unused(now))
            {
                self.cells.swap_remove_index(self.cursor);
            } else {
                self.cursor += 1;
            }
        }
    }
}

impl StoredCell {
    fn changed(cell: Cell, tag: Tag, generation: u64) -> StoredCell {
        StoredCell {
            cell,
            tag,
            generation,
            changed: true,
        }
    }
}
