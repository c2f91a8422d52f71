//! Stations and their devices.

use std::collections::HashMap;

use sqlx::{
    QueryBuilder, Row, SqliteConnection,
    sqlite::{Sqlite, SqliteRow},
};
use tidegate_core::identity::Grants;

use crate::{Accounts, AccountsError, STATION, bounds};

mod add;

/// A station to add. Without a place it stands at 0°, 0°, 0 m, and without a time zone in `UTC`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NewStation {
    /// The owner.
    pub user: String,
    /// Its name: 1 to 100 printable characters.
    pub name: String,
    /// The serial number of its device, such as `ST-00000512`; no two devices share one.
    pub serial: Option<String>,
    /// Degrees north, -90 to 90.
    pub latitude: Option<f64>,
    /// Degrees east, -180 to 180.
    pub longitude: Option<f64>,
    /// Metres above the sea, -500 to 9000.
    pub elevation_m: Option<f64>,
    /// The IANA name of its time zone. It is not checked against a list.
    pub timezone: Option<String>,
}

/// A station.
#[derive(Clone, Debug, PartialEq)]
pub struct Station {
    /// The id.
    pub id: i64,
    /// The name.
    pub name: String,
    /// The owner.
    pub owner: String,
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
    /// Metres above the sea.
    pub elevation_m: f64,
    /// The IANA name of its time zone.
    pub timezone: String,
    /// The time at which it was added, Unix milliseconds.
    pub created_ms: i64,
    /// Its devices, by id.
    pub devices: Vec<Device>,
}

/// A device of a station.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// The id.
    pub id: i64,
    /// The station it belongs to.
    pub station_id: i64,
    /// The serial number printed on it.
    pub serial_number: Option<String>,
    /// The kind: `ST` Tempest, `AR` air, `SK` sky, `HB` hub; by the serial number's prefix, otherwise `ST`.
    pub kind: String,
}

/// The stations that a listing covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Every station.
    All,
    /// The stations among these ids that exist.
    Only(Vec<i64>),
}

impl Accounts {
    /// Reads the stations in the scope by id, with their devices; at most `limit` and never more than
    /// [`bounds::ROWS_PER_LIST_MAX`].
    pub async fn stations_in(&self, scope: &Scope, limit: u32) -> Result<Vec<Station>, AccountsError> {
        let limit = limit.min(bounds::ROWS_PER_LIST_MAX) as usize;
        let mut reader = self.inner.database.readers().acquire().await?;
        let mut stations = Vec::new();
        match scope {
            Scope::All => {
                let rows = sqlx::query("SELECT * FROM stations ORDER BY id LIMIT $1")
                    .bind(limit as i64)
                    .fetch_all(&mut *reader)
                    .await?;
                stations.extend(rows);
            }
            Scope::Only(ids) => {
                let mut ids = ids.clone();
                ids.sort_unstable();
                ids.dedup();
                for ids in ids.chunks(IDS_PER_QUERY) {
                    if stations.len() >= limit {
                        break;
                    }
                    stations.extend(rows_by_id(&mut reader, "SELECT * FROM stations WHERE id IN (", ids).await?);
                }
            }
        }
        stations.truncate(limit);
        let mut stations: Vec<Station> = stations.iter().map(station).collect::<Result<_, _>>()?;
        add_devices(&mut reader, &mut stations).await?;
        Ok(stations)
    }

    /// Reads a user's own stations by id, with their devices; at most [`bounds::STATIONS_PER_USER_MAX`].
    pub async fn stations_of(&self, owner: &str) -> Result<Vec<Station>, AccountsError> {
        let mut reader = self.inner.database.readers().acquire().await?;
        let rows = sqlx::query("SELECT * FROM stations WHERE owner = $1 ORDER BY id LIMIT $2")
            .bind(owner)
            .bind(i64::from(bounds::STATIONS_PER_USER_MAX))
            .fetch_all(&mut *reader)
            .await?;
        let mut stations: Vec<Station> = rows.iter().map(station).collect::<Result<_, _>>()?;
        add_devices(&mut reader, &mut stations).await?;
        Ok(stations)
    }

    /// Finds the station of that id, with its devices.
    pub async fn station(&self, id: i64) -> Result<Option<Station>, AccountsError> {
        Ok(self.stations_in(&Scope::Only(vec![id]), 1).await?.pop())
    }

    /// Finds the device of that id.
    pub async fn device(&self, id: i64) -> Result<Option<Device>, AccountsError> {
        let row = sqlx::query("SELECT * FROM devices WHERE id = $1")
            .bind(id)
            .fetch_optional(self.inner.database.readers())
            .await?;
        row.as_ref().map(device).transpose()
    }

    /// Finds the device with that serial number; capitals count.
    pub async fn device_by_serial(&self, serial: &str) -> Result<Option<Device>, AccountsError> {
        let row = sqlx::query("SELECT * FROM devices WHERE serial_number = $1")
            .bind(serial)
            .fetch_optional(self.inner.database.readers())
            .await?;
        row.as_ref().map(device).transpose()
    }
}

impl From<&Grants> for Scope {
    /// Returns the stations that the grants name.
    fn from(grants: &Grants) -> Scope {
        match grants {
            Grants::All => Scope::All,
            Grants::Only(resources) => Scope::Only(
                resources
                    .iter()
                    .filter(|resource| resource.kind == STATION)
                    .map(|resource| resource.id)
                    .collect(),
            ),
        }
    }
}

/// Most ids bound in one query; every database takes that many.
const IDS_PER_QUERY: usize = 500;

/// Reads the rows of `select … IN (` for the ids, by id.
async fn rows_by_id(
    reader: &mut SqliteConnection,
    select: &'static str,
    ids: &[i64],
) -> Result<Vec<SqliteRow>, AccountsError> {
    let mut query: QueryBuilder<Sqlite> = QueryBuilder::new(select);
    let mut listed = query.separated(", ");
    for id in ids {
        listed.push_bind(*id);
    }
    query.push(") ORDER BY id");
    Ok(query.build().fetch_all(reader).await?)
}

async fn add_devices(reader: &mut SqliteConnection, stations: &mut [Station]) -> Result<(), AccountsError> {
    let ids: Vec<i64> = stations.iter().map(|station| station.id).collect();
    let mut by_station: HashMap<i64, Vec<Device>> = HashMap::new();
    for ids in ids.chunks(IDS_PER_QUERY) {
        for row in rows_by_id(reader, "SELECT * FROM devices WHERE station_id IN (", ids).await? {
            let device = device(&row)?;
            by_station.entry(device.station_id).or_default().push(device);
        }
    }
    for station in stations {
        station.devices = by_station.remove(&station.id).unwrap_or_default();
    }
    Ok(())
}

fn station(row: &SqliteRow) -> Result<Station, AccountsError> {
    Ok(Station {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        owner: row.try_get("owner")?,
        latitude: row.try_get("latitude")?,
        longitude: row.try_get("longitude")?,
        elevation_m: row.try_get("elevation_m")?,
        timezone: row.try_get("timezone")?,
        created_ms: row.try_get("created_ms")?,
        devices: Vec::new(),
    })
}

fn device(row: &SqliteRow) -> Result<Device, AccountsError> {
    Ok(Device {
        id: row.try_get("id")?,
        station_id: row.try_get("station_id")?,
        serial_number: row.try_get("serial_number")?,
        kind: row.try_get("kind")?,
    })
}

#[cfg(test)]
mod tests;
