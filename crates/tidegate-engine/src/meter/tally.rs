//! Sums of usage in memory, since they were last taken.

use std::{
    collections::{HashMap, hash_map::RandomState},
    hash::BuildHasher,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use parking_lot::Mutex;
use tidegate_core::usage::{Day, Entry, Payer, Sums, When};

/// Most payers that are told apart between two takings. Past it users and routes of a tenant are added up under the
/// tenant, and past as many tenants again under nobody: sums stay whole, and tell fewer payers apart.
pub const PAYERS_MAX: usize = 65_536;

/// Number of maps over which payers are spread, so that requests which end together seldom wait for each other.
const SHARDS: usize = 16;

/// The sums. Shared by all doors of a program.
#[derive(Debug)]
pub struct Tally {
    shards: [Mutex<HashMap<(Payer, Day), Sums>>; SHARDS],
    random: RandomState,
    payers_max: usize,
    begun: AtomicU64,
    ended: AtomicU64,
    coarsened: AtomicU64,
    is_refusing: AtomicBool,
}

/// A request or socket that has not ended. It ends when this is dropped.
#[derive(Debug)]
#[must_use = "what is dropped at once has ended"]
pub struct InProgress(Arc<Tally>);

impl Tally {
    /// Makes empty sums.
    pub fn new() -> Tally {
        Tally::bounded(PAYERS_MAX)
    }

    /// Makes empty sums that tell `payers_max` payers apart.
    pub(crate) fn bounded(payers_max: usize) -> Tally {
        Tally {
            shards: Default::default(),
            random: RandomState::new(),
            payers_max,
            begun: AtomicU64::new(0),
            ended: AtomicU64::new(0),
            coarsened: AtomicU64::new(0),
            is_refusing: AtomicBool::new(false),
        }
    }

    /// Begins a request whose usage will be added.
    pub fn begin(self: &Arc<Tally>) -> InProgress {
        self.begun.fetch_add(1, Ordering::AcqRel);
        InProgress(self.clone())
    }

    /// Counts the requests that began so far.
    pub fn begun(&self) -> u64 {
        self.begun.load(Ordering::Acquire)
    }

    /// Counts the requests that began and did not end.
    pub fn open(&self) -> u64 {
        let ended = self.ended.load(Ordering::Acquire);
        self.begun().saturating_sub(ended)
    }

    /// Adds usage. The caller names the day of the event's own time once; no later reading of a clock moves it.
    pub fn add(&self, payer: Payer, day: Day, sums: &Sums) {
        let mut key = (payer, day);
        let shard = self.random.hash_one((&key.0.tenant, &key.0.user)) as usize % SHARDS;
        let mut payers = self.shards[shard].lock();
        let room = self.payers_max / SHARDS;
        for payers_max in [room, 2 * room] {
            if payers.len() < payers_max || payers.contains_key(&key) {
                break;
            }
            key.0 = key.0.coarser();
            self.coarsened.fetch_add(1, Ordering::Relaxed);
        }
        payers.entry(key).or_default().add(sums);
    }

    /// Takes all sums, and leaves none.
    pub fn take(&self) -> Vec<Entry> {
        let mut entries = Vec::new();
        for shard in &self.shards {
            let taken = std::mem::take(&mut *shard.lock());
            let taken = taken.into_iter();
            entries.extend(taken.map(|((payer, day), sums)| Entry {
                payer,
                when: When::Day(day),
                sums,
            }));
        }
        entries
    }

    /// Returns true when nothing was used since the last taking.
    pub fn is_empty(&self) -> bool {
        self.shards.iter().all(|shard| shard.lock().is_empty())
    }

    /// Counts how often there was no room to tell a payer apart.
    pub fn coarsened(&self) -> u64 {
        self.coarsened.load(Ordering::Relaxed)
    }

    /// Sets the flag that requests are to be refused, because their usage could not be written to the log.
    pub fn set_refusing(&self, is_refusing: bool) {
        self.is_refusing.store(is_refusing, Ordering::Release);
    }

    /// Returns true when requests are to be refused.
    pub fn is_refusing(&self) -> bool {
        self.is_refusing.load(Ordering::Acquire)
    }
}

impl Default for Tally {
    fn default() -> Tally {
        Tally::new()
    }
}

impl Drop for InProgress {
    fn drop(&mut self) {
        self.0.ended.fetch_add(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests;
