//! Export and import of one map's cells.

use std::time::Duration;

use tidegate_core::{
    cell::{Cell, CellState},
    decide::Tag,
    partition::CellId,
    time::Now,
};

use super::{Shard, StoredCell};
use crate::store::record::{Pass, Record, Shared};

/// The generation of imported cells; none that begins here has it.
const IMPORTED: u64 = 0;

impl Shard {
    /// Exports some of the cells, from the last one before `at` towards the first; returns where to go on, 0 at the end.
    ///
    /// It goes backwards, because cells may be dropped between two steps: a cell that fills a gap comes from behind it, so a pass may
    /// meet a cell twice and misses none that was there when it began.
    pub(in crate::store) fn export_cells(
        &mut self,
        at: usize,
        step: usize,
        pass: Pass,
        now: Now,
        out: &mut Vec<Record>,
    ) -> usize {
        let end = at.min(self.cells.len());
        let begin = end.saturating_sub(step);
        for index in begin..end {
            if let Some((id, kept)) = self.cells.get_index_mut(index)
                && let Some(state) = kept.export(pass, now)
            {
                let (id, tag) = (*id, kept.tag);
                out.push(Record::Cell { id, tag, state });
            }
        }
        begin
    }

    /// Exports the shared cells. There are few, as the policy bounds them.
    pub(in crate::store) fn export_shared(
        &mut self,
        pass: Pass,
        now: Now,
        record: impl Fn(Shared, CellState) -> Record,
        out: &mut Vec<Record>,
    ) {
        let given =
            |(shared, kept): (&Shared, &mut StoredCell)| kept.export(pass, now).map(|state| record(*shared, state));
        out.extend(self.shared.iter_mut().filter_map(given));
    }

    /// Imports a cell. It counts as changed until it is exported again.
    pub(in crate::store) fn import_cell(&mut self, id: CellId, tag: Tag, cell: Cell, now: Now) -> bool {
        if cell.is_unused(now) {
            self.cells.swap_remove(&id);
            return false;
        }
        self.cells.insert(id, StoredCell::changed(cell, tag, IMPORTED));
        true
    }

    /// Imports a shared cell.
    pub(in crate::store) fn import_shared(&mut self, shared: Shared, cell: Cell, now: Now) -> bool {
        if cell.is_unused(now) {
            self.shared.remove(&shared);
            return false;
        }
        let tag = Tag {
            limit: shared.limit,
            user: None,
        };
        self.shared.insert(shared, StoredCell::changed(cell, tag, IMPORTED));
        true
    }

    /// Returns the time until a cell is unused; `None` when there is no such cell.
    pub(in crate::store) fn unused_in(&self, id: CellId, now: Now) -> Option<Duration> {
        self.cells.get(&id)?.cell.unused_in(now)
    }
}

impl StoredCell {
    /// Returns the state to export, if this pass wants the cell, and marks the cell as unchanged. A cell that became unused
    /// has changed too: an earlier record may say otherwise.
    fn export(&mut self, pass: Pass, now: Now) -> Option<CellState> {
        let changed = std::mem::take(&mut self.changed);
        let wanted = match pass {
            Pass::Changes => changed,
            Pass::Whole => !self.cell.is_unused(now),
        };
        if wanted { self.cell.state(now) } else { None }
    }
}
