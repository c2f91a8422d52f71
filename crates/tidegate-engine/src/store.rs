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
    decide::{self, Slot, Subkey, Take, Verdict},
    partition::CellId,
    time::Now,
};

use shard::{Shard, Spot};

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
        Store {
            shards: (0..SHARDS).map(|_| Mutex::new(Shard::new(each_max))).collect(),
            overflows: AtomicU64::new(0),
        }
    }

    /// Takes from all or from none.
    pub fn take(&self, takes: &[Take], now: Now) -> Verdict {
        let mut locked = self.lock(takes);
        locked.make_room(takes, now);
        let places = locked.places(takes, now);
        let (slots, mut cells) = locked.copies(takes, &places, now);
        let verdict = decide::decide(takes, &slots, &mut cells, now);
        locked.write(takes, &places, &slots, &cells, &verdict, now);
        drop(locked);
        let shared = places
            .iter()
            .filter(|place| matches!(place.spot, Spot::Shared(_)))
            .count() as u64;
        if shared > 0 {
            self.report_overflow(shared);
        }
        verdict
    }

    /// Where the cells of these takes stand; nothing moves.
    pub fn peek(&self, takes: &[Take], now: Now) -> Verdict {
        let locked = self.lock(takes);
        let places = locked.places(takes, now);
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
        Occupancy {
            cells: self.shards.iter().map(|shard| shard.lock().len()).sum(),
            overflows: self.overflows.load(Ordering::Relaxed),
        }
    }

    /// Locks each map concerned once, in ascending order, so that no two requests wait for each other.
    fn lock(&self, takes: &[Take]) -> Locked<'_> {
        let mut wanted: Vec<usize> = takes
            .iter()
            .flat_map(|take| cells_of(take).into_iter().flatten())
            .map(index_of)
            .collect();
        wanted.sort_unstable();
        wanted.dedup();
        Locked {
            guards: wanted
                .into_iter()
                .map(|index| (index, self.shards[index].lock()))
                .collect(),
        }
    }

    /// Says so at every power of two, so that a flood is loud at once and does not flood the log.
    fn report_overflow(&self, shared: u64) {
        let before = self.overflows.fetch_add(shared, Ordering::Relaxed);
        let after = before + shared;
        if after.next_power_of_two() != before.next_power_of_two() || before == 0 {
            tracing::warn!(
                overflows = after,
                "the store is full: further callers share coarser counts; raise server.cells_max"
            );
        }
    }
}

fn cells_of(take: &Take) -> [Option<CellId>; 3] {
    [
        Some(take.cell),
        take.subkey.map(|subkey| subkey.parent),
        take.subkey.map(|subkey| subkey.base),
    ]
}

fn index_of(cell: CellId) -> usize {
    // The top bits of a keyed hash are as good as any; the maps inside use the rest.
    (cell.0 >> 122) as usize
}

/// Where a take counts: in which map, and where there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    map: usize,
    spot: Spot,
}

/// The maps one request concerns, held together.
struct Locked<'s> {
    guards: Vec<(usize, MutexGuard<'s, Shard>)>,
}

impl Locked<'_> {
    fn shard(&self, map: usize) -> &Shard {
        &self.guards[self.position(map)].1
    }

    fn shard_mut(&mut self, map: usize) -> &mut Shard {
        let at = self.position(map);
        &mut self.guards[at].1
    }

    /// `Store::lock` took the map of every cell that `cells_of` names, and no other is asked for.
    fn position(&self, map: usize) -> usize {
        self.guards.iter().position(|(held, _)| *held == map).unwrap_or(0)
    }

    /// Lets go of expired cells where new ones may come.
    fn make_room(&mut self, takes: &[Take], now: Now) {
        for take in takes {
            for cell in [Some(take.cell), take.subkey.map(|subkey| subkey.base)]
                .into_iter()
                .flatten()
            {
                let shard = self.shard_mut(index_of(cell));
                if !shard.holds(cell) {
                    shard.sweep_some(now);
                }
            }
            if let Some(subkey) = take.subkey {
                self.shard_mut(index_of(subkey.parent)).subkeys.sweep_some(now);
            }
        }
    }

    fn places(&self, takes: &[Take], now: Now) -> Vec<Place> {
        let mut places: Vec<Place> = Vec::with_capacity(takes.len());
        for (i, take) in takes.iter().enumerate() {
            let cell = match take.subkey {
                Some(subkey) if !self.admits_subkey(&subkey, take.cell, (&takes[..i], &places), now) => subkey.base,
                _ => take.cell,
            };
            let map = index_of(cell);
            let shard = self.shard(map);
            let coming = self.coming(&places, |place, own| {
                place.map == map && own != cell && !shard.holds(own)
            });
            places.push(Place {
                map,
                spot: shard.spot(cell, take, coming),
            });
        }
        places
    }

    /// Whether a sub-key counts in its own cell: it lives already, or there is room for one more beside those that
    /// earlier takes of this request bring.
    fn admits_subkey(&self, subkey: &Subkey, cell: CellId, (takes, places): (&[Take], &[Place]), now: Now) -> bool {
        let subkeys = &self.shard(index_of(subkey.parent)).subkeys;
        let brought = |own: CellId| {
            takes
                .iter()
                .any(|take| take.cell == own && take.subkey.is_some_and(|other| other.parent == subkey.parent))
        };
        let coming = self.coming(places, |_, own| {
            own != cell && brought(own) && !subkeys.lives(subkey.parent, own, now)
        });
        subkeys.lives(subkey.parent, cell, now) || subkeys.has_room(subkey, coming, now)
    }

    /// How many different cells of their own that `which` names these places bring.
    fn coming(&self, places: &[Place], which: impl Fn(&Place, CellId) -> bool) -> usize {
        let brings = |(i, place): &(usize, &Place)| match place.spot {
            Spot::Own(own) => which(place, own) && !places[..*i].contains(place),
            Spot::Shared(_) => false,
        };
        places.iter().enumerate().filter(brings).count()
    }

    /// Copies of the cells concerned, each once, and which take concerns which.
    fn copies(&self, takes: &[Take], places: &[Place], now: Now) -> (Vec<Slot>, Vec<Cell>) {
        let mut cells = Vec::with_capacity(takes.len());
        let mut slots: Vec<Slot> = Vec::with_capacity(takes.len());
        for (i, (take, place)) in takes.iter().zip(places).enumerate() {
            let earlier = places[..i].iter().position(|other| other == place);
            let cell = match earlier {
                Some(at) => slots[at].cell,
                None => {
                    cells.push(
                        self.shard(place.map)
                            .read(&place.spot)
                            .unwrap_or_else(|| Cell::new(take.quantity, now)),
                    );
                    cells.len() - 1
                }
            };
            slots.push(Slot { cell });
        }
        (slots, cells)
    }

    /// A refusal moves no unit, but cells that exist keep the time and quota they were seen under.
    fn write(&mut self, takes: &[Take], places: &[Place], slots: &[Slot], cells: &[Cell], verdict: &Verdict, now: Now) {
        for (i, (take, place)) in takes.iter().zip(places).enumerate() {
            let standing = verdict.outcomes[i].standing;
            self.shard_mut(place.map)
                .write(&place.spot, take.tag, cells[slots[i].cell], standing);
            if let Some(subkey) = take.subkey
                && place.spot == Spot::Own(take.cell)
                && standing.used > 0
            {
                self.shard_mut(index_of(subkey.parent))
                    .subkeys
                    .keep(subkey.parent, take.cell, standing.resets_in, now);
            }
        }
    }
}

#[cfg(test)]
mod tests;
