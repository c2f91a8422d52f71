//! The stations of the accounts, as the streams ask for them.

use futures_util::future::BoxFuture;
use tidegate_accounts::{Accounts, AccountsError, Scope, bounds};
use tidegate_streams::{Device, Directory, DirectoryError, Station, StationScope};

/// The stations of the accounts.
#[derive(Debug)]
pub struct Stations(pub Accounts);

impl Directory for Stations {
    fn stations<'a>(&'a self, scope: &'a StationScope) -> BoxFuture<'a, Result<Vec<Station>, DirectoryError>> {
        Box::pin(async move {
            let scope = match scope {
                StationScope::All => Scope::All,
                StationScope::Only(ids) => Scope::Only(ids.to_vec()),
            };
            let found = self
                .0
                .stations_in(&scope, bounds::ROWS_PER_LIST_MAX)
                .await
                .map_err(fault)?;
            Ok(found.into_iter().map(station).collect())
        })
    }

    fn station(&self, id: i64) -> BoxFuture<'_, Result<Option<Station>, DirectoryError>> {
        Box::pin(async move { Ok(self.0.station(id).await.map_err(fault)?.map(station)) })
    }

    fn device(&self, id: i64) -> BoxFuture<'_, Result<Option<Device>, DirectoryError>> {
        Box::pin(async move { Ok(self.0.device(id).await.map_err(fault)?.map(device)) })
    }

    fn device_by_serial<'a>(&'a self, serial: &'a str) -> BoxFuture<'a, Result<Option<Device>, DirectoryError>> {
        Box::pin(async move { Ok(self.0.device_by_serial(serial).await.map_err(fault)?.map(device)) })
    }
}

fn station(found: tidegate_accounts::Station) -> Station {
    Station {
        id: found.id,
        name: found.name,
        owner: found.owner,
        latitude: found.latitude,
        longitude: found.longitude,
        elevation_m: found.elevation_m,
        timezone: found.timezone,
        created_ms: found.created_ms,
        devices: found.devices.into_iter().map(device).collect(),
    }
}

fn device(found: tidegate_accounts::Device) -> Device {
    Device {
        id: found.id,
        station_id: found.station_id,
        serial_number: found.serial_number,
        kind: found.kind,
    }
}

fn fault(error: AccountsError) -> DirectoryError {
    DirectoryError(error.to_string())
}
