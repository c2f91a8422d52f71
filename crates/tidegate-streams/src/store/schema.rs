//! The tables, and the version of their shape.

use crate::uid;
use sqlx::Connection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};

/// The shape this program reads and writes; kept in the file's `user_version`.
pub(crate) const SCHEMA_VERSION: i64 = 2;

/// The reason why the store's file could not be opened.
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
const VERSION_1: &str = "
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
";

/// `streams.rhythm` is random, point or interval, and an interval stream has a cycle. `cycles.reference` is a civil
/// date and time. The uids follow from the ids, and are kept so that they can be looked up.
///
/// `keys` counts up and never back, so that the key of a stream that was deleted never names another one: a read that
/// looked a stream up a moment ago would find a stranger's samples.
const VERSION_2: &str = "
CREATE TABLE cycles (
    id          INTEGER PRIMARY KEY,
    tenant      TEXT NOT NULL,
    cycle_id    TEXT NOT NULL,
    uid         TEXT NOT NULL UNIQUE,
    name        TEXT NOT NULL,
    description TEXT NOT NULL,
    unit        TEXT NOT NULL,
    units       INTEGER NOT NULL,
    reference   TEXT NOT NULL,
    timezone    TEXT,
    UNIQUE (tenant, cycle_id)
);
CREATE TABLE keys (last INTEGER NOT NULL);
INSERT INTO keys SELECT max(coalesce((SELECT max(id) FROM components), 0), coalesce((SELECT max(id) FROM streams), 0));
ALTER TABLE components ADD COLUMN uid TEXT;
ALTER TABLE components ADD COLUMN timezone TEXT;
ALTER TABLE streams ADD COLUMN uid TEXT;
ALTER TABLE streams ADD COLUMN name TEXT;
ALTER TABLE streams ADD COLUMN rhythm TEXT NOT NULL DEFAULT 'random';
ALTER TABLE streams ADD COLUMN cycle_id INTEGER REFERENCES cycles (id);
ALTER TABLE streams ADD COLUMN updated_ms INTEGER;
CREATE UNIQUE INDEX components_by_uid ON components (uid);
CREATE UNIQUE INDEX streams_by_uid ON streams (uid);
CREATE INDEX streams_by_cycle ON streams (cycle_id);
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
        sqlx::raw_sql(VERSION_1).execute(&mut *transaction).await?;
    }
    if found < 2 {
        sqlx::raw_sql(VERSION_2).execute(&mut *transaction).await?;
        assign_uids(&mut transaction).await?;
        sqlx::raw_sql("PRAGMA user_version = 2")
            .execute(&mut *transaction)
            .await?;
    }
    transaction.commit().await?;
    Ok(connection)
}

/// Gives existing rows the uids they would have got when they were made.
async fn assign_uids(tx: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let components: Vec<(i64, String, String)> = sqlx::query_as("SELECT id, tenant, comp_id FROM components")
        .fetch_all(&mut *tx)
        .await?;
    for (component_id, tenant, comp_id) in components {
        let component_uid = uid::component(&tenant, &comp_id);
        let streams: Vec<(i64, String)> = sqlx::query_as("SELECT id, stream_id FROM streams WHERE component_id = ?")
            .bind(component_id)
            .fetch_all(&mut *tx)
            .await?;
        for (id, stream_id) in streams {
            sqlx::query("UPDATE streams SET uid = ? WHERE id = ?")
                .bind(uid::stream(&component_uid, &stream_id))
                .bind(id)
                .execute(&mut *tx)
                .await?;
        }
        sqlx::query("UPDATE components SET uid = ? WHERE id = ?")
            .bind(component_uid)
            .bind(component_id)
            .execute(&mut *tx)
            .await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
