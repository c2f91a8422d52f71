//! A batch of samples goes into the store: components and streams are made on the way, and what is sent again replaces
//! what was there.

use super::places::Places;
use super::stream::StreamRow;
use super::stream_kind::Rhythm;
use super::value::Fitted;
use super::write::{ApplyError, Datum, Sample, SampleBatch, TypeMismatch};
use crate::intervals::Cycle;
use sqlx::sqlite::SqliteConnection;
use sqlx::{QueryBuilder, Sqlite};
use std::collections::BTreeMap;

/// Rows of one statement; a constant, so that the statement is prepared once.
const ROWS_PER_STATEMENT: usize = 100;

/// Writes a batch and answers how many samples it took. Streams that are new take the type of their first sample in
/// the batch.
pub(super) async fn upsert(tx: &mut SqliteConnection, batch: &SampleBatch) -> Result<u64, ApplyError> {
    let mut of_stream: Vec<Vec<&Sample>> = vec![Vec::new(); batch.streams.len()];
    for sample in &batch.samples {
        of_stream[sample.stream as usize].push(sample);
    }
    let mut places = Places::of(&batch.tenant, batch.now_ms);
    let mut taken = Taken::default();
    for (key, samples) in batch.streams.iter().zip(of_stream) {
        let first = samples.iter().find_map(|sample| sample.datum.as_ref());
        if let Some(stream) = places.stream(tx, key, first.map(Datum::kind)).await? {
            take(tx, batch, &stream, &samples, &mut taken).await?;
        }
    }
    insert(tx, &taken.rows).await?;
    for streams in taken.streams.chunks(ROWS_PER_STATEMENT) {
        touch(tx, streams, batch.now_ms).await?;
    }
    Ok(taken.samples)
}

/// The rows of a batch to be stored, over all of its streams: many small streams would be as many statements.
#[derive(Default)]
struct Taken<'a> {
    rows: Vec<Row<'a>>,
    streams: Vec<i64>,
    samples: u64,
}

/// A stream's key, a time and a value.
type Row<'a> = (i64, i64, Fitted<'a>);

/// Takes of one stream's samples what its rhythm keeps.
async fn take<'a>(
    tx: &mut SqliteConnection,
    batch: &'a SampleBatch,
    stream: &StreamRow,
    samples: &[&'a Sample],
    taken: &mut Taken<'a>,
) -> Result<(), ApplyError> {
    let mut timed = Vec::with_capacity(samples.len());
    for sample in samples {
        timed.push((sample.time_ms, fit(batch, sample, stream)?));
    }
    if !matches!(stream.rhythm, Rhythm::Interval(_)) {
        timed.retain(|(_, value)| value.is_some());
    }
    if timed.is_empty() {
        return Ok(());
    }
    taken.samples += timed.len() as u64;
    taken.streams.push(stream.id);
    let kept: Vec<(i64, Option<Fitted<'a>>)> = match &stream.rhythm {
        Rhythm::Random => timed,
        Rhythm::Point => newest_point(tx, stream, &timed).await?.into_iter().collect(),
        Rhythm::Interval(cycle) => intervals(cycle, timed).into_iter().collect(),
    };
    for (time_ms, value) in kept {
        match value {
            Some(value) => taken.rows.push((stream.id, time_ms, value)),
            None => delete(tx, stream, time_ms).await?,
        }
    }
    Ok(())
}

/// Samples by the beginnings of their intervals; of several in one, the latest, and of those with one time the last
/// that was sent.
fn intervals<'a>(cycle: &Cycle, mut timed: Vec<(i64, Option<Fitted<'a>>)>) -> BTreeMap<i64, Option<Fitted<'a>>> {
    timed.sort_by_key(|(time_ms, _)| *time_ms);
    let mut found = BTreeMap::new();
    let (mut start_ms, mut end_ms) = (i64::MAX, i64::MIN);
    for (time_ms, value) in timed {
        // A calendar is asked once an interval, not once a sample.
        if time_ms >= end_ms {
            (start_ms, end_ms) = (cycle.start_of(time_ms), cycle.end_of(time_ms));
        }
        found.insert(start_ms, value);
    }
    found
}

fn fit<'a>(batch: &SampleBatch, sample: &'a Sample, stream: &StreamRow) -> Result<Option<Fitted<'a>>, ApplyError> {
    let Some(datum) = &sample.datum else {
        return Ok(None);
    };
    let fitted = stream.kind.fit(datum);
    fitted.map(Some).ok_or_else(|| {
        let key = &batch.streams[sample.stream as usize];
        ApplyError::Type(TypeMismatch {
            element: sample.element,
            comp_id: key.comp_id.clone(),
            stream_id: key.stream_id.clone(),
            expected: stream.kind,
            found: datum.kind(),
        })
    })
}

/// Stores the rows in the order they come: of two with one time the second stays.
async fn insert(tx: &mut SqliteConnection, rows: &[Row<'_>]) -> Result<(), sqlx::Error> {
    for chunk in rows.chunks(ROWS_PER_STATEMENT) {
        let mut query = QueryBuilder::<Sqlite>::new("INSERT INTO samples (stream_id, time_ms, value) ");
        query.push_values(chunk, |mut tuple, (stream_id, time_ms, value)| {
            tuple.push_bind(*stream_id).push_bind(*time_ms);
            match value {
                Fitted::Real(number) => tuple.push_bind(*number),
                Fitted::Integer(integer) => tuple.push_bind(*integer),
                Fitted::Text(text) => tuple.push_bind((*text).to_owned()),
            };
        });
        query.push(" ON CONFLICT DO UPDATE SET value = excluded.value");
        query.build().execute(&mut *tx).await?;
    }
    Ok(())
}

/// The newest of some samples, and of several with one time the last that was sent; `None` if a newer one is there.
/// Older ones that are there go.
async fn newest_point<'a>(
    tx: &mut SqliteConnection,
    stream: &StreamRow,
    timed: &[(i64, Option<Fitted<'a>>)],
) -> Result<Option<(i64, Option<Fitted<'a>>)>, sqlx::Error> {
    let Some(newest) = timed.iter().max_by_key(|(time_ms, _)| *time_ms) else {
        return Ok(None);
    };
    let there: Option<i64> = sqlx::query_scalar("SELECT max(time_ms) FROM samples WHERE stream_id = ?")
        .bind(stream.id)
        .fetch_one(&mut *tx)
        .await?;
    if there.is_some_and(|there| there > newest.0) {
        return Ok(None);
    }
    sqlx::query("DELETE FROM samples WHERE stream_id = ?")
        .bind(stream.id)
        .execute(&mut *tx)
        .await?;
    Ok(Some(*newest))
}

async fn delete(tx: &mut SqliteConnection, stream: &StreamRow, time_ms: i64) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM samples WHERE stream_id = ? AND time_ms = ?")
        .bind(stream.id)
        .bind(time_ms)
        .execute(&mut *tx)
        .await?;
    Ok(())
}

/// Remembers when streams were last written.
pub(super) async fn touch(tx: &mut SqliteConnection, streams: &[i64], now_ms: i64) -> Result<(), sqlx::Error> {
    let mut query = QueryBuilder::<Sqlite>::new("UPDATE streams SET updated_ms = ");
    query.push_bind(now_ms).push(" WHERE id IN (");
    let mut keys = query.separated(", ");
    for stream in streams {
        keys.push_bind(*stream);
    }
    query.push(")").build().execute(&mut *tx).await?;
    Ok(())
}
