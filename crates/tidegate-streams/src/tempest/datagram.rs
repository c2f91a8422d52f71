//! One UDP datagram of a hub. The platform's hubs sign nothing: whoever can reach the port is believed, and
//! only for devices the directory knows.

use super::broadcast::{Broadcast, DATAGRAM_BYTES_MAX};
use super::record::{Reading, RecordKind};
use crate::directory::{Device, Directory, DirectoryError};
use crate::live::{Fact, Note};
use crate::query::clip;
use crate::store::{ObservationBatch, ObservationRow, Store, StrikeRow, WriteError};
use serde_json::Value;
use std::sync::Arc;

/// The outcome of a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// Its observations are stored; how many.
    Observations(usize),
    /// It was a lightning strike; the newest one of the device is kept.
    Strike,
    /// It was a rapid_wind or evt_precip: told to those who listen, kept nowhere.
    Live,
    /// It was well-formed and of no use here (hub_status, a type of later firmware; rapid_wind and evt_precip
    /// when nobody listens, or of a device that no station has).
    Ignored,
}

/// The reason why a datagram was not taken.
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
    #[error("no device has the serial number {:?}", clip(.serial_number))]
    UnknownDevice {
        /// The serial number as it was sent: by anybody on the network, so its beginning is shown, and written out.
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
    let Some(origin) = broadcast.origin() else {
        return Ok(Accepted::Ignored);
    };
    let accepted = match &broadcast {
        Broadcast::Observations { readings, .. } => Accepted::Observations(readings.len()),
        Broadcast::Strike { .. } => Accepted::Strike,
        // Wind comes every three seconds of every device: the directory is asked when somebody wants to know.
        _ if !store.live().has_listeners() => return Ok(Accepted::Ignored),
        _ => Accepted::Live,
    };
    let Some(device) = directory.device_by_serial(&origin.serial).await? else {
        if accepted == Accepted::Live {
            return Ok(Accepted::Ignored);
        }
        let serial_number = origin.serial.to_string();
        return Err(BroadcastError::UnknownDevice { serial_number });
    };
    let mut batch = ObservationBatch::default();
    place(&device, broadcast, &mut batch).map_err(BroadcastError::Malformed)?;
    store.take(batch).await?;
    Ok(accepted)
}

/// Adds a broadcast to what is written of its device and told of it. A device sends only records of its own kind.
pub(super) fn place(device: &Device, broadcast: Broadcast, batch: &mut ObservationBatch) -> Result<(), String> {
    let device_id = device.id;
    let (origin, fact) = match broadcast {
        Broadcast::Observations { kind, readings, origin } => {
            if RecordKind::from_device(&device.kind) != Some(kind) {
                let (found, serial, of) = (kind.type_name(), &origin.serial, &device.kind);
                return Err(format!("type: found {found} for {serial}, a device of kind {of}"));
            }
            let origin = Arc::new(origin);
            for reading in readings {
                let row = Arc::new(row(device_id, kind, &reading));
                batch.notes.push(Note {
                    device_id,
                    origin: Arc::clone(&origin),
                    fact: Fact::Observation(Arc::clone(&row)),
                });
                batch.rows.push(row);
            }
            return Ok(());
        }
        Broadcast::Strike {
            origin,
            epoch_s,
            distance_km,
            energy,
        } => {
            batch.strikes.push(StrikeRow {
                device_id,
                epoch_s,
                distance_km,
            });
            (
                origin,
                Fact::Strike {
                    epoch_s,
                    distance_km,
                    energy,
                },
            )
        }
        Broadcast::RapidWind {
            origin,
            epoch_s,
            speed_mps,
            direction,
        } => (
            origin,
            Fact::RapidWind {
                epoch_s,
                speed_mps,
                direction,
            },
        ),
        Broadcast::Precip { origin, epoch_s } => (origin, Fact::Precip { epoch_s }),
        Broadcast::Other => return Ok(()),
    };
    let origin = Arc::new(origin);
    batch.notes.push(Note {
        device_id,
        origin,
        fact,
    });
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
            WriteError::Busy | WriteError::Closed | WriteError::Full => BroadcastError::Unavailable(error.to_string()),
            WriteError::Type(_) | WriteError::Refused(_) | WriteError::Storage(_) => {
                BroadcastError::Storage(error.to_string())
            }
        }
    }
}
