//! The tables, and the version of their shape.

use sqlx::Connection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};

/// The shape this program reads and writes; kept in the file's `user_version`.
pub(crate) const SCHEMA_VERSION: i64 = 1;

/// Why the store's file could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// SQLite refused: not a database, no space, no permission.
    #[error("the sample store could not be opened: {0}")]
    Storage(#[from] sqlx::Error),
    /// The file was written by a newer program.
    #[error(
        "the sample store has schema version {found}, this program knows up to {SCHEMA_VERSION}; use the newer program"
    )]
    Newer {
        /// The version found in the file.
        found: i64,
    },
}

/// `samples.value` has no declared type, so that SQLite keeps REAL, INTEGER and TEXT as they are bound.
/// `observations.fields` is a JSON array in the layout of its `kind` (obs_st, obs_air, obs_sky).
const TABLES: &str = "
CREATE TABLE observations (
    device_id INTEGER NOT NULL,
    epoch_s   INTEGER NOT NULL,
    kind      TEXT    NOT NULL,
    fields    TEXT    NOT NULL,
    PRIMARY KEY (device_id, epoch_s)
) WITHOUT ROWID;
CREATE TABLE strikes (
    device_id   INTEGER PRIMARY KEY,
    epoch_s     INTEGER NOT NULL,
    distance_km REAL    NOT NULL
);
CREATE TABLE components (
    id         INTEGER PRIMARY KEY,
    tenant     TEXT NOT NULL,
    comp_id    TEXT NOT NULL,
    name       TEXT,
    created_ms INTEGER NOT NULL,
    UNIQUE (tenant, comp_id)
);
CREATE TABLE streams (
    id           INTEGER PRIMARY KEY,
    component_id INTEGER NOT NULL REFERENCES components (id),
    stream_id    TEXT NOT NULL,
    kind         TEXT NOT NULL,
    created_ms   INTEGER NOT NULL,
    UNIQUE (component_id, stream_id)
);
CREATE TABLE samples (
    stream_id INTEGER NOT NULL REFERENCES streams (id),
    time_ms   INTEGER NOT NULL,
    value     NOT NULL,
    PRIMARY KEY (stream_id, time_ms)
) WITHOUT ROWID;
PRAGMA user_version = 1;
";

/// Connects for writing and brings the file to [`SCHEMA_VERSION`], in one transaction.
pub(crate) async fn prepare(options: &SqliteConnectOptions) -> Result<SqliteConnection, OpenError> {
    let mut connection = SqliteConnection::connect_with(options).await?;
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    let found: i64 = sqlx::query_scalar("PRAGMA user_version")
        .fetch_one(&mut *transaction)
        .await?;
    if found > SCHEMA_VERSION {
        return Err(OpenError::Newer { found });
    }
    if found < 1 {
        sqlx::raw_sql(TABLES).execute(&mut *transaction).await?;
    }
    transaction.commit().await?;
    Ok(connection)
}

#[cfg(test)]
mod tests;
