//! An issuer's keys, kept: read when first needed, again when they are no longer fresh, one reading at a time and never
//! more often than a floor allows, whatever callers show.

pub mod fetch;
pub mod key_set;

use std::{sync::Arc, time::Duration};

use parking_lot::Mutex;
use tidegate_core::{
    identity::{JwtRules, KeysAt},
    time::Now,
};

use key_set::KeySet;

/// The keys of one issuer.
#[derive(Debug)]
pub struct IssuerKeys {
    rules: Arc<JwtRules>,
    pace: Pace,
    kept: Mutex<KeyCache>,
    /// The lock of a reading, held to its end, also when nobody waits for it any more.
    turn: Arc<tokio::sync::Mutex<()>>,
}

/// The absence of usable keys, with the reason for the log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no usable keys of {issuer}: {why}")]
pub struct NoKeys {
    /// The issuer.
    pub issuer: Arc<str>,
    /// The fault of the last reading.
    pub why: String,
}

/// The pace at which keys are read.
#[derive(Clone, Copy, Debug)]
struct Pace {
    /// The interval between two readings while there are keys, also for a key that a token names and nobody has.
    floor: Duration,
    /// The interval between two readings while there are none.
    retry: Duration,
    /// The time that a reading is fresh where its server does not say.
    fresh: Duration,
    /// The least and the most of what it may say.
    fresh_within: (Duration, Duration),
}

#[derive(Debug, Default)]
struct KeyCache {
    set: Option<CachedSet>,
    /// The beginning of the last reading, good or not.
    tried_ns: Option<u64>,
    /// The fault of that reading.
    fault: Option<String>,
}

#[derive(Debug)]
struct CachedSet {
    keys: Arc<KeySet>,
    bytes: Vec<u8>,
    read_ns: u64,
    fresh_for: Duration,
}

/// The time that keys are used after the last good reading; then nothing is verified by them.
pub const STALE_MAX: Duration = Duration::from_secs(24 * 60 * 60);

const OF_SERVER: Pace = Pace {
    floor: Duration::from_secs(30),
    retry: Duration::from_secs(5),
    fresh: Duration::from_secs(10 * 60),
    fresh_within: (Duration::from_secs(60), Duration::from_secs(12 * 60 * 60)),
};

/// A file is looked at once a second while it is needed.
const OF_DISK: Pace = Pace {
    floor: Duration::from_secs(1),
    retry: Duration::from_secs(1),
    fresh: Duration::from_secs(1),
    fresh_within: (Duration::from_secs(1), Duration::from_secs(1)),
};

impl IssuerKeys {
    /// Makes a reader of keys by these rules; nothing is read yet.
    pub fn new(rules: Arc<JwtRules>) -> IssuerKeys {
        let pace = match rules.keys {
            KeysAt::Url(_) => OF_SERVER,
            KeysAt::Path(_) => OF_DISK,
        };
        IssuerKeys {
            rules,
            pace,
            kept: Mutex::default(),
            turn: Arc::default(),
        }
    }

    /// The keys in force. What is no longer fresh is read again behind the caller's back, and what was read last is
    /// used meanwhile, up to [`STALE_MAX`].
    ///
    /// # Errors
    /// Fails when there are none that may be used, and the reading failed or was tried just now.
    pub async fn current(self: &Arc<Self>, now: Now) -> Result<Arc<KeySet>, NoKeys> {
        let (usable, is_due) = {
            let kept = self.kept.lock();
            (kept.usable(now), kept.is_due(now, self.pace.floor))
        };
        let Some(keys) = usable else {
            return self.read(now, self.pace.retry).await;
        };
        if is_due && let Ok(turn) = self.turn.clone().try_lock_owned() {
            tokio::spawn(self.clone().read_once(now, turn));
        }
        Ok(keys)
    }

    /// The keys after a look for newer ones, where the floor allows one.
    ///
    /// # Errors
    /// Fails as [`IssuerKeys::current`] does.
    pub async fn newer(self: &Arc<Self>, now: Now) -> Result<Arc<KeySet>, NoKeys> {
        self.read(now, self.pace.floor).await
    }

    /// Reads, or waits for the reading that is under way.
    async fn read(self: &Arc<Self>, now: Now, floor: Duration) -> Result<Arc<KeySet>, NoKeys> {
        let turn = self.turn.clone().lock_owned().await;
        if self.kept.lock().may_try(now, floor) {
            // A task of its own: a caller who leaves takes no reading along.
            let reading = tokio::spawn(self.clone().read_once(now, turn));
            let _ = reading.await;
        }
        let kept = self.kept.lock();
        kept.usable(now).ok_or_else(|| NoKeys {
            issuer: self.rules.issuer.clone(),
            why: kept
                .fault
                .clone()
                .unwrap_or_else(|| "the last good keys are too old".to_owned()),
        })
    }

    async fn read_once(self: Arc<Self>, now: Now, turn: tokio::sync::OwnedMutexGuard<()>) {
        self.kept.lock().tried_ns = Some(now.mono_ns);
        let fetched = fetch::fetch(self.rules.keys.clone(), self.rules.roots.clone()).await;
        let with_secrets = matches!(self.rules.keys, KeysAt::Path(_));
        let read = fetched.and_then(|fetched| Ok((KeySet::read(&fetched.bytes, with_secrets)?, fetched)));
        match read {
            Ok((keys, fetched)) => {
                if keys.is_empty() {
                    tracing::warn!(issuer = %self.rules.issuer, "the issuer has no usable key");
                }
                let (least, most) = self.pace.fresh_within;
                let fresh_for = fetched.max_age.unwrap_or(self.pace.fresh).clamp(least, most);
                self.kept.lock().put(keys, fetched.bytes, fresh_for, now);
            }
            Err(why) => {
                tracing::error!(issuer = %self.rules.issuer, why, "the issuer's keys could not be read");
                self.kept.lock().fault = Some(why);
            }
        }
        drop(turn);
    }
}

// === impl KeyCache ===

impl KeyCache {
    fn usable(&self, now: Now) -> Option<Arc<KeySet>> {
        let held = self.set.as_ref()?;
        let age = Duration::from_nanos(now.mono_ns.saturating_sub(held.read_ns));
        (age < STALE_MAX).then(|| held.keys.clone())
    }

    fn may_try(&self, now: Now, floor: Duration) -> bool {
        let since = |tried_ns: u64| Duration::from_nanos(now.mono_ns.saturating_sub(tried_ns));
        self.tried_ns.is_none_or(|tried_ns| since(tried_ns) >= floor)
    }

    fn is_due(&self, now: Now, floor: Duration) -> bool {
        let is_stale = self
            .set
            .as_ref()
            .is_none_or(|held| Duration::from_nanos(now.mono_ns.saturating_sub(held.read_ns)) >= held.fresh_for);
        is_stale && self.may_try(now, floor)
    }

    /// A set that says the same stays the same one, and what was verified by it stays verified.
    fn put(&mut self, keys: KeySet, bytes: Vec<u8>, fresh_for: Duration, now: Now) {
        let keys = match self.set.take() {
            Some(held) if held.bytes == bytes => held.keys,
            _ => Arc::new(keys),
        };
        self.fault = None;
        self.set = Some(CachedSet {
            keys,
            bytes,
            read_ns: now.mono_ns,
            fresh_for,
        });
    }
}

#[cfg(test)]
mod tests;
