//! The SQLite file: its connections, and the settings that make commits durable.

use std::{path::Path, time::Duration};

use sqlx::{
    SqliteConnection, SqlitePool, Transaction,
    sqlite::{Sqlite, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::{AccountsError, bounds};

pub(crate) mod schema;

/// One connection that writes and a few that read. SQLite has one writer at a time anyway; waiting for it in our own
/// queue keeps the readers free and makes "busy" an error nobody sees.
pub(crate) struct Database {
    writer: SqlitePool,
    readers: SqlitePool,
}

impl Database {
    /// Opens the file, makes it if need be, and takes the steps of its schema that it has not seen.
    pub(crate) async fn open(path: &Path, steps: &[&'static str]) -> Result<Database, AccountsError> {
        create_private(path)?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_millis(bounds::LOCK_WAIT_MS_MAX));
        let writer = pool(1).connect_with(options.clone()).await?;
        schema::migrate(&writer, steps).await?;
        let readers = pool(bounds::READERS_MAX)
            .connect_with(options.pragma("query_only", "1"))
            .await?;
        Ok(Database { writer, readers })
    }

    /// Closes all connections; the last one folds the write-ahead log into the file.
    pub(crate) async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    /// Returns the connections to read from.
    pub(crate) fn readers(&self) -> &SqlitePool {
        &self.readers
    }

    /// Returns the connection to write with.
    #[cfg(test)]
    pub(crate) fn writer(&self) -> &SqlitePool {
        &self.writer
    }

    /// Begins a transaction that holds the write lock from its start, so that its reads are still true when it writes.
    pub(crate) async fn begin(&self) -> Result<Transaction<'static, Sqlite>, AccountsError> {
        Ok(self.writer.begin_with("BEGIN IMMEDIATE").await?)
    }
}

fn pool(connections_max: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections_max)
        .acquire_timeout(Duration::from_millis(bounds::CONNECTION_WAIT_MS_MAX))
        // A file does not hang up: connections need neither be tested nor renewed.
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
        .after_connect(|connection, _| Box::pin(assert_durable(connection)))
}

/// Fails unless the connection has the settings that make commits durable. SQLite ignores a setting that it cannot honour
/// without an error; with anything less a committed revocation may come undone when the power goes (fault 80).
async fn assert_durable(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    const SYNCHRONOUS_FULL: i64 = 2;
    let journal: String = sqlx::query_scalar("PRAGMA journal_mode")
        .fetch_one(&mut *connection)
        .await?;
    let synchronous: i64 = sqlx::query_scalar("PRAGMA synchronous")
        .fetch_one(&mut *connection)
        .await?;
    let foreign_keys: i64 = sqlx::query_scalar("PRAGMA foreign_keys")
        .fetch_one(&mut *connection)
        .await?;
    if journal == "wal" && synchronous == SYNCHRONOUS_FULL && foreign_keys == 1 {
        return Ok(());
    }
    let took = format!("journal_mode={journal} synchronous={synchronous} foreign_keys={foreign_keys}");
    Err(sqlx::Error::Configuration(
        format!("SQLite did not take journal_mode=wal synchronous=2 foreign_keys=1, it has {took}").into(),
    ))
}

/// Creates the file readable by its owner only; SQLite gives its companions (`-wal`, `-shm`) the same permissions.
fn create_private(path: &Path) -> Result<(), AccountsError> {
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?;
    Ok(())
}

#[cfg(test)]
mod tests;
