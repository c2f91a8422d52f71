//! Maps behind locks that are taken in one order, so that no two requests wait for each other.

use crate::sync::{Mutex, MutexGuard};

/// Maps, each behind its lock.
#[derive(Debug)]
pub(super) struct OrderedLocks<T> {
    maps: Vec<Mutex<T>>,
}

/// The maps one request concerns, held together.
pub(super) struct LockedMaps<'s, T> {
    guards: Vec<(usize, MutexGuard<'s, T>)>,
}

impl<T> OrderedLocks<T> {
    pub(super) fn new(count: usize, map: impl Fn() -> T) -> OrderedLocks<T> {
        OrderedLocks {
            maps: (0..count).map(|_| Mutex::new(map())).collect(),
        }
    }

    /// Locks each of these once, in ascending order.
    pub(super) fn lock(&self, wanted: impl IntoIterator<Item = usize>) -> LockedMaps<'_, T> {
        // A bit for each map: there are 64.
        let mut wanted = wanted.into_iter().fold(0_u64, |set, index| set | 1 << index);
        let mut guards = Vec::with_capacity(wanted.count_ones() as usize);
        while wanted != 0 {
            let index = wanted.trailing_zeros() as usize;
            guards.push((index, self.maps[index].lock()));
            wanted &= wanted - 1;
        }
        LockedMaps { guards }
    }

    /// Returns the number of maps.
    pub(super) fn len(&self) -> usize {
        self.maps.len()
    }

    /// Locks one map.
    pub(super) fn one(&self, map: usize) -> MutexGuard<'_, T> {
        self.maps[map].lock()
    }

    /// Locks each map in turn, one at a time.
    pub(super) fn each(&self) -> impl Iterator<Item = MutexGuard<'_, T>> {
        self.maps.iter().map(|map| map.lock())
    }
}

impl<T> LockedMaps<'_, T> {
    pub(super) fn map(&self, map: usize) -> &T {
        &self.guards[self.position(map)].1
    }

    pub(super) fn map_mut(&mut self, map: usize) -> &mut T {
        let at = self.position(map);
        &mut self.guards[at].1
    }

    /// Finds a held map. Callers lock the map of every cell that they will ask for, so it is always found.
    fn position(&self, map: usize) -> usize {
        self.guards.iter().position(|(held, _)| *held == map).unwrap_or(0)
    }
}
