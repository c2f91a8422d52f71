//! One UDP datagram of a hub. The platform's hubs sign nothing: whoever can reach the port is believed, and
//! only for devices the directory knows.

use super::broadcast::{Broadcast, DATAGRAM_BYTES_MAX};
use super::record::{Reading, RecordKind};
use crate::directory::{Device, Directory, DirectoryError};
use crate::store::{ObservationRow, Store, StrikeRow, Write, WriteError};
use serde_json::Value;

/// What became of a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// Its observations are stored; how many.
    Observations(usize),
    /// It was a lightning strike; the newest one of the device is kept.
    Strike,
    /// It was well-formed and nothing that is kept (rapid_wind, hub_status, a type of later firmware).
    Ignored,
}

/// Why a datagram was not taken.
#[derive(Debug, thiserror::Error)]
pub enum BroadcastError {
    /// It is no hub broadcast; the text names the member at fault.
    #[error("malformed broadcast: {0}")]
    Malformed(String),
    /// It is longer than [`DATAGRAM_BYTES_MAX`].
    #[error("the datagram has {bytes} bytes, at most {DATAGRAM_BYTES_MAX} are read")]
    TooLarge {
        /// Its length.
        bytes: usize,
    },
    /// No station has a device with this serial number.
    #[error("no device has the serial number {serial_number}")]
    UnknownDevice {
        /// The serial number as it was sent.
        serial_number: String,
    },
    /// The directory could not be asked.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// The store is short of capacity or closing.
    #[error("{0}")]
    Unavailable(String),
    /// The store failed.
    #[error("{0}")]
    Storage(String),
}

/// Takes one datagram; answers after it is committed.
pub(crate) async fn hub_broadcast(
    store: &Store,
    directory: &dyn Directory,
    datagram: &[u8],
    now_ms: i64,
) -> Result<Accepted, BroadcastError> {
    if datagram.len() > DATAGRAM_BYTES_MAX {
        let bytes = datagram.len();
        return Err(BroadcastError::TooLarge { bytes });
    }
    let object: Value =
        serde_json::from_slice(datagram).map_err(|error| BroadcastError::Malformed(error.to_string()))?;
    let broadcast = Broadcast::read(&object, now_ms.div_euclid(1_000)).map_err(BroadcastError::Malformed)?;
    let serial_number = match &broadcast {
        Broadcast::Observations { serial, .. } | Broadcast::Strike { serial, .. } => serial.clone(),
        Broadcast::Other => return Ok(Accepted::Ignored),
    };
    let Some(device) = directory.device_by_serial(&serial_number).await? else {
        return Err(BroadcastError::UnknownDevice { serial_number });
    };
    let (mut rows, mut strikes) = (Vec::new(), Vec::new());
    place(&device, broadcast, &mut rows, &mut strikes).map_err(BroadcastError::Malformed)?;
    let stored = rows.len();
    store.write(Write::Observations { rows, strikes }).await?;
    Ok(match stored {
        0 => Accepted::Strike,
        stored => Accepted::Observations(stored),
    })
}

/// Turns a broadcast into rows of its device. A device sends only records of its own kind.
pub(super) fn place(
    device: &Device,
    broadcast: Broadcast,
    rows: &mut Vec<ObservationRow>,
    strikes: &mut Vec<StrikeRow>,
) -> Result<(), String> {
    match broadcast {
        Broadcast::Observations { kind, readings, serial } => {
            if RecordKind::from_device(&device.kind) != Some(kind) {
                let (found, of) = (kind.type_name(), &device.kind);
                return Err(format!("type: found {found} for {serial}, a device of kind {of}"));
            }
            rows.extend(readings.iter().map(|reading| row(device.id, kind, reading)));
        }
        Broadcast::Strike {
            epoch_s, distance_km, ..
        } => strikes.push(StrikeRow {
            device_id: device.id,
            epoch_s,
            distance_km,
        }),
        Broadcast::Other => {}
    }
    Ok(())
}

fn row(device_id: i64, kind: RecordKind, reading: &Reading) -> ObservationRow {
    ObservationRow {
        device_id,
        epoch_s: reading.epoch_s,
        kind: kind.type_name().to_owned(),
        fields: Value::from(reading.to_record(kind)).to_string(),
    }
}

impl From<WriteError> for BroadcastError {
    fn from(error: WriteError) -> BroadcastError {
        match error {
            WriteError::Busy | WriteError::Closed => BroadcastError::Unavailable(error.to_string()),
            WriteError::Type(_) | WriteError::Storage(_) => BroadcastError::Storage(error.to_string()),
        }
    }
}
