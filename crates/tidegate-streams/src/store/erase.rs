//! Samples and components go.

use super::stream::StreamRow;
use super::upsert::touch;
use super::write::ApplyError;
use sqlx::sqlite::SqliteConnection;
use std::sync::Arc;

/// A range of samples of some streams: `start_ms` included, `end_ms` excluded.
#[derive(Clone, Debug)]
pub(crate) struct SampleErasure {
    pub(crate) streams: Vec<(StreamRow, i64, i64)>,
    pub(crate) now_ms: i64,
}

/// A component with its streams and their samples.
#[derive(Clone, Debug)]
pub(crate) struct ComponentErasure {
    pub(crate) tenant: Arc<str>,
    pub(crate) component_id: i64,
}

/// The most samples one deletion takes; a wider one is refused, as nobody else is written while it goes on.
pub const SAMPLES_PER_DELETION_MAX: u32 = 1_000_000;

/// Deletes samples and answers how many there were.
pub(super) async fn samples(
    tx: &mut SqliteConnection,
    erasure: &SampleErasure,
    samples_max: u32,
) -> Result<u64, ApplyError> {
    let mut left = samples_max;
    for (stream, start_ms, end_ms) in &erasure.streams {
        let found: u32 = sqlx::query_scalar(
            "SELECT count(*) FROM (SELECT 1 FROM samples WHERE stream_id = ? AND time_ms >= ? AND time_ms < ? LIMIT ?)",
        )
        .bind(stream.id)
        .bind(start_ms)
        .bind(end_ms)
        .bind(i64::from(left) + 1)
        .fetch_one(&mut *tx)
        .await?;
        left = left.checked_sub(found).ok_or_else(|| too_many(samples_max))?;
        if found == 0 {
            continue;
        }
        sqlx::query("DELETE FROM samples WHERE stream_id = ? AND time_ms >= ? AND time_ms < ?")
            .bind(stream.id)
            .bind(start_ms)
            .bind(end_ms)
            .execute(&mut *tx)
            .await?;
        touch(tx, &[stream.id], erasure.now_ms).await?;
    }
    Ok(u64::from(samples_max - left))
}

/// Deletes a component and answers whether it was there (1 or 0).
pub(super) async fn component(
    tx: &mut SqliteConnection,
    erasure: &ComponentErasure,
    samples_max: u32,
) -> Result<u64, ApplyError> {
    const OF_COMPONENT: [&str; 2] = [
        "DELETE FROM samples WHERE stream_id IN (SELECT streams.id FROM streams
         JOIN components ON components.id = streams.component_id WHERE components.id = ? AND components.tenant = ?)",
        "DELETE FROM streams WHERE component_id IN (SELECT id FROM components WHERE id = ? AND tenant = ?)",
    ];
    let found: u32 = sqlx::query_scalar(
        "SELECT count(*) FROM (SELECT 1 FROM samples JOIN streams ON streams.id = samples.stream_id
         WHERE streams.component_id = ? LIMIT ?)",
    )
    .bind(erasure.component_id)
    .bind(i64::from(samples_max) + 1)
    .fetch_one(&mut *tx)
    .await?;
    if found > samples_max {
        return Err(too_many(samples_max));
    }
    for statement in OF_COMPONENT {
        sqlx::query(statement)
            .bind(erasure.component_id)
            .bind(&*erasure.tenant)
            .execute(&mut *tx)
            .await?;
    }
    let deleted = sqlx::query("DELETE FROM components WHERE id = ? AND tenant = ?")
        .bind(erasure.component_id)
        .bind(&*erasure.tenant)
        .execute(&mut *tx)
        .await?;
    Ok(deleted.rows_affected())
}

fn too_many(samples_max: u32) -> ApplyError {
    ApplyError::Refused(format!(
        "this would delete over {samples_max} samples at once; delete a narrower range first"
    ))
}

#[cfg(test)]
mod tests;
