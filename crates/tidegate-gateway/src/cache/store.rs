//! The answers that are kept, those that are on their way, and what was changed since.
//!
//! Answers that a change makes stale are not looked for: it is written down under each of the tags it concerns, with a number that
//! only grows, and an answer that was begun before is passed over. So a change also reaches answers that are still on
//! their way.

use std::{collections::HashMap, sync::Arc};

use http::HeaderMap;
use lru::LruCache;
use tidegate_core::{freshness::Wish, partition::CellId, time::Now};

use super::{
    Bounds,
    in_flight::{Follow, InFlight},
    key::Keys,
    status::MissReason,
    stored_answer::StoredAnswer,
};

/// Most answers of one key that differ by fields of the request; the oldest goes.
const VARIANTS_MAX: usize = 8;
/// Most tags with a change that are remembered. With the one changed longest ago everything goes that was begun before.
pub(super) const CHANGES_MAX: usize = 65_536;

/// The kept answers. All of it is behind one lock, for a few lookups at a time.
#[derive(Debug)]
pub(super) struct Store {
    kept: LruCache<CellId, Vec<Arc<StoredAnswer>>>,
    answers: usize,
    bytes: usize,
    bounds: Bounds,
    flights: HashMap<CellId, Arc<InFlight>>,
    changes: LruCache<CellId, u64>,
    /// The number of the last change.
    changed: u64,
    /// The number of a change; an answer that was begun before it is passed over.
    floor: u64,
}

/// A look for an answer.
pub(super) enum Lookup {
    /// There is one.
    Fresh(Arc<StoredAnswer>),
    /// There is none that will do. One that is over can be asked about.
    Missing(MissReason, Option<Arc<StoredAnswer>>),
}

/// A look for somebody who is asking already.
pub(super) enum Joined {
    /// There is one.
    Follow(Follow),
    /// There is nobody, so this one asks.
    Lead(Arc<InFlight>),
    /// There are too many who wait already.
    Crowd,
}

impl Store {
    pub(super) fn new(bounds: Bounds) -> Store {
        Store {
            kept: LruCache::unbounded(),
            answers: 0,
            bytes: 0,
            bounds,
            flights: HashMap::new(),
            changes: LruCache::unbounded(),
            changed: 0,
            floor: 0,
        }
    }

    /// Looks for a kept answer.
    pub(super) fn look(&mut self, keys: &Keys, key: CellId, headers: &HeaderMap, wish: Wish, now: Now) -> Lookup {
        let Some(answers) = self.kept.get(&key) else {
            return Lookup::Missing(MissReason::None, None);
        };
        let Some(stored) = answers
            .iter()
            .rev()
            .find(|stored| stored.is_for(keys, headers))
            .cloned()
        else {
            return Lookup::Missing(MissReason::Vary, None);
        };
        let age = stored.age(now);
        if age >= stored.lifetime.fresh_for || self.is_changed(&stored.tags, stored.begun) {
            return Lookup::Missing(MissReason::Stale, Some(stored));
        }
        match wish.accepts(age, stored.lifetime.fresh_for) {
            true => Lookup::Fresh(stored),
            false => Lookup::Missing(MissReason::Request, Some(stored)),
        }
    }

    /// The key under which requests like this one wait for each other: with the fields that selected the last answer.
    pub(super) fn flight_key(&self, keys: &Keys, key: CellId, headers: &HeaderMap) -> CellId {
        let last = self.kept.peek(&key).and_then(|answers| answers.last());
        let selects = last.into_iter().flat_map(|last| &last.selects);
        keys.flight(key, selects.map(|(name, _)| keys.field(name, headers)))
    }

    /// Joins whoever asks the same already, unless what they will be told was changed since they asked.
    pub(super) fn join(&mut self, flight_key: CellId, tags: Vec<CellId>) -> Joined {
        if let Some(flight) = self.flights.get(&flight_key)
            && !self.is_changed(&flight.tags, flight.begun)
        {
            return match flight.followers() < self.bounds.followers_max {
                true => Joined::Follow(flight.follow()),
                false => Joined::Crowd,
            };
        }
        let flight = Arc::new(InFlight::new(tags, self.changed));
        self.flights.insert(flight_key, flight.clone());
        Joined::Lead(flight)
    }

    /// A flight is over.
    pub(super) fn leave(&mut self, flight_key: CellId, flight: &Arc<InFlight>) {
        if self
            .flights
            .get(&flight_key)
            .is_some_and(|found| Arc::ptr_eq(found, flight))
        {
            self.flights.remove(&flight_key);
        }
    }

    /// Keeps an answer. Of one key and the same selecting fields the newer takes the place of the older.
    pub(super) fn keep(&mut self, key: CellId, stored: Arc<StoredAnswer>) {
        if stored.bytes > self.bounds.bytes_max || self.is_changed(&stored.tags, stored.begun) {
            return;
        }
        let mut answers = self.take(key);
        answers.retain(|other| other.selects != stored.selects);
        if answers.len() >= VARIANTS_MAX {
            answers.remove(0);
        }
        answers.push(stored);
        self.answers += answers.len();
        self.bytes += answers.iter().map(|stored| stored.bytes).sum::<usize>();
        self.kept.put(key, answers);
        while self.bytes > self.bounds.bytes_max || self.answers > self.bounds.answers_max {
            let Some((oldest, _)) = self.kept.peek_lru() else { break };
            let oldest = *oldest;
            self.take(oldest);
        }
    }

    fn take(&mut self, key: CellId) -> Vec<Arc<StoredAnswer>> {
        let answers = self.kept.pop(&key).unwrap_or_default();
        self.answers -= answers.len();
        self.bytes -= answers.iter().map(|stored| stored.bytes).sum::<usize>();
        answers
    }

    /// Lets go of what is of no use any more.
    pub(super) fn sweep(&mut self, now: Now) {
        let is_over = |stored: &Arc<StoredAnswer>| stored.is_of_no_use(now);
        let over = self.kept.iter().filter(|(_, answers)| answers.iter().all(is_over));
        let over: Vec<CellId> = over.map(|(key, _)| *key).collect();
        over.into_iter().for_each(|key| drop(self.take(key)));
    }

    /// Something was changed that all answers with one of these tags were made from.
    pub(super) fn change(&mut self, tags: impl IntoIterator<Item = CellId>) {
        self.changed += 1;
        for tag in tags {
            self.changes.put(tag, self.changed);
        }
        while self.changes.len() > CHANGES_MAX {
            if let Some((_, forgotten)) = self.changes.pop_lru() {
                self.floor = self.floor.max(forgotten);
            }
        }
    }

    /// The number of the last change.
    pub(super) fn changed(&self) -> u64 {
        self.changed
    }

    fn is_changed(&self, tags: &[CellId], begun: u64) -> bool {
        begun < self.floor
            || tags
                .iter()
                .any(|tag| self.changes.peek(tag).is_some_and(|at| *at > begun))
    }

    /// Answers kept and their bytes.
    #[cfg(test)]
    pub(super) fn holds(&self) -> (usize, usize) {
        (self.answers, self.bytes)
    }
}
