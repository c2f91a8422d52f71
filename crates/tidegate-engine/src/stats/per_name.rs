//! A value for each name of the policy. It outlives a reload, and no caller can add a name.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
    sync::Arc,
};

use arc_swap::ArcSwap;

/// The name under which everything past the bound is counted.
pub const OTHERS: &str = "(others)";

/// One `T` for each name. Names come from limits files alone; past the bound they share one `T`, called [`OTHERS`].
#[derive(Debug)]
pub(crate) struct PerName<T> {
    known: ArcSwap<HashMap<Arc<str>, Arc<T>, BuildHasherDefault<Quick>>>,
    others: Arc<T>,
    names_max: usize,
}

/// A hasher that takes eight bytes at a time, since names are looked up for every answer. Nobody outside chooses the names,
/// so it needs no key.
#[derive(Clone, Copy, Debug, Default)]
struct Quick(u64);

/// The golden ratio in 64 bits: odd, and without a pattern.
const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

impl<T: Default> PerName<T> {
    pub(crate) fn new(names_max: usize) -> PerName<T> {
        PerName {
            known: ArcSwap::default(),
            others: Arc::default(),
            names_max,
        }
    }

    /// Runs `work` on the value of a name. A name that is met for the first time is remembered for good.
    pub(crate) fn with<R>(&self, name: &Arc<str>, work: impl FnOnce(&T) -> R) -> R {
        match self.known.load().get(name) {
            Some(own) => work(own),
            None => work(&self.add(name)),
        }
    }

    /// Remembers a name, so that it is shown before anything was counted of it.
    pub(crate) fn add(&self, name: &Arc<str>) -> Arc<T> {
        let own = Arc::<T>::default();
        self.known.rcu(|known| {
            if known.contains_key(name) || known.len() >= self.names_max {
                return known.clone();
            }
            let mut more = HashMap::clone(known);
            more.insert(name.clone(), own.clone());
            Arc::new(more)
        });
        self.known.load().get(name).unwrap_or(&self.others).clone()
    }

    /// Returns all values, sorted by name; behind them the shared one, if the bound was reached.
    pub(crate) fn all(&self) -> Vec<(Arc<str>, Arc<T>)> {
        let known = self.known.load();
        let mut all: Vec<_> = known.iter().map(|(name, own)| (name.clone(), own.clone())).collect();
        all.sort_by(|(a, _), (b, _)| a.cmp(b));
        if known.len() >= self.names_max {
            all.push((OTHERS.into(), self.others.clone()));
        }
        all
    }
}

// === impl Quick ===

impl Hasher for Quick {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.0 = (self.0.rotate_left(23) ^ u64::from_le_bytes(word)).wrapping_mul(FACTOR);
        }
    }

    fn finish(&self) -> u64 {
        // The low bits choose a place, and after a product the high ones know more.
        self.0 ^ self.0 >> 32
    }
}

#[cfg(test)]
mod tests;
