//! Components, streams and cycles as somebody declares them.

use super::cycles::{self, CycleText};
use super::places::Places;
use super::stream::{self, StreamRow};
use super::stream_kind::Rhythm;
use super::value::ValueKind;
use super::write::{ApplyError, StreamKey};
use crate::uid;
use sqlx::sqlite::SqliteConnection;
use std::sync::Arc;

/// The most cycles one tenant may define. One more is refused.
pub const CYCLES_PER_TENANT_MAX: i64 = 1_000;

/// A component, and those of its streams that are named here; others stay as they are.
#[derive(Clone, Debug)]
pub(crate) struct ComponentDefinition {
    pub(crate) tenant: Arc<str>,
    pub(crate) comp_id: Arc<str>,
    /// The new name; if there is none, the name stays.
    pub(crate) name: Option<String>,
    /// The new zone; if there is none, the zone stays.
    pub(crate) timezone: Option<String>,
    pub(crate) streams: Vec<StreamDefinition>,
    pub(crate) now_ms: i64,
}

/// A stream of a component.
#[derive(Clone, Debug)]
pub(crate) struct StreamDefinition {
    pub(crate) stream_id: Arc<str>,
    pub(crate) name: Option<String>,
    /// Without one, what it has; a new stream has numbers.
    pub(crate) kind: Option<ValueKind>,
    /// Without one, what it has; a new stream is random.
    pub(crate) rhythm: Option<RhythmDefinition>,
}

/// A stream's rhythm, its cycle by uid or id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RhythmDefinition {
    Random,
    Point,
    Interval { cycle: String },
}

/// A cycle.
#[derive(Clone, Debug)]
pub(crate) struct CycleDefinition {
    pub(crate) tenant: Arc<str>,
    pub(crate) cycle_id: String,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) text: CycleText,
}

/// Makes or changes a component and its streams.
pub(super) async fn component(tx: &mut SqliteConnection, wanted: &ComponentDefinition) -> Result<u64, ApplyError> {
    let mut places = Places::of(&wanted.tenant, wanted.now_ms);
    let component = places.component(tx, &wanted.comp_id, wanted.name.as_deref()).await?;
    if let Some(timezone) = &wanted.timezone {
        change_timezone(tx, component, timezone).await?;
    }
    for stream in &wanted.streams {
        let key = StreamKey {
            comp_id: wanted.comp_id.clone(),
            comp_name: None,
            stream_id: stream.stream_id.clone(),
        };
        let there = match stream::find(tx, component, &stream.stream_id).await? {
            Some(there) => there,
            None => {
                let kind = stream.kind.unwrap_or(ValueKind::Number);
                places.make_stream(tx, component, &key, kind).await?
            }
        };
        change_stream(tx, &wanted.tenant, &there, stream).await?;
    }
    Ok(1)
}

/// Changes the beginning of intervals, which is allowed only while there are none.
async fn change_timezone(tx: &mut SqliteConnection, component: i64, timezone: &str) -> Result<(), ApplyError> {
    let changed = sqlx::query("UPDATE components SET timezone = ?1 WHERE id = ?2 AND timezone IS NOT ?1")
        .bind(timezone)
        .bind(component)
        .execute(&mut *tx)
        .await?;
    if changed.rows_affected() == 0 {
        return Ok(());
    }
    let in_use: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM streams JOIN cycles ON cycles.id = streams.cycle_id
         WHERE streams.component_id = ? AND streams.rhythm = 'interval' AND cycles.timezone IS NULL
         AND EXISTS (SELECT 1 FROM samples WHERE samples.stream_id = streams.id))",
    )
    .bind(component)
    .fetch_one(&mut *tx)
    .await?;
    refuse_if(in_use, || {
        "timeZoneId: the component has interval samples that were laid in another zone; delete them first".to_owned()
    })
}

async fn change_stream(
    tx: &mut SqliteConnection,
    tenant: &str,
    there: &StreamRow,
    wanted: &StreamDefinition,
) -> Result<(), ApplyError> {
    let id = &wanted.stream_id;
    let kind = wanted.kind.unwrap_or(there.kind);
    let (rhythm, cycle) = match &wanted.rhythm {
        None => (there.rhythm.name(), None),
        Some(RhythmDefinition::Random) => (Rhythm::Random.name(), None),
        Some(RhythmDefinition::Point) => (Rhythm::Point.name(), None),
        Some(RhythmDefinition::Interval { cycle }) => {
            let found = cycles::find(tx, tenant, cycle).await?;
            let missing = || {
                ApplyError::Refused(format!(
                    "stream {id}: no cycle has the uid or id {cycle}; define it first"
                ))
            };
            ("interval", Some(found.ok_or_else(missing)?))
        }
    };
    let same_cycle = cycle.as_ref().map(|(_, row)| &row.uid) == there.cycle_uid.as_ref();
    let same_rhythm = wanted.rhythm.is_none() || (rhythm == there.rhythm.name() && same_cycle);
    if kind != there.kind || !same_rhythm {
        let has_samples: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM samples WHERE stream_id = ?)")
            .bind(there.id)
            .fetch_one(&mut *tx)
            .await?;
        refuse_if(has_samples, || {
            format!("stream {id}: it has samples, so its type and cycle stay as they are; delete them first")
        })?;
    }
    let cycle_key = cycle.map(|(key, _)| key);
    sqlx::query(
        "UPDATE streams SET kind = ?1, name = coalesce(?2, name), rhythm = ?3,
         cycle_id = CASE WHEN ?4 THEN cycle_id ELSE ?5 END WHERE id = ?6",
    )
    .bind(kind.name())
    .bind(wanted.name.as_deref())
    .bind(rhythm)
    .bind(wanted.rhythm.is_none())
    .bind(cycle_key)
    .bind(there.id)
    .execute(&mut *tx)
    .await?;
    Ok(())
}

/// Makes or changes a cycle. One that has samples laid by it keeps its intervals.
pub(super) async fn cycle(tx: &mut SqliteConnection, wanted: &CycleDefinition) -> Result<u64, ApplyError> {
    let id = &wanted.cycle_id;
    match cycles::find(tx, &wanted.tenant, id).await? {
        Some((key, there)) if there.text != wanted.text => {
            let in_use: bool = sqlx::query_scalar(
                "SELECT EXISTS (SELECT 1 FROM streams WHERE streams.cycle_id = ?
                 AND EXISTS (SELECT 1 FROM samples WHERE samples.stream_id = streams.id))",
            )
            .bind(key)
            .fetch_one(&mut *tx)
            .await?;
            refuse_if(in_use, || {
                format!("cycle {id}: samples are laid by it, so its intervals stay; define another one")
            })?;
        }
        Some(_) => {}
        None => {
            let count: i64 = sqlx::query_scalar("SELECT count(*) FROM cycles WHERE tenant = ?")
                .bind(&*wanted.tenant)
                .fetch_one(&mut *tx)
                .await?;
            refuse_if(count >= CYCLES_PER_TENANT_MAX, || {
                format!("an organisation has at most {CYCLES_PER_TENANT_MAX} cycles, and this one has them")
            })?;
        }
    }
    let written = sqlx::query(
        "INSERT INTO cycles (tenant, cycle_id, uid, name, description, unit, units, reference, timezone)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (tenant, cycle_id) DO UPDATE SET name = excluded.name, description = excluded.description,
         unit = excluded.unit, units = excluded.units, reference = excluded.reference, timezone = excluded.timezone",
    )
    .bind(&*wanted.tenant)
    .bind(id)
    .bind(uid::cycle(&wanted.tenant, id))
    .bind(&wanted.name)
    .bind(&wanted.description)
    .bind(wanted.text.unit.name())
    .bind(wanted.text.units)
    .bind(wanted.text.reference.to_string())
    .bind(wanted.text.timezone.as_deref())
    .execute(&mut *tx)
    .await?;
    Ok(written.rows_affected())
}

fn refuse_if(refused: bool, why: impl FnOnce() -> String) -> Result<(), ApplyError> {
    match refused {
        true => Err(ApplyError::Refused(why())),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests;
