//! The handle of the accounts, through which every call goes.

use std::{fmt, path::Path, sync::Arc};

use tokio::sync::watch;

use crate::{
    AccountsError,
    bounds::{self, Bounds},
    database::{Database, schema},
    external_changes::ExternalChanges,
    lookup_cache::Cache,
    password::hashing::Hashing,
    secret_hash::{self, Hasher},
};

/// The accounts of one installation. Clones share one set of connections and one cache.
#[derive(Clone)]
pub struct Accounts {
    pub(crate) inner: Arc<Inner>,
}

/// The state that all clones share.
pub(crate) struct Inner {
    pub(crate) database: Database,
    pub(crate) hasher: Hasher,
    pub(crate) hashing: Hashing,
    pub(crate) cache: Cache,
    pub(crate) external_changes: ExternalChanges,
    /// Counts changes, for those who hold something a change may end (an open socket).
    pub(crate) changes: watch::Sender<u64>,
    pub(crate) bounds: Bounds,
}

impl Accounts {
    /// Opens the SQLite file, makes it (readable by its owner only) if need be, and brings its schema up to date.
    /// Its folder must be there. `key` is the installation's key; it is not kept, and not written to the file.
    ///
    /// Errors: `WrongKey` when the file was made with another key, `NewerSchema`, `File`, `Database`; the last also
    /// when SQLite did not take WAL or `synchronous=FULL`.
    pub async fn open(path: &Path, key: [u8; 32]) -> Result<Accounts, AccountsError> {
        Accounts::open_bounded(path, key, Bounds::default()).await
    }

    /// Closes all connections, for every clone, and folds the write-ahead log into the file. Later calls
    /// fail with `Database`, except a look-up that needs no database.
    pub async fn close(&self) {
        self.inner.database.close().await;
    }

    /// Returns a number that grows with every change. The holder of something that a change may end, such as an open
    /// socket, waits on it and looks it up again ([`Accounts::lookup_id`]).
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.inner.changes.subscribe()
    }

    /// Opens the file as [`Accounts::open`] does, with other bounds.
    pub(crate) async fn open_bounded(path: &Path, key: [u8; 32], bounds: Bounds) -> Result<Accounts, AccountsError> {
        let database = Database::open(path, schema::STEPS).await?;
        schema::check_key(&database, &secret_hash::fingerprint(&key)).await?;
        Ok(Accounts {
            inner: Arc::new(Inner {
                database,
                hasher: Hasher::new(&key),
                hashing: Hashing::new(&key),
                cache: Cache::new(bounds::CACHE_WEIGHT_MAX, bounds::CACHE_REFUSALS_MAX),
                external_changes: ExternalChanges::default(),
                changes: watch::Sender::new(0),
                bounds,
            }),
        })
    }
}

impl fmt::Debug for Accounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Accounts").finish_non_exhaustive()
    }
}

// === impl Inner ===

impl Inner {
    /// Makes a change act: empties the cache, so that no answer from before it is given any more.
    pub(crate) fn forget(&self) {
        self.cache.clear();
        self.changes.send_modify(|count| *count += 1);
    }

    /// Empties the cache when another process has added to the trail. One caller asks, at most once in
    /// [`bounds::EXTERNAL_CHANGE_MS_MAX`], so that a cached look-up costs no query of its own.
    pub(crate) async fn notice_external_changes(&self, now_ms: i64) -> Result<(), AccountsError> {
        let Some(turn) = self.external_changes.turn(now_ms) else {
            return Ok(());
        };
        let seq: i64 = sqlx::query_scalar("SELECT COALESCE(MAX(seq), 0) FROM audit")
            .fetch_one(self.database.readers())
            .await?;
        turn.end();
        if self.external_changes.has_grown(seq) {
            self.forget();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
