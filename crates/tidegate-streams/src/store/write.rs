//! The writes of the store, and the statements that put them into a transaction.

use super::define::{self, ComponentDefinition, CycleDefinition};
use super::erase::{self, ComponentErasure, SAMPLES_PER_DELETION_MAX, SampleErasure};
use super::observations::{self, StrikeRow};
use super::upsert;
use super::value::ValueKind;
use crate::live::Note;
use crate::observation::ObservationRow;
use sqlx::sqlite::SqliteConnection;
use std::sync::Arc;

/// One write: stored as a whole or not at all.
#[derive(Clone, Debug)]
pub(crate) enum Write {
    Observations(ObservationBatch),
    Samples(SampleBatch),
    Erase(SampleErasure),
    EraseComponent(ComponentErasure),
    DefineComponent(ComponentDefinition),
    DefineCycle(CycleDefinition),
}

/// The messages of hubs, and what listeners hear of them after the commit.
#[derive(Clone, Debug, Default)]
pub(crate) struct ObservationBatch {
    pub(crate) rows: Vec<Arc<ObservationRow>>,
    pub(crate) strikes: Vec<StrikeRow>,
    pub(crate) notes: Vec<Note>,
}

/// Samples of one tenant, their streams named once.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SampleBatch {
    pub(crate) tenant: Arc<str>,
    pub(crate) streams: Vec<StreamKey>,
    pub(crate) samples: Vec<Sample>,
    pub(crate) now_ms: i64,
}

/// A stream as a caller names it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct StreamKey {
    pub(crate) comp_id: Arc<str>,
    pub(crate) comp_name: Option<Arc<str>>,
    pub(crate) stream_id: Arc<str>,
}

/// One value of one stream at one time.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sample {
    /// Index into [`SampleBatch::streams`].
    pub(crate) stream: u32,
    /// The batch element it came from, for messages.
    pub(crate) element: u32,
    pub(crate) time_ms: i64,
    /// `None` is null: a gap in an interval stream, nothing in others.
    pub(crate) datum: Option<Datum>,
}

/// A value as it was sent.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Datum {
    Number(f64),
    Boolean(bool),
    Text(String),
    /// Text of a query parameter, which says nothing of its type: it takes the stream's,
    /// and a new stream takes what it looks like.
    Untyped(ValueText),
}

/// A query parameter's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ValueText(pub(crate) String);

/// A stream keeps the type of its first sample; this one has another.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "element {element} (counted from 0): stream {stream_id} of component {comp_id} holds {expected} samples, found {found}"
)]
pub(crate) struct TypeMismatch {
    pub(crate) element: u32,
    pub(crate) comp_id: Arc<str>,
    pub(crate) stream_id: Arc<str>,
    pub(crate) expected: ValueKind,
    pub(crate) found: ValueKind,
}

/// The reason why a write did not go in; its savepoint is rolled back, the rest of its group is not touched.
#[derive(Debug)]
pub(crate) enum ApplyError {
    Type(TypeMismatch),
    /// Something else the caller asked for cannot be; the sentence says why.
    Refused(String),
    Storage(sqlx::Error),
}

impl From<sqlx::Error> for ApplyError {
    fn from(error: sqlx::Error) -> ApplyError {
        ApplyError::Storage(error)
    }
}

impl Write {
    /// Returns its rough size in the queue, in bytes; the queue is bounded by their sum.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Write::Observations(batch) => {
                let rows = batch.rows.iter().map(|row| 80 + row.fields.len());
                batch.strikes.len() * 32 + batch.notes.len() * 64 + rows.sum::<usize>()
            }
            Write::Samples(batch) => {
                let names = batch
                    .streams
                    .iter()
                    .map(|key| 96 + key.comp_id.len() + key.stream_id.len());
                let values = batch
                    .samples
                    .iter()
                    .map(|sample| 64 + sample.datum.as_ref().map_or(0, Datum::bytes));
                names.sum::<usize>() + values.sum::<usize>()
            }
            Write::Erase(erasure) => erasure.streams.len() * 256,
            Write::DefineComponent(definition) => 1_024 + definition.streams.len() * 256,
            Write::EraseComponent(_) | Write::DefineCycle(_) => 1_024,
        }
    }

    /// Writes it into the open transaction and answers how many rows it stored.
    pub(crate) async fn apply(&self, tx: &mut SqliteConnection) -> Result<u64, ApplyError> {
        match self {
            Write::Observations(batch) => {
                observations::upsert(tx, &batch.rows).await?;
                observations::upsert_strikes(tx, &batch.strikes).await?;
                Ok(batch.rows.len() as u64)
            }
            Write::Samples(batch) => upsert::upsert(tx, batch).await,
            Write::Erase(erasure) => erase::samples(tx, erasure, SAMPLES_PER_DELETION_MAX).await,
            Write::EraseComponent(erasure) => erase::component(tx, erasure, SAMPLES_PER_DELETION_MAX).await,
            Write::DefineComponent(definition) => define::component(tx, definition).await,
            Write::DefineCycle(definition) => define::cycle(tx, definition).await,
        }
    }
}

impl Datum {
    /// The type it has, or looks like.
    pub(crate) fn kind(&self) -> ValueKind {
        match self {
            Datum::Number(_) => ValueKind::Number,
            Datum::Boolean(_) => ValueKind::Boolean,
            Datum::Text(_) => ValueKind::Text,
            Datum::Untyped(text) => text.looks_like(),
        }
    }

    fn bytes(&self) -> usize {
        match self {
            Datum::Text(text) | Datum::Untyped(ValueText(text)) => text.len(),
            Datum::Number(_) | Datum::Boolean(_) => 0,
        }
    }
}

impl ValueText {
    fn looks_like(&self) -> ValueKind {
        if self.boolean().is_some() {
            ValueKind::Boolean
        } else if self.number().is_some() {
            ValueKind::Number
        } else {
            ValueKind::Text
        }
    }

    /// Only finite numbers: `NaN` and `inf` have no JSON form to answer with.
    pub(crate) fn number(&self) -> Option<f64> {
        self.0.parse().ok().filter(|number: &f64| number.is_finite())
    }

    /// `true` and `false` only: a device that sends `1` means a number.
    pub(crate) fn boolean(&self) -> Option<bool> {
        self.0.to_ascii_lowercase().parse().ok()
    }
}
