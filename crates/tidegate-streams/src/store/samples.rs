//! Samples of streams: per tenant, component and stream, by time.

use super::Store;
use super::write::{ApplyError, Datum, Sample, SampleBatch, StreamKey, TypeMismatch};
use futures_util::TryStreamExt;
use serde_json::Value;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{QueryBuilder, Row, Sqlite};

/// The type of a stream's values, set by its first sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueKind {
    /// 64-bit floating point.
    Number,
    /// True or false.
    Boolean,
    /// Text.
    Text,
}

/// What the host may ask about a stream, to reckon what a read will cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamShape {
    /// The type of its values.
    pub kind: ValueKind,
    /// The time of its first sample, unix milliseconds; `None` when it has none.
    pub first_ms: Option<i64>,
}

/// A stream as it lies in the store.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StreamRow {
    pub(crate) id: i64,
    pub(crate) kind: ValueKind,
}

/// Which samples a read asks for: `start_ms` included, `end_ms` excluded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SampleRange {
    pub(crate) start_ms: i64,
    pub(crate) end_ms: i64,
    pub(crate) samples_max: u32,
    /// Whether `samples_max` keeps the newest samples of the range, rather than the oldest.
    pub(crate) newest: bool,
}

/// Rows of one statement; a constant, so that the statement is prepared once.
const ROWS_PER_INSERT: usize = 100;

impl ValueKind {
    fn name(self) -> &'static str {
        match self {
            ValueKind::Number => "number",
            ValueKind::Boolean => "boolean",
            ValueKind::Text => "string",
        }
    }

    /// The store writes only its own names; anything else is read as the widest kind.
    fn from_name(name: &str) -> ValueKind {
        match name {
            "number" => ValueKind::Number,
            "boolean" => ValueKind::Boolean,
            _ => ValueKind::Text,
        }
    }
}

impl std::fmt::Display for ValueKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl Store {
    /// A tenant's stream, or `None`.
    pub(crate) async fn stream(
        &self,
        tenant: &str,
        comp_id: &str,
        stream_id: &str,
    ) -> Result<Option<StreamRow>, sqlx::Error> {
        let row = sqlx::query(
            "SELECT streams.id, streams.kind FROM streams
             JOIN components ON components.id = streams.component_id
             WHERE components.tenant = ? AND components.comp_id = ? AND streams.stream_id = ?",
        )
        .bind(tenant)
        .bind(comp_id)
        .bind(stream_id)
        .fetch_optional(&self.reads)
        .await?;
        row.map(|row| stream_row(&row)).transpose()
    }

    /// The time of a stream's first sample, unix milliseconds.
    pub(crate) async fn first_sample_ms(&self, stream: StreamRow) -> Result<Option<i64>, sqlx::Error> {
        sqlx::query_scalar("SELECT min(time_ms) FROM samples WHERE stream_id = ?")
            .bind(stream.id)
            .fetch_one(&self.reads)
            .await
    }

    /// Calls `each` with the samples in `range`, oldest first, until it answers false.
    pub(crate) async fn each_sample(
        &self,
        stream: StreamRow,
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
            let value = match stream.kind {
                ValueKind::Number => number(row.try_get(1)?),
                ValueKind::Boolean => Value::Bool(row.try_get::<i64, _>(1)? != 0),
                ValueKind::Text => Value::String(row.try_get(1)?),
            };
            if !each(row.try_get(0)?, value) {
                break;
            }
        }
        Ok(())
    }
}

/// A whole number is answered as one (`21`, not `21.0`), as devices send it.
fn number(value: f64) -> Value {
    const WHOLE_MAX: f64 = 9_007_199_254_740_992.0; // 2^53: beyond it not every whole number has an f64.
    if value.fract() == 0.0 && value.abs() < WHOLE_MAX {
        Value::from(value as i64)
    } else {
        Value::from(value)
    }
}

fn stream_row(row: &SqliteRow) -> Result<StreamRow, sqlx::Error> {
    Ok(StreamRow {
        id: row.try_get(0)?,
        kind: ValueKind::from_name(row.try_get(1)?),
    })
}

/// Writes a batch; a sample that is sent again replaces what was there. Streams that are new take the
/// type of their first sample in the batch.
pub(super) async fn upsert(tx: &mut SqliteConnection, batch: &SampleBatch) -> Result<u64, ApplyError> {
    let mut firsts: Vec<Option<&Sample>> = vec![None; batch.streams.len()];
    for sample in &batch.samples {
        firsts[sample.stream as usize].get_or_insert(sample);
    }
    let mut streams = Vec::with_capacity(batch.streams.len());
    for (key, first) in batch.streams.iter().zip(firsts) {
        streams.push(match first {
            Some(first) => Some(resolve(tx, batch, key, first.datum.kind()).await?),
            None => None,
        });
    }
    let mut rows = Vec::with_capacity(batch.samples.len());
    for sample in &batch.samples {
        let Some(stream) = streams[sample.stream as usize] else {
            continue;
        };
        rows.push((stream.id, sample.time_ms, fit(batch, sample, stream.kind)?));
    }
    for chunk in rows.chunks(ROWS_PER_INSERT) {
        insert(tx, chunk).await?;
    }
    Ok(rows.len() as u64)
}

async fn resolve(
    tx: &mut SqliteConnection,
    batch: &SampleBatch,
    key: &StreamKey,
    kind: ValueKind,
) -> Result<StreamRow, sqlx::Error> {
    let component: i64 = sqlx::query_scalar(
        "INSERT INTO components (tenant, comp_id, name, created_ms) VALUES (?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET name = coalesce(excluded.name, name) RETURNING id",
    )
    .bind(&*batch.tenant)
    .bind(&*key.comp_id)
    .bind(key.comp_name.as_deref())
    .bind(batch.now_ms)
    .fetch_one(&mut *tx)
    .await?;
    // The update changes nothing; without one a stream that is there would return no row.
    let row = sqlx::query(
        "INSERT INTO streams (component_id, stream_id, kind, created_ms) VALUES (?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET kind = kind RETURNING id, kind",
    )
    .bind(component)
    .bind(&*key.stream_id)
    .bind(kind.name())
    .bind(batch.now_ms)
    .fetch_one(&mut *tx)
    .await?;
    stream_row(&row)
}

/// A value in the stream's type, ready to bind.
enum Fitted<'a> {
    Real(f64),
    Integer(i64),
    Text(&'a str),
}

fn fit<'a>(batch: &SampleBatch, sample: &'a Sample, kind: ValueKind) -> Result<Fitted<'a>, ApplyError> {
    let fitted = match (kind, &sample.datum) {
        (ValueKind::Number, Datum::Number(number)) => Some(Fitted::Real(*number)),
        (ValueKind::Boolean, Datum::Boolean(flag)) => Some(Fitted::Integer(i64::from(*flag))),
        (ValueKind::Text, Datum::Text(text)) => Some(Fitted::Text(text)),
        (ValueKind::Number, Datum::Untyped(text)) => text.number().map(Fitted::Real),
        (ValueKind::Boolean, Datum::Untyped(text)) => text.boolean().map(|flag| Fitted::Integer(i64::from(flag))),
        (ValueKind::Text, Datum::Untyped(text)) => Some(Fitted::Text(&text.0)),
        _ => None,
    };
    fitted.ok_or_else(|| {
        let key = &batch.streams[sample.stream as usize];
        ApplyError::Type(TypeMismatch {
            element: sample.element,
            comp_id: key.comp_id.clone(),
            stream_id: key.stream_id.clone(),
            expected: kind,
            found: sample.datum.kind(),
        })
    })
}

async fn insert(tx: &mut SqliteConnection, rows: &[(i64, i64, Fitted<'_>)]) -> Result<(), sqlx::Error> {
    let mut query = QueryBuilder::<Sqlite>::new("INSERT INTO samples (stream_id, time_ms, value) ");
    query.push_values(rows, |mut tuple, (stream_id, time_ms, value)| {
        tuple.push_bind(*stream_id).push_bind(*time_ms);
        match value {
            Fitted::Real(number) => tuple.push_bind(*number),
            Fitted::Integer(integer) => tuple.push_bind(*integer),
            Fitted::Text(text) => tuple.push_bind((*text).to_owned()),
        };
    });
    query.push(" ON CONFLICT DO UPDATE SET value = excluded.value");
    query.build().execute(&mut *tx).await?;
    Ok(())
}
