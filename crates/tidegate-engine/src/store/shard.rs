//! One map of cells with its bound.

use std::{collections::HashMap, time::Duration};

use indexmap::IndexMap;
use tidegate_core::{
    cell::Cell,
    decide::{Subkey, Tag, Take},
    limit::{Period, Quantity},
    partition::CellId,
    time::Now,
};

use super::subkeys::Subkeys;

/// Where a take counts.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    /// In a cell of its own.
    Own(CellId),
    /// In a coarser cell shared with others of the same limit, because the map is full.
    Overflow(CellId, Tag, u8),
}

/// One map of cells.
#[derive(Debug)]
pub(super) struct Shard {
    cells: IndexMap<CellId, Kept>,
    overflow: HashMap<(u64, u8), Kept>,
    subkeys: Subkeys,
    cells_max: usize,
    cursor: usize,
}

/// A cell with whose it is and the calendar window it counts in.
#[derive(Clone, Copy, Debug)]
struct Kept {
    cell: Cell,
    tag: Tag,
    period: Option<Period>,
}

/// How many shared cells a limit has in a full map.
const OVERFLOW_CELLS: u8 = 4;

/// How many cells are looked at for expiry whenever a new one comes: more than one, so that a map of expired cells
/// empties faster than it can fill.
const SWEEP_STEP: usize = 8;

impl Shard {
    pub(super) fn new(cells_max: usize) -> Shard {
        Shard { cells: IndexMap::new(), overflow: HashMap::new(), subkeys: Subkeys::new(cells_max), cells_max, cursor: 0 }
    }

    /// Where a cell is or would be kept. A live cell is never evicted for a new one (SEMANTICS rule 11).
    pub(super) fn place(&mut self, cell: CellId, tag: Tag, now: Now) -> Place {
        if self.cells.contains_key(&cell) {
            return Place::Own(cell);
        }
        self.sweep_some(now);
        if self.cells.len() < self.cells_max {
            return Place::Own(cell);
        }
        Place::Overflow(cell, tag, (cell.0 % u128::from(OVERFLOW_CELLS)) as u8)
    }

    pub(super) fn read(&self, place: &Place) -> Option<Cell> {
        match place {
            Place::Own(cell) => self.cells.get(cell).map(|kept| kept.cell),
            Place::Overflow(_, tag, bucket) => self.overflow.get(&(tag.limit, *bucket)).map(|kept| kept.cell),
        }
    }

    /// Writes a cell back; one that does not exist yet comes into being only when something was taken.
    pub(super) fn write(&mut self, place: &Place, take: &Take, cell: Cell, admitted: bool) {
        let period = match take.quantity {
            Quantity::Quota { period, .. } => Some(period),
            Quantity::Rate { .. } => None,
        };
        match place {
            Place::Own(id) => match self.cells.get_mut(id) {
                Some(kept) => (kept.cell, kept.period) = (cell, period),
                None if admitted => {
                    self.cells.insert(*id, Kept { cell, tag: take.tag, period });
                }
                None => {}
            },
            Place::Overflow(_, tag, bucket) => {
                self.overflow.insert((tag.limit, *bucket), Kept { cell, tag: Tag { limit: tag.limit, user: None }, period });
            }
        }
    }

    pub(super) fn admits_subkey(&mut self, subkey: &Subkey, cell: CellId, now: Now) -> bool {
        self.subkeys.admits(subkey, cell, now)
    }

    pub(super) fn keep_subkey(&mut self, subkey: &Subkey, cell: CellId, unused_in: Duration, now: Now) {
        self.subkeys.keep(subkey, cell, unused_in, now);
    }

    pub(super) fn forget(&mut self, which: &impl Fn(CellId, &Tag) -> bool, now: Now) -> usize {
        let mut live = 0;
        self.cells.retain(|id, kept| {
            let named = which(*id, &kept.tag);
            live += usize::from(named && !kept.is_unused(now));
            !named
        });
        live
    }

    pub(super) fn sweep_all(&mut self, now: Now) {
        self.cells.retain(|_, kept| !kept.is_unused(now));
        self.overflow.retain(|_, kept| !kept.is_unused(now));
        self.subkeys.sweep_all(now);
        // An emptied map gives its memory back, but not so eagerly that it grows and shrinks all day.
        if self.cells.capacity() > 4 * self.cells.len().max(64) {
            self.cells.shrink_to(2 * self.cells.len());
        }
    }

    pub(super) fn len(&self) -> usize {
        self.cells.len() + self.overflow.len()
    }

    fn sweep_some(&mut self, now: Now) {
        for _ in 0..SWEEP_STEP.min(self.cells.len()) {
            if self.cursor >= self.cells.len() {
                self.cursor = 0;
            }
            if self.cells.get_index(self.cursor).is_some_and(|(_, kept)| kept.is_unused(now)) {
                self.cells.swap_remove_index(self.cursor);
            } else {
                self.cursor += 1;
            }
        }
    }
}

// === impl Place ===

impl Place {
    /// The cell whose map it is in.
    pub(super) fn home(&self) -> CellId {
        match self {
            Place::Own(cell) | Place::Overflow(cell, ..) => *cell,
        }
    }
}

/// Two takes that overflow into one shared cell count in one place, whatever cells they would have had.
impl PartialEq for Place {
    fn eq(&self, other: &Place) -> bool {
        match (self, other) {
            (Place::Own(one), Place::Own(two)) => one == two,
            (Place::Overflow(_, one, bucket), Place::Overflow(_, two, other)) => one.limit == two.limit && bucket == other,
            _ => false,
        }
    }
}

// === impl Kept ===

impl Kept {
    fn is_unused(&self, now: Now) -> bool {
        self.cell.is_unused(self.period, now)
    }
}
