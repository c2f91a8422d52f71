//! The ledger of usage: sums by payer and month, into which every batch of the log is entered once.
//!
//! It is a file of its own: it is written every second and read at the end of a month, and look-ups of credentials should
//! not wait for that. It has two books. The first holds the batches that were shipped. The second holds the batches that
//! were read again from a segment before it was deleted, so that at any time the first book must equal the second one and
//! the rest of the log together. The last days are kept beside the books, for charts.

mod days;
mod enter;
mod months;
mod read;

use std::{collections::HashMap, path::Path};

use tidegate_core::usage::{BatchId, Payer, Seqs, Sums};

use crate::{AccountsError, bounds, database::Database};

pub use days::DaysOf;

/// The steps of the ledger's schema, one for each version. Steps are only ever added.
const STEPS: &[&str] = &[include_str!("ledger/0001.sql"), include_str!("ledger/0002.sql")];

/// The ledger of one installation.
pub struct Ledger {
    database: Database,
    payers_per_month_max: u32,
    payers_per_day_max: u32,
}

/// One of the two books.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Book {
    /// Batches shipped from the log.
    Shipped,
    /// Batches read again from segments before they were deleted.
    Retired,
}

/// The result of entering batches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Entered {
    /// Number of batches that are new.
    pub new: u64,
    /// Number of batches that the book had already, and that were left out.
    pub again: u64,
}

/// The choice of rows to read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UsageQuery {
    /// The only tenant to read, where one is given.
    pub tenant: Option<String>,
    /// The only user to read, where one is given.
    pub user: Option<String>,
    /// The grouping of rows.
    pub by: UsageBy,
}

/// The grouping of usage rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UsageBy {
    /// A row for each tenant.
    #[default]
    Tenant,
    /// A row for each user of each tenant.
    User,
    /// A row for each route of each tenant.
    Route,
}

/// The sums of one payer in a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageRow {
    /// The payer, without the names that the grouping does not tell apart.
    pub payer: Payer,
    /// The sums.
    pub sums: Sums,
}

/// The ids of the batches in a book.
#[derive(Clone, Debug, Default)]
pub struct Entries(HashMap<(u64, u64), Seqs>);

impl Ledger {
    /// Opens the SQLite file, makes it (readable by its owner only) if need be, and brings its schema up to date.
    /// Its folder must be there.
    ///
    /// Errors: `NewerSchema`, `File`, `Database`; the last also when SQLite did not take WAL or `synchronous=FULL`.
    pub async fn open(path: &Path) -> Result<Ledger, AccountsError> {
        Ledger::open_bounded(path, bounds::PAYERS_PER_MONTH_MAX, bounds::PAYERS_PER_DAY_MAX).await
    }

    /// Closes all connections and folds the write-ahead log into the file.
    pub async fn close(&self) {
        self.database.close().await;
    }

    pub(crate) async fn open_bounded(
        path: &Path,
        payers_per_month_max: u32,
        payers_per_day_max: u32,
    ) -> Result<Ledger, AccountsError> {
        Ok(Ledger {
            database: Database::open(path, STEPS).await?,
            payers_per_month_max,
            payers_per_day_max,
        })
    }
}

impl std::fmt::Debug for Ledger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ledger").finish_non_exhaustive()
    }
}

// === impl Book ===

impl Book {
    fn number(self) -> i64 {
        match self {
            Book::Shipped => 1,
            Book::Retired => 2,
        }
    }
}

// === impl Entries ===

impl Entries {
    /// Returns true when the batch is among them.
    pub fn contains(&self, id: BatchId) -> bool {
        let seqs = self.0.get(&(id.node, id.epoch));
        seqs.is_some_and(|seqs| seqs.contains(id.seq))
    }

    /// Adds a batch; returns false when it is among them already.
    pub fn insert(&mut self, id: BatchId) -> bool {
        self.0.entry((id.node, id.epoch)).or_default().insert(id.seq)
    }

    /// Counts the batches whose numbers were passed over: they were written once, and lost.
    pub fn missing(&self) -> u64 {
        self.0.values().map(Seqs::missing).sum()
    }

    /// Returns the last run of a node.
    pub fn last_epoch(&self, node: u64) -> Option<u64> {
        let epochs = self.0.keys().filter(|(of, _)| *of == node);
        epochs.map(|(_, epoch)| *epoch).max()
    }
}

#[cfg(test)]
mod tests;
