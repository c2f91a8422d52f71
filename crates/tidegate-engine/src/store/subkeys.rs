//! The live sub-keys of parents: a caller can choose any sub-key, but only so many at once.

use std::time::Duration;

use indexmap::IndexMap;
use tidegate_core::{
    decide::Subkey,
    partition::{ByCell, CellId},
    time::Now,
};

use super::record::{Pass, Record, SUBKEYS_EACH_MAX};

/// The registries of one map.
#[derive(Debug)]
pub(super) struct Subkeys {
    parents: IndexMap<CellId, Parent, ByCell>,
    parents_max: usize,
    cursor: usize,
}

/// A parent's live sub-keys.
#[derive(Debug, Default)]
struct Parent {
    live: Vec<Live>,
    /// True when they changed since their last export.
    changed: bool,
}

/// A sub-key, and the time at which its cell will be unused.
#[derive(Clone, Copy, Debug)]
struct Live {
    cell: CellId,
    until_ns: u64,
}

/// Number of parents that are searched for expired sub-keys whenever a new sub-key may come: more than one, so that they
/// empty faster than they fill. All at once would be a way to make every request walk the whole map.
const SWEEP_STEP: usize = 2;

impl Subkeys {
    pub(super) fn new(parents_max: usize) -> Subkeys {
        Subkeys {
            parents: IndexMap::default(),
            parents_max,
            cursor: 0,
        }
    }

    /// Returns true when a sub-key lives.
    pub(super) fn lives(&self, parent: CellId, cell: CellId, now: Now) -> bool {
        self.live(parent, now).any(|known| known.cell == cell)
    }

    /// Returns true when one more may live beside those that do and the `coming` ones of the request. Without room for
    /// another parent its callers share the base cell, as if their sub-keys were used up.
    pub(super) fn has_room(&self, subkey: &Subkey, coming: usize, now: Now) -> bool {
        let parent_has_room = self.parents.len() < self.parents_max || self.parents.contains_key(&subkey.parent);
        parent_has_room && self.live(subkey.parent, now).count() + coming < subkey.max as usize
    }

    /// Keeps a sub-key whose cell is in use, until its cell is unused.
    pub(super) fn keep(&mut self, parent: CellId, cell: CellId, unused_in: Duration, now: Now) {
        let until_ns = now
            .mono_ns
            .saturating_add(u64::try_from(unused_in.as_nanos()).unwrap_or(u64::MAX));
        let parent = self.parents.entry(parent).or_default();
        parent.changed = true;
        let live = &mut parent.live;
        live.retain(|known| known.until_ns > now.mono_ns);
        match live.iter_mut().find(|known| known.cell == cell) {
            Some(known) => known.until_ns = until_ns,
            None => live.push(Live { cell, until_ns }),
        }
    }

    /// Drops some expired sub-keys.
    pub(super) fn sweep_some(&mut self, now: Now) {
        for _ in 0..SWEEP_STEP.min(self.parents.len()) {
            if self.cursor >= self.parents.len() {
                self.cursor = 0;
            }
            let Some((_, Parent { live, .. })) = self.parents.get_index_mut(self.cursor) else {
                return;
            };
            live.retain(|known| known.until_ns > now.mono_ns);
            if live.is_empty() {
                self.parents.swap_remove_index(self.cursor);
            } else {
                self.cursor += 1;
            }
        }
    }

    pub(super) fn sweep_all(&mut self, now: Now) {
        self.parents.retain(|_, Parent { live, .. }| {
            live.retain(|known| known.until_ns > now.mono_ns);
            !live.is_empty()
        });
    }

    /// Exports some of the parents, from the last one before `at` towards the first, as cells are.
    pub(super) fn export(&mut self, at: usize, step: usize, pass: Pass, now: Now, out: &mut Vec<Record>) -> usize {
        let end = at.min(self.parents.len());
        let begin = end.saturating_sub(step);
        for index in begin..end {
            let Some((id, parent)) = self.parents.get_index_mut(index) else {
                continue;
            };
            if !std::mem::take(&mut parent.changed) && pass == Pass::Changes {
                continue;
            }
            let live = parent.live.iter().filter(|known| known.until_ns > now.mono_ns);
            let live: Vec<CellId> = live.map(|known| known.cell).collect();
            out.extend(live.chunks(SUBKEYS_EACH_MAX).map(|cells| Record::Subkeys {
                parent: *id,
                cells: cells.to_vec(),
            }));
        }
        begin
    }

    fn live(&self, parent: CellId, now: Now) -> impl Iterator<Item = &Live> {
        self.parents
            .get(&parent)
            .into_iter()
            .flat_map(|parent| &parent.live)
            .filter(move |known| known.until_ns > now.mono_ns)
    }
}
