//! The cells of one process: 64 mutexed maps, locked in ascending order, all or nothing.
//!
//! A request's takes are resolved to cells, the maps they live in are locked once each in one order, [`decide`]
//! runs on copies, and the copies are written back. There is no rollback, because nothing was taken before the
//! verdict. Nothing inside a lock waits or allocates without bound.

mod shard;
mod subkeys;

use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::{Mutex, MutexGuard};
use tidegate_core::{
    cell::Cell,
    decide::{self, Slot, Take, Verdict},
    partition::CellId,
    time::Now,
};

use shard::{Place, Shard};

/// How many maps. More than threads that will ever run, so that two requests seldom meet.
const SHARDS: usize = 64;

/// The store of one process.
#[derive(Debug)]
pub struct Store {
    shards: Vec<Mutex<Shard>>,
    overflows: AtomicU64,
}

/// What the store holds, for health and metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Occupancy {
    /// Cells kept now.
    pub cells: usize,
    /// Takes that fell into shared cells because the store was full, since the start.
    pub overflows: u64,
}

impl Store {
    /// A store of at most `cells_max` cells (rounded up to a multiple of the number of maps).
    pub fn new(cells_max: usize) -> Store {
        let each_max = cells_max.div_ceil(SHARDS).max(1);
        Store { shards: (0..SHARDS).map(|_| Mutex::new(Shard::new(each_max))).collect(), overflows: AtomicU64::new(0) }
    }

    /// Takes from all or from none.
    pub fn take(&self, takes: &[Take], now: Now) -> Verdict {
        let mut locked = self.lock(takes);
        let places = locked.resolve(takes, now);
        let (slots, mut cells) = locked.copies(takes, &places, now);
        let verdict = decide::decide(takes, &slots, &mut cells, now);
        locked.write(takes, &places, &slots, &cells, verdict.admitted, now);
        let shared = places.iter().filter(|place| matches!(place, Place::Overflow(..))).count() as u64;
        drop(locked);
        if shared > 0 {
            self.report_overflow(shared);
        }
        verdict
    }

    /// Where the cells of these takes stand; nothing moves.
    pub fn peek(&self, takes: &[Take], now: Now) -> Verdict {
        let mut locked = self.lock(takes);
        let places = locked.resolve(takes, now);
        let (slots, mut cells) = locked.copies(takes, &places, now);
        decide::decide(takes, &slots, &mut cells, now)
    }

    /// Forgets every cell that `which` names; returns how many were live. Walks the whole store, one map at a time.
    pub fn forget(&self, which: impl Fn(CellId, &decide::Tag) -> bool, now: Now) -> usize {
        self.shards.iter().map(|shard| shard.lock().forget(&which, now)).sum()
    }

    /// Lets go of cells that hold nothing any more. Called now and then, so that an idle store shrinks.
    pub fn sweep(&self, now: Now) {
        for shard in &self.shards {
            shard.lock().sweep_all(now);
        }
    }

    /// What the store holds.
    pub fn occupancy(&self) -> Occupancy {
        Occupancy { cells: self.shards.iter().map(|shard| shard.lock().len()).sum(), overflows: self.overflows.load(Ordering::Relaxed) }
    }

    fn lock(&self, takes: &[Take]) -> Locked<'_> {
        let mut wanted: Vec<usize> = takes.iter().flat_map(|take| cells_of(take).into_iter().flatten()).map(index_of).collect();
        wanted.sort_unstable();
        wanted.dedup();
        Locked { guards: wanted.into_iter().map(|index| (index, self.shards[index].lock())).collect() }
    }

    /// Says so at every power of two, so that a flood is loud at once and does not flood the log.
    fn report_overflow(&self, shared: u64) {
        let before = self.overflows.fetch_add(shared, Ordering::Relaxed);
        let after = before + shared;
        if after.next_power_of_two() != before.next_power_of_two() || before == 0 {
            tracing::warn!(overflows = after, "the store is full: further callers share coarser counts; raise server.cells_max");
        }
    }
}

fn cells_of(take: &Take) -> [Option<CellId>; 3] {
    [Some(take.cell), take.subkey.map(|subkey| subkey.parent), take.subkey.map(|subkey| subkey.base)]
}

fn index_of(cell: CellId) -> usize {
    // The top bits of a keyed hash are as good as any; the maps inside use the rest.
    (cell.0 >> 122) as usize
}

/// The maps one request concerns, held together.
struct Locked<'s> {
    guards: Vec<(usize, MutexGuard<'s, Shard>)>,
}

impl Locked<'_> {
    fn shard(&mut self, cell: CellId) -> &mut Shard {
        let index = index_of(cell);
        let at = self.guards.iter().position(|(held, _)| *held == index);
        // `lock` took the map of every cell that `cells_of` names, and no other cell is asked for.
        &mut self.guards[at.unwrap_or(0)].1
    }

    fn resolve(&mut self, takes: &[Take], now: Now) -> Vec<Place> {
        takes.iter().map(|take| self.place(take, now)).collect()
    }

    fn place(&mut self, take: &Take, now: Now) -> Place {
        let cell = match take.subkey {
            Some(subkey) if !self.shard(subkey.parent).admits_subkey(&subkey, take.cell, now) => subkey.base,
            _ => take.cell,
        };
        self.shard(cell).place(cell, take.tag, now)
    }

    /// Copies of the cells concerned, each once, and which take concerns which.
    fn copies(&mut self, takes: &[Take], places: &[Place], now: Now) -> (Vec<Slot>, Vec<Cell>) {
        let mut cells = Vec::with_capacity(takes.len());
        let mut slots: Vec<Slot> = Vec::with_capacity(takes.len());
        for (i, (take, place)) in takes.iter().zip(places).enumerate() {
            let earlier = places[..i].iter().position(|other| other == place);
            let cell = match earlier {
                Some(at) => slots[at].cell,
                None => {
                    cells.push(self.shard(place.home()).read(place).unwrap_or_else(|| Cell::new(take.quantity, now)));
                    cells.len() - 1
                }
            };
            slots.push(Slot { cell });
        }
        (slots, cells)
    }

    /// A refusal moves no unit, but cells that exist keep the time and quota they were seen under.
    fn write(&mut self, takes: &[Take], places: &[Place], slots: &[Slot], cells: &[Cell], admitted: bool, now: Now) {
        for ((take, place), slot) in takes.iter().zip(places).zip(slots) {
            let cell = cells[slot.cell];
            self.shard(place.home()).write(place, take, cell, admitted);
            if let (true, Some(subkey), Place::Own(id)) = (admitted, take.subkey, place)
                && *id == take.cell
            {
                let unused_in = cell.standing(take.quantity, now).resets_in;
                self.shard(subkey.parent).keep_subkey(&subkey, take.cell, unused_in, now);
            }
        }
    }
}

#[cfg(test)]
mod tests;
