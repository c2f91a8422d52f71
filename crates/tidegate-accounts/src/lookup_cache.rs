//! The cache of look-up answers in memory: bounded, and emptied by every change.

use std::{collections::HashMap, sync::Arc};

use parking_lot::{Mutex, MutexGuard};
use tidegate_core::identity::{Grants, Invalid, Token};

use crate::{bounds, secret_hash::SecretHash};

/// Number of shards, so that requests on several cores seldom wait for one lock.
const SHARDS: usize = 8;

// The heaviest token fits one half of one shard, so that no token asks the database at every request.
const _: () = assert!((bounds::GRANTS_PER_TOKEN_MAX as usize) < bounds::CACHE_WEIGHT_MAX / SHARDS / 2);

/// The answer of a look-up in the database. It does not hold whether the token has expired: that is checked at every
/// request.
#[derive(Clone, Debug)]
pub(crate) enum CachedLookup {
    /// The credential names this token.
    Token(Arc<Token>),
    /// The credential names nobody, for this reason.
    Refused(Invalid),
}

/// The answers, keyed by the secret's keyed hash. No secret is held.
///
/// A panic while a lock was held leaves at worst an entry less or more, never a wrong answer.
pub(crate) struct Cache {
    shards: [Mutex<Shard>; SHARDS],
}

/// The state of a shard when a query of the database began. An answer is only kept if nothing has changed since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Generation(u64);

struct Shard {
    generation: u64,
    tokens: Turns<Arc<Token>>,
    refusals: Turns<Invalid>,
}

/// Entries in two halves. When the young half is full it becomes the old one, and the old one is forgotten; an old
/// entry that is asked for becomes young again. So what is in use stays, at the cost of two look-ups.
struct Turns<V> {
    young: HashMap<SecretHash, V>,
    young_weight: usize,
    old: HashMap<SecretHash, V>,
    half_weight_max: usize,
}

impl Cache {
    /// Makes an empty cache: tokens up to a weight in all, refusals up to a number in all.
    pub(crate) fn new(weight_max: usize, refusals_max: usize) -> Cache {
        let shard = || {
            Mutex::new(Shard {
                generation: 0,
                tokens: Turns::new(weight_max / SHARDS),
                refusals: Turns::new(refusals_max / SHARDS),
            })
        };
        Cache {
            shards: std::array::from_fn(|_| shard()),
        }
    }

    /// Returns the answer, or the generation to hand back with the database's answer.
    pub(crate) fn get(&self, hash: SecretHash) -> Result<CachedLookup, Generation> {
        let mut shard = self.shard(hash);
        if let Some(token) = shard.tokens.get(hash, weight) {
            return Ok(CachedLookup::Token(token));
        }
        if let Some(reason) = shard.refusals.get(hash, |_| 1) {
            return Ok(CachedLookup::Refused(reason));
        }
        Err(Generation(shard.generation))
    }

    /// Keeps an answer, unless the cache was emptied since the query began: the answer may be older than the change.
    pub(crate) fn put(&self, hash: SecretHash, found: &CachedLookup, asked_in: Generation) {
        let mut shard = self.shard(hash);
        if shard.generation != asked_in.0 {
            return;
        }
        match found {
            CachedLookup::Token(token) => shard.tokens.put(hash, token.clone(), weight(token)),
            CachedLookup::Refused(reason) => shard.refusals.put(hash, *reason, 1),
        }
    }

    /// Forgets everything, answers on their way included.
    pub(crate) fn clear(&self) {
        for shard in &self.shards {
            let mut shard = shard.lock();
            shard.generation += 1;
            shard.tokens.clear();
            shard.refusals.clear();
        }
    }

    fn shard(&self, hash: SecretHash) -> MutexGuard<'_, Shard> {
        self.shards[hash.shard(SHARDS)].lock()
    }
}

/// Returns one for the entry and one for each resource it grants.
fn weight(token: &Arc<Token>) -> usize {
    match &token.grants {
        Grants::All => 1,
        Grants::Only(resources) => 1 + resources.len(),
    }
}

// === impl Turns ===

impl<V: Clone> Turns<V> {
    fn new(weight_max: usize) -> Turns<V> {
        Turns {
            young: HashMap::new(),
            young_weight: 0,
            old: HashMap::new(),
            half_weight_max: weight_max / 2,
        }
    }

    fn get(&mut self, hash: SecretHash, weight: impl Fn(&V) -> usize) -> Option<V> {
        if let Some(value) = self.young.get(&hash) {
            return Some(value.clone());
        }
        let value = self.old.remove(&hash)?;
        self.put(hash, value.clone(), weight(&value));
        Some(value)
    }

    fn put(&mut self, hash: SecretHash, value: V, weight: usize) {
        if self.young_weight + weight > self.half_weight_max {
            self.old = std::mem::take(&mut self.young);
            self.young_weight = 0;
        }
        if self.young.insert(hash, value).is_none() {
            self.young_weight += weight;
        }
    }

    fn clear(&mut self) {
        self.young.clear();
        self.old.clear();
        self.young_weight = 0;
    }
}

#[cfg(test)]
mod tests;
