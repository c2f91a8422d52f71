//! Cycles as tenants defined them.

use super::Store;
use super::stream_kind::zone;
use crate::intervals::{Cycle, CycleError, CycleUnit};
use jiff::civil::DateTime;
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

/// A cycle's definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CycleRow {
    pub(crate) cycle_id: String,
    pub(crate) uid: String,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) text: CycleText,
}

/// The definition of its intervals. Without a zone they are in that of the component that uses it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CycleText {
    pub(crate) unit: CycleUnit,
    pub(crate) units: u32,
    pub(crate) reference: DateTime,
    pub(crate) timezone: Option<String>,
}

impl CycleText {
    /// The cycle, for a component in `timezone`.
    pub(crate) fn cycle(&self, timezone: Option<&str>) -> Result<Cycle, CycleError> {
        let zone = zone(self.timezone.as_deref().or(timezone));
        Cycle::new(self.unit, self.units, self.reference, zone)
    }

    /// From four columns beginning at `index`; `None` when they are null, as where a stream has no cycle.
    pub(super) fn from_row(row: &SqliteRow, index: usize) -> Result<Option<CycleText>, sqlx::Error> {
        let Some(unit) = row.try_get::<Option<&str>, _>(index)? else {
            return Ok(None);
        };
        let broken = |column: &str| sqlx::Error::Decode(format!("cycles.{column} holds something else").into());
        Ok(Some(CycleText {
            unit: CycleUnit::from_name(unit).ok_or_else(|| broken("unit"))?,
            units: row.try_get(index + 1)?,
            reference: row
                .try_get::<&str, _>(index + 2)?
                .parse()
                .map_err(|_| broken("reference"))?,
            timezone: row.try_get(index + 3)?,
        }))
    }
}

impl Store {
    /// A tenant's cycles, by name.
    pub(crate) async fn cycles(&self, tenant: &str) -> Result<Vec<CycleRow>, sqlx::Error> {
        let rows = sqlx::query(
            "SELECT unit, units, reference, timezone, cycle_id, uid, name, description FROM cycles
             WHERE tenant = ? ORDER BY name, cycle_id",
        )
        .bind(tenant)
        .fetch_all(&self.reads)
        .await?;
        rows.iter().map(cycle_row).collect()
    }
}

/// A tenant's cycle, by its uid or its id, with its key in the table.
pub(super) async fn find(
    tx: &mut SqliteConnection,
    tenant: &str,
    uid_or_id: &str,
) -> Result<Option<(i64, CycleRow)>, sqlx::Error> {
    let row = sqlx::query(
        "SELECT unit, units, reference, timezone, cycle_id, uid, name, description, id FROM cycles
         WHERE tenant = ?1 AND (uid = ?2 OR cycle_id = ?2) ORDER BY uid = ?2 DESC LIMIT 1",
    )
    .bind(tenant)
    .bind(uid_or_id)
    .fetch_optional(&mut *tx)
    .await?;
    row.map(|row| Ok((row.try_get(8)?, cycle_row(&row)?))).transpose()
}

fn cycle_row(row: &SqliteRow) -> Result<CycleRow, sqlx::Error> {
    let text = CycleText::from_row(row, 0)?;
    Ok(CycleRow {
        text: text.ok_or_else(|| sqlx::Error::Decode("cycles.unit is null".into()))?,
        cycle_id: row.try_get(4)?,
        uid: row.try_get(5)?,
        name: row.try_get(6)?,
        description: row.try_get(7)?,
    })
}
