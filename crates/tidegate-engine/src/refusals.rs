//! The memory of recent refusals, so that a decision id can be explained.
//!
//! Each caller has a few places of their own, so that a caller with many refusals pushes out only their own earlier refusals;
//! when there are more callers than places, the caller refused longest ago is forgotten.

use std::{
    collections::VecDeque,
    net::IpAddr,
    num::NonZeroUsize,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use lru::LruCache;
use parking_lot::Mutex;
use tidegate_core::{partition::CellId, refusal::Refusal};

/// Most callers remembered.
pub const CALLERS_MAX: NonZeroUsize = NonZeroUsize::new(4_096).unwrap();

/// Most refusals remembered of one caller.
pub const REFUSALS_PER_CALLER_MAX: usize = 8;

/// Most bytes of a path that are remembered.
pub const PATH_BYTES_MAX: usize = 200;

/// The name of one refusal, found in the `Tidegate-Decision` field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DecisionId {
    caller: u32,
    sequence: u64,
}

/// One refusal remembered.
#[derive(Clone, Debug)]
pub struct Remembered {
    /// Its id.
    pub decision: DecisionId,
    /// The time of the refusal, in Unix milliseconds.
    pub at_ms: i64,
    /// The user, where one was known.
    pub user: Option<Arc<str>>,
    /// The client's address.
    pub client: IpAddr,
    /// The route, where one matched.
    pub route: Option<Arc<str>>,
    /// Method and path, cut to [`PATH_BYTES_MAX`]; never the query, which may hold a credential.
    pub request: String,
    /// The status it was answered with.
    pub status: u16,
    /// The reason.
    pub refusal: Refusal,
    /// The cells that refused.
    pub cells: Vec<CellId>,
}

/// The bounded memory of refusals.
#[derive(Debug)]
pub struct Refusals {
    callers: Mutex<LruCache<u32, VecDeque<Remembered>>>,
    sequence: AtomicU64,
}

impl Refusals {
    /// Makes an empty memory. `start_ms`, the time of the start, keeps ids apart from those before a restart.
    pub fn new(start_ms: i64) -> Refusals {
        Refusals {
            callers: Mutex::new(LruCache::new(CALLERS_MAX)),
            sequence: AtomicU64::new(u64::try_from(start_ms).unwrap_or(0)),
        }
    }

    /// Makes a fresh id for a refusal of this caller.
    pub fn next_id(&self, caller: u32) -> DecisionId {
        DecisionId {
            caller,
            sequence: self.sequence.fetch_add(1, Ordering::Relaxed),
        }
    }

    /// Remembers a refusal.
    pub fn remember(&self, refusal: Remembered) {
        let mut callers = self.callers.lock();
        let own = callers.get_or_insert_mut(refusal.decision.caller, VecDeque::new);
        if own.len() >= REFUSALS_PER_CALLER_MAX {
            own.pop_front();
        }
        own.push_back(refusal);
    }

    /// Finds the refusal of an id, unless later ones pushed it out.
    pub fn get(&self, decision: DecisionId) -> Option<Remembered> {
        self.callers
            .lock()
            .peek(&decision.caller)?
            .iter()
            .find(|known| known.decision == decision)
            .cloned()
    }

    /// Returns the users refused last, the latest first: at most `users_max`.
    pub fn refused_last(&self, users_max: usize) -> Vec<Arc<str>> {
        let callers = self.callers.lock();
        let last = callers.iter().filter_map(|(_, own)| own.back()?.user.clone());
        last.take(users_max).collect()
    }

    /// Returns the remembered refusals of a caller, newest first.
    pub fn of_caller(&self, caller: u32) -> Vec<Remembered> {
        self.callers
            .lock()
            .peek(&caller)
            .map(|own| own.iter().rev().cloned().collect())
            .unwrap_or_default()
    }
}

// === impl DecisionId ===

impl std::fmt::Display for DecisionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:08x}-{:x}", self.caller, self.sequence)
    }
}

impl std::str::FromStr for DecisionId {
    type Err = NotADecisionId;

    fn from_str(text: &str) -> Result<DecisionId, NotADecisionId> {
        let (caller, sequence) = text.trim().split_once('-').ok_or(NotADecisionId)?;
        let caller = u32::from_str_radix(caller, 16).map_err(|_| NotADecisionId)?;
        let sequence = u64::from_str_radix(sequence, 16).map_err(|_| NotADecisionId)?;
        Ok(DecisionId { caller, sequence })
    }
}

/// The text is not in the form of a decision id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotADecisionId;

impl std::fmt::Display for NotADecisionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a decision id looks like 1a2b3c4d-19aa5f0c3e1, as in the Tidegate-Decision field of the answer")
    }
}

impl std::error::Error for NotADecisionId {}

#[cfg(test)]
mod tests;
