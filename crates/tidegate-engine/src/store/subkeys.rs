//! The live sub-keys of parents: a caller can choose any sub-key, but only so many at once.

use std::time::Duration;

use indexmap::IndexMap;
use tidegate_core::{decide::Subkey, partition::CellId, time::Now};

/// The registries of one map.
#[derive(Debug)]
pub(super) struct Subkeys {
    parents: IndexMap<CellId, Vec<Live>>,
    parents_max: usize,
}

/// A sub-key and when its cell will be unused.
#[derive(Clone, Copy, Debug)]
struct Live {
    cell: CellId,
    until_ns: u64,
}

impl Subkeys {
    pub(super) fn new(parents_max: usize) -> Subkeys {
        Subkeys { parents: IndexMap::new(), parents_max }
    }

    /// Whether a sub-key counts in its own cell: it lives already, or there is room for one more.
    pub(super) fn admits(&mut self, subkey: &Subkey, cell: CellId, now: Now) -> bool {
        let Some(live) = self.parents.get_mut(&subkey.parent) else { return self.has_room(now) };
        live.retain(|known| known.until_ns > now.mono_ns);
        live.iter().any(|known| known.cell == cell) || live.len() < subkey.max as usize
    }

    /// Keeps a sub-key that something was taken for, until its cell is unused.
    pub(super) fn keep(&mut self, subkey: &Subkey, cell: CellId, unused_in: Duration, now: Now) {
        let until_ns = now.mono_ns.saturating_add(u64::try_from(unused_in.as_nanos()).unwrap_or(u64::MAX));
        let live = self.parents.entry(subkey.parent).or_default();
        match live.iter_mut().find(|known| known.cell == cell) {
            Some(known) => known.until_ns = until_ns,
            None => live.push(Live { cell, until_ns }),
        }
    }

    pub(super) fn sweep_all(&mut self, now: Now) {
        self.parents.retain(|_, live| {
            live.retain(|known| known.until_ns > now.mono_ns);
            !live.is_empty()
        });
    }

    /// With no room for another parent its callers share the base cell, as if their sub-keys were used up.
    fn has_room(&mut self, now: Now) -> bool {
        if self.parents.len() >= self.parents_max {
            self.sweep_all(now);
        }
        self.parents.len() < self.parents_max
    }
}
