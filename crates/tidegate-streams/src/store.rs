//! The sample store: one SQLite file, one writer task, a small pool for reads.

mod components;
mod cycles;
mod define;
mod erase;
mod observations;
mod places;
mod room;
mod samples;
mod schema;
mod stream;
mod stream_kind;
mod upsert;
mod value;
mod write;
mod writer;

pub(crate) use crate::observation::ObservationRow;
pub(crate) use components::ComponentRow;
pub(crate) use cycles::{CycleRow, CycleText};
pub(crate) use define::{ComponentDefinition, CycleDefinition, RhythmDefinition, StreamDefinition};
pub(crate) use erase::{ComponentErasure, SampleErasure};
pub(crate) use observations::StrikeRow;
pub(crate) use samples::SampleRange;
pub(crate) use stream::StreamRow;
pub(crate) use write::{Datum, ObservationBatch, Sample, SampleBatch, StreamKey, ValueText, Write};
pub(crate) use writer::WriteError;

pub use components::{ComponentName, StreamName};
pub use define::CYCLES_PER_TENANT_MAX;
pub use erase::SAMPLES_PER_DELETION_MAX;
pub use places::COMPONENTS_PER_TENANT_MAX;
pub use schema::OpenError;
pub use stream::{STREAMS_PER_COMPONENT_MAX, StreamShape};
pub use stream_kind::Rhythm;
pub use value::ValueKind;

use crate::live::Live;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use writer::Writer;

/// Connections that answer reads at once; further readers wait their turn.
const READERS_MAX: u32 = 4;

/// The time a statement waits for another process's lock on the file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// The store's two ends: many readers, one writer.
pub(crate) struct Store {
    reads: SqlitePool,
    writer: Writer,
    live: Arc<Live>,
}

impl Store {
    /// Opens the file, creating it and its tables when they are missing. With `bytes_max` bytes in use it is full.
    pub(crate) async fn open(path: &Path, bytes_max: u64) -> Result<Store, OpenError> {
        make_private(path).map_err(sqlx::Error::from)?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT);
        let connection = schema::prepare(&options).await?;
        let live = Arc::<Live>::default();
        let writer = Writer::start(connection, Arc::clone(&live), bytes_max);
        let reads = SqlitePoolOptions::new()
            .max_connections(READERS_MAX)
            .connect_with(options.read_only(true).create_if_missing(false))
            .await?;
        Ok(Store { reads, writer, live })
    }

    /// Queues one write and waits for its commit. Answers the rows it stored.
    pub(crate) async fn write(&self, write: Write) -> Result<u64, WriteError> {
        self.writer.write(write).await
    }

    /// Like [`Store::write`], for what hubs tell; a batch with nothing to keep is told to listeners at once.
    pub(crate) async fn take(&self, batch: ObservationBatch) -> Result<u64, WriteError> {
        if batch.rows.is_empty() && batch.strikes.is_empty() {
            self.live.publish(batch.notes, 0);
            return Ok(0);
        }
        self.write(Write::Observations(batch)).await
    }

    /// Returns the listeners to written samples.
    pub(crate) fn live(&self) -> &Arc<Live> {
        &self.live
    }

    /// Commits what is queued, then closes every connection. Later writes answer `Closed`. The writer closes last, as
    /// the last connection folds the write-ahead log into the file.
    pub(crate) async fn close(&self) {
        self.reads.close().await;
        self.writer.close().await;
    }
}

/// Samples are their tenants' own: a file that is not there yet is made readable by its owner only.
fn make_private(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let opened = std::fs::OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(path);
    match opened {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}
