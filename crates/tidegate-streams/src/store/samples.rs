//! Samples of streams, by time.

use super::Store;
use super::stream::StreamRow;
use futures_util::TryStreamExt;
use serde_json::Value;
use sqlx::Row;

/// The samples a read asks for: `start_ms` included, `end_ms` excluded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SampleRange {
    pub(crate) start_ms: i64,
    pub(crate) end_ms: i64,
    pub(crate) samples_max: u32,
    /// True when `samples_max` keeps the newest samples of the range, rather than the oldest.
    pub(crate) newest: bool,
}

impl Store {
    /// The time of a stream's first sample, unix milliseconds.
    pub(crate) async fn first_sample_ms(&self, stream: &StreamRow) -> Result<Option<i64>, sqlx::Error> {
        sqlx::query_scalar("SELECT min(time_ms) FROM samples WHERE stream_id = ?")
            .bind(stream.id)
            .fetch_one(&self.reads)
            .await
    }

    /// Returns the first times of all streams of a component, in the order they were made.
    pub(crate) async fn first_samples_ms(&self, component_id: i64) -> Result<Vec<Option<i64>>, sqlx::Error> {
        sqlx::query_scalar(
            "SELECT (SELECT min(time_ms) FROM samples WHERE stream_id = streams.id) FROM streams
             WHERE component_id = ? ORDER BY id",
        )
        .bind(component_id)
        .fetch_all(&self.reads)
        .await
    }

    /// A stream's newest sample before `end_ms`.
    pub(crate) async fn last_sample(
        &self,
        stream: &StreamRow,
        end_ms: i64,
    ) -> Result<Option<(i64, Value)>, sqlx::Error> {
        let row = sqlx::query(
            "SELECT time_ms, value FROM samples WHERE stream_id = ? AND time_ms < ? ORDER BY time_ms DESC LIMIT 1",
        )
        .bind(stream.id)
        .bind(end_ms)
        .fetch_optional(&self.reads)
        .await?;
        row.map(|row| Ok((row.try_get(0)?, stream.kind.read(&row, 1)?)))
            .transpose()
    }

    /// Calls `each` with the samples in `range`, oldest first, until it answers false.
    pub(crate) async fn each_sample(
        &self,
        stream: &StreamRow,
        range: SampleRange,
        mut each: impl FnMut(i64, Value) -> bool,
    ) -> Result<(), sqlx::Error> {
        let statement = if range.newest {
            "SELECT * FROM (SELECT time_ms, value FROM samples
             WHERE stream_id = ? AND time_ms >= ? AND time_ms < ?
             ORDER BY time_ms DESC LIMIT ?) ORDER BY time_ms"
        } else {
            "SELECT time_ms, value FROM samples
             WHERE stream_id = ? AND time_ms >= ? AND time_ms < ? ORDER BY time_ms LIMIT ?"
        };
        let mut rows = sqlx::query(statement)
            .bind(stream.id)
            .bind(range.start_ms)
            .bind(range.end_ms)
            .bind(range.samples_max)
            .fetch(&self.reads);
        while let Some(row) = rows.try_next().await? {
            if !each(row.try_get(0)?, stream.kind.read(&row, 1)?) {
                break;
            }
        }
        Ok(())
    }
}
