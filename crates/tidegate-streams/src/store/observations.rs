//! Observations of devices: written by hubs, read by device and epoch.

use super::Store;
use crate::observation::ObservationRow;
use futures_util::TryStreamExt;
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use std::sync::Arc;

/// The last lightning strike that a device saw.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct StrikeRow {
    pub(crate) device_id: i64,
    pub(crate) epoch_s: i64,
    pub(crate) distance_km: f64,
}

impl Store {
    /// A device's newest observation.
    pub(crate) async fn latest_observation(&self, device_id: i64) -> Result<Option<ObservationRow>, sqlx::Error> {
        let row = sqlx::query(
            "SELECT device_id, epoch_s, kind, fields FROM observations
             WHERE device_id = ? ORDER BY epoch_s DESC LIMIT 1",
        )
        .bind(device_id)
        .fetch_optional(&self.reads)
        .await?;
        row.map(|row| observation_row(&row)).transpose()
    }

    /// Calls `each` with a device's observations from `start_s` to `end_s` (both included), oldest
    /// first, until it answers false. Rows are streamed, so a long range is never held as a whole.
    pub(crate) async fn each_observation(
        &self,
        device_id: i64,
        start_s: i64,
        end_s: i64,
        mut each: impl FnMut(ObservationRow) -> bool,
    ) -> Result<(), sqlx::Error> {
        let mut rows = sqlx::query(
            "SELECT device_id, epoch_s, kind, fields FROM observations
             WHERE device_id = ? AND epoch_s BETWEEN ? AND ? ORDER BY epoch_s",
        )
        .bind(device_id)
        .bind(start_s)
        .bind(end_s)
        .fetch(&self.reads);
        while let Some(row) = rows.try_next().await? {
            if !each(observation_row(&row)?) {
                break;
            }
        }
        Ok(())
    }

    /// A device's last lightning strike, when one was reported by itself (`evt_strike`).
    pub(crate) async fn last_strike(&self, device_id: i64) -> Result<Option<StrikeRow>, sqlx::Error> {
        let row: Option<(i64, f64)> = sqlx::query_as("SELECT epoch_s, distance_km FROM strikes WHERE device_id = ?")
            .bind(device_id)
            .fetch_optional(&self.reads)
            .await?;
        Ok(row.map(|(epoch_s, distance_km)| StrikeRow {
            device_id,
            epoch_s,
            distance_km,
        }))
    }
}

fn observation_row(row: &SqliteRow) -> Result<ObservationRow, sqlx::Error> {
    Ok(ObservationRow {
        device_id: row.try_get(0)?,
        epoch_s: row.try_get(1)?,
        kind: row.try_get(2)?,
        fields: row.try_get(3)?,
    })
}

/// Writes rows; one that is sent again replaces what was there.
pub(super) async fn upsert(tx: &mut SqliteConnection, rows: &[Arc<ObservationRow>]) -> Result<(), sqlx::Error> {
    for row in rows {
        sqlx::query(
            "INSERT INTO observations (device_id, epoch_s, kind, fields) VALUES (?, ?, ?, ?)
             ON CONFLICT DO UPDATE SET kind = excluded.kind, fields = excluded.fields",
        )
        .bind(row.device_id)
        .bind(row.epoch_s)
        .bind(row.kind.as_str())
        .bind(row.fields.as_str())
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}

/// Keeps the newest strike of each device; an older one that comes late changes nothing.
pub(super) async fn upsert_strikes(tx: &mut SqliteConnection, strikes: &[StrikeRow]) -> Result<(), sqlx::Error> {
    for strike in strikes {
        sqlx::query(
            "INSERT INTO strikes (device_id, epoch_s, distance_km) VALUES (?, ?, ?)
             ON CONFLICT DO UPDATE SET epoch_s = excluded.epoch_s, distance_km = excluded.distance_km
             WHERE excluded.epoch_s >= strikes.epoch_s",
        )
        .bind(strike.device_id)
        .bind(strike.epoch_s)
        .bind(strike.distance_km)
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}
