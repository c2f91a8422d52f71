//! Station and device metadata, kept by the host.

use crate::caller::StationScope;
use futures_util::future::BoxFuture;

/// Station metadata; the host keeps it (in its accounts database).
///
/// Every question may fail with [`DirectoryError`]; the caller then gets an internal error, never a wrong answer.
pub trait Directory: Send + Sync + 'static {
    /// The stations in `scope`, in the order in which answers list them.
    fn stations<'a>(&'a self, scope: &'a StationScope) -> BoxFuture<'a, Result<Vec<Station>, DirectoryError>>;
    /// The station with this id, or `None`.
    fn station<'a>(&'a self, id: i64) -> BoxFuture<'a, Result<Option<Station>, DirectoryError>>;
    /// The device with this id, or `None`.
    fn device<'a>(&'a self, id: i64) -> BoxFuture<'a, Result<Option<Device>, DirectoryError>>;
    /// The device with this serial number (`ST-00000512`), or `None`.
    fn device_by_serial<'a>(&'a self, serial: &'a str) -> BoxFuture<'a, Result<Option<Device>, DirectoryError>>;
}

/// A weather station: a place, its owner and its devices.
#[derive(Clone, Debug)]
pub struct Station {
    /// The station's id, unique in the directory.
    pub id: i64,
    /// Its display name.
    pub name: String,
    /// The user name of its owner, who alone may relay observations to it.
    pub owner: String,
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
    /// Metres above sea level.
    pub elevation_m: f64,
    /// IANA time zone name; an unknown one is read as UTC.
    pub timezone: String,
    /// The time at which it was set up, unix milliseconds.
    pub created_ms: i64,
    /// Hub and sensors.
    pub devices: Vec<Device>,
}

/// A hub or sensor of a station.
#[derive(Clone, Debug)]
pub struct Device {
    /// The device's id, unique in the directory.
    pub id: i64,
    /// The station it stands at.
    pub station_id: i64,
    /// The serial number hubs broadcast (`ST-00000512`), when it is known.
    pub serial_number: Option<String>,
    /// `ST` (Tempest), `AR` (Air), `SK` (Sky) or `HB` (hub).
    pub kind: String,
}

/// The host could not answer a question about stations.
#[derive(Clone, Debug, thiserror::Error)]
#[error("station directory: {0}")]
pub struct DirectoryError(
    /// The failure, for the log.
    pub String,
);
