//! Export of the counts that outlive the process, a little at a time, and their import at the next start.

use std::sync::atomic::Ordering;

use tidegate_core::time::Now;

use super::{
    Store,
    location::index_of,
    record::{Pass, Record},
};

/// Most cells that are looked at while their map is locked: a request that wants the map waits for no more than these.
const STEP_CELLS: usize = 256;

impl Store {
    /// Exports the counts that outlive a process, a few at a time; `sink` runs while nothing is locked.
    ///
    /// A change during the pass may be in it or not; if not, it is in the next one. After a pass whose sink failed a whole
    /// one must follow.
    ///
    /// # Errors
    /// The sink's first error, which ends the pass.
    pub fn export<E>(&self, pass: Pass, now: Now, mut sink: impl FnMut(&[Record]) -> Result<(), E>) -> Result<(), E> {
        if pass == Pass::Whole {
            self.forgot.store(false, Ordering::Release);
        }
        let mut records = Vec::with_capacity(STEP_CELLS);
        // Cells before registries, because a sub-key lives as long as its cell.
        for map in 0..self.maps.len() {
            let mut at = usize::MAX;
            while at > 0 {
                at = self.maps.one(map).export_cells(at, STEP_CELLS, pass, now, &mut records);
                hand_out(&mut records, &mut sink)?;
            }
            let shared = |shared, state| Record::Shared {
                map: u8::try_from(map).unwrap_or(u8::MAX),
                shared,
                state,
            };
            self.maps.one(map).export_shared(pass, now, shared, &mut records);
            hand_out(&mut records, &mut sink)?;
        }
        for map in 0..self.maps.len() {
            let mut at = usize::MAX;
            while at > 0 {
                at = self
                    .maps
                    .one(map)
                    .subkeys
                    .export(at, STEP_CELLS, pass, now, &mut records);
                hand_out(&mut records, &mut sink)?;
            }
        }
        Ok(())
    }

    /// Returns true when cells were forgotten since the last whole pass began: only a whole pass leaves them out.
    pub fn has_forgotten(&self) -> bool {
        self.forgot.load(Ordering::Acquire)
    }

    /// Imports a record of an earlier process, before the first request; returns false when it no longer counts. Expired
    /// counts are left out.
    ///
    /// Nothing that counts is turned away here: where `cells_max` was lowered, the store is over it until enough has
    /// expired, and no new cell comes until then.
    pub fn import(&self, record: Record, now: Now) -> bool {
        match record {
            Record::Cell { id, tag, state } => match state.cell(now) {
                Some(cell) => self.maps.one(index_of(id)).import_cell(id, tag, cell, now),
                None => false,
            },
            Record::Shared { map, shared, state } => match state.cell(now) {
                Some(cell) if usize::from(map) < self.maps.len() => {
                    self.maps.one(usize::from(map)).import_shared(shared, cell, now)
                }
                _ => false,
            },
            Record::Subkeys { parent, cells } => {
                let mut lives = false;
                for id in cells {
                    let unused_in = self.maps.one(index_of(id)).unused_in(id, now);
                    if let Some(unused_in) = unused_in.filter(|unused_in| !unused_in.is_zero()) {
                        let mut map = self.maps.one(index_of(parent));
                        map.subkeys.keep(parent, id, unused_in, now);
                        lives = true;
                    }
                }
                lives
            }
        }
    }
}

fn hand_out<E>(records: &mut Vec<Record>, sink: &mut impl FnMut(&[Record]) -> Result<(), E>) -> Result<(), E> {
    if records.is_empty() {
        return Ok(());
    }
    let done = sink(records);
    records.clear();
    done
}

#[cfg(test)]
mod tests;
