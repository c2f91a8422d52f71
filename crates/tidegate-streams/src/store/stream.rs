//! Streams: one series of samples each.

use super::Store;
use super::components::StreamName;
use super::cycles::CycleText;
use super::stream_kind::Rhythm;
use super::value::ValueKind;
use crate::intervals::Cycle;
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

/// The most streams one component may have. A PUT that would make more is refused.
pub const STREAMS_PER_COMPONENT_MAX: usize = 10_000;

/// The facts about a stream from which the host reckons the cost of a read.
#[derive(Clone, Debug, PartialEq)]
pub struct StreamShape {
    /// Its id within its component.
    pub stream_id: String,
    /// The type of its values.
    pub kind: ValueKind,
    /// The samples it keeps, and so its cycle.
    pub rhythm: Rhythm,
    /// The time of its first sample, unix milliseconds; `None` when it has none.
    pub first_ms: Option<i64>,
}

impl StreamShape {
    /// Its cycle: a second, if it was given none.
    pub fn cycle(&self) -> Cycle {
        match &self.rhythm {
            Rhythm::Interval(cycle) => cycle.clone(),
            Rhythm::Random | Rhythm::Point => Cycle::second(),
        }
    }
}

/// A stream as it lies in the store.
#[derive(Clone, Debug)]
pub(crate) struct StreamRow {
    pub(crate) id: i64,
    pub(crate) stream_id: String,
    pub(crate) uid: String,
    pub(crate) name: Option<String>,
    pub(crate) kind: ValueKind,
    pub(crate) rhythm: Rhythm,
    pub(crate) updated_ms: Option<i64>,
    /// The id of its cycle, for definitions.
    pub(crate) cycle_uid: Option<String>,
}

/// A statement over streams with all that [`stream_row`] reads.
macro_rules! select_streams {
    ($condition:literal) => {
        concat!(
            "SELECT streams.id, streams.stream_id, streams.uid, streams.name, streams.kind, streams.rhythm,
             streams.updated_ms, components.timezone, cycles.unit, cycles.units, cycles.reference, cycles.timezone,
             cycles.uid
             FROM streams JOIN components ON components.id = streams.component_id
             LEFT JOIN cycles ON cycles.id = streams.cycle_id WHERE ",
            $condition
        )
    };
}

impl StreamRow {
    pub(crate) fn into_shape(self, first_ms: Option<i64>) -> StreamShape {
        StreamShape {
            stream_id: self.stream_id,
            kind: self.kind,
            rhythm: self.rhythm,
            first_ms,
        }
    }
}

impl Store {
    /// A tenant's stream, or `None`.
    pub(crate) async fn stream(&self, tenant: &str, name: StreamName<'_>) -> Result<Option<StreamRow>, sqlx::Error> {
        let (statement, component, stream) = match name {
            StreamName::Ids { comp_id, stream_id } => (
                select_streams!("components.tenant = ? AND components.comp_id = ? AND streams.stream_id = ?"),
                comp_id,
                stream_id,
            ),
            StreamName::Uids { component, stream } => (
                select_streams!("components.tenant = ? AND components.uid = ? AND streams.uid = ?"),
                component,
                stream,
            ),
        };
        let row = sqlx::query(statement)
            .bind(tenant)
            .bind(component)
            .bind(stream)
            .fetch_optional(&self.reads)
            .await?;
        row.map(|row| stream_row(&row)).transpose()
    }

    /// A component's streams, in the order they were made. At most [`STREAMS_PER_COMPONENT_MAX`], as there are no more.
    pub(crate) async fn streams_of(&self, component_id: i64) -> Result<Vec<StreamRow>, sqlx::Error> {
        let rows = sqlx::query(select_streams!("streams.component_id = ? ORDER BY streams.id"))
            .bind(component_id)
            .fetch_all(&self.reads)
            .await?;
        rows.iter().map(stream_row).collect()
    }
}

/// A component's stream, within a transaction.
pub(super) async fn find(
    tx: &mut SqliteConnection,
    component_id: i64,
    stream_id: &str,
) -> Result<Option<StreamRow>, sqlx::Error> {
    let row = sqlx::query(select_streams!("streams.component_id = ? AND streams.stream_id = ?"))
        .bind(component_id)
        .bind(stream_id)
        .fetch_optional(&mut *tx)
        .await?;
    row.map(|row| stream_row(&row)).transpose()
}

fn stream_row(row: &SqliteRow) -> Result<StreamRow, sqlx::Error> {
    let timezone: Option<&str> = row.try_get(7)?;
    let cycle = CycleText::from_row(row, 8)?;
    Ok(StreamRow {
        id: row.try_get(0)?,
        stream_id: row.try_get(1)?,
        uid: row.try_get(2)?,
        name: row.try_get(3)?,
        kind: ValueKind::from_name(row.try_get(4)?),
        rhythm: Rhythm::from_store(row.try_get(5)?, cycle.as_ref(), timezone),
        updated_ms: row.try_get(6)?,
        cycle_uid: row.try_get(12)?,
    })
}
