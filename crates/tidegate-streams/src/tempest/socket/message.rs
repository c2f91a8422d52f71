//! The messages of live data and of the cached snapshot.

use super::super::Tempest;
use super::super::answer;
use super::super::bucket::{Aggregate, Bucket};
use super::super::conditions::Conditions;
use super::super::device;
use super::super::local_day::LocalDays;
use super::super::period::Period;
use super::super::record::{Field, Reading, RecordKind, number};
use super::super::series;
use crate::fault::Fault;
use crate::live::{Event, Fact, Note, Origin};
use crate::store::ObservationRow;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// The last observation of a device, as it is sent first.
pub(super) struct Snapshot {
    pub(super) text: String,
    pub(super) latest: Reading,
}

/// A device's last observation and its summary; `None` for one that was never heard, or that observes nothing.
pub(super) async fn snapshot(tempest: &Tempest<'_>, device_id: i64) -> Result<Option<Snapshot>, Fault> {
    let (device, station) = tempest.device(device_id).await?;
    let Some(kind) = RecordKind::from_device(&device.kind) else {
        return Ok(None);
    };
    let days = LocalDays::in_zone(&station.timezone);
    let Some(conditions) = Conditions::load(tempest, &[&device], &station, &days).await? else {
        return Ok(None);
    };
    let document = json!({
        "status": answer::status(false),
        "device_id": device_id,
        "type": kind.type_name(),
        "source": "cache",
        "summary": device::summary(Some(&conditions))?,
        "obs": [conditions.latest.to_record(kind)],
    });
    Ok(Some(Snapshot {
        text: document.to_string(),
        latest: conditions.latest,
    }))
}

/// An event's message: worked out by the first listener that has room for it, for all of them.
pub(super) async fn live(tempest: &Tempest<'_>, event: &Event) -> Result<Arc<str>, Fault> {
    let text = event.text.get_or_try_init(async || {
        let message = match event.note.fact {
            Fact::Observation(ref row) => observation(tempest, event, row).await?,
            Fact::Strike {
                epoch_s,
                distance_km,
                energy,
            } => told(&event.note, "evt_strike", "evt", epoch_s, &[distance_km, energy]),
            Fact::Precip { epoch_s } => told(&event.note, "evt_precip", "evt", epoch_s, &[]),
            Fact::RapidWind {
                epoch_s,
                speed_mps,
                direction,
            } => told(&event.note, "rapid_wind", "ob", epoch_s, &[speed_mps, direction]),
        };
        Ok(Value::Object(message).to_string().into())
    });
    text.await.cloned()
}

/// Is true when a live observation is the one that a snapshot has shown already.
pub(super) fn is_shown(row: &ObservationRow, shown: &Reading) -> bool {
    let Ok(mut reading) = series::reading(row) else {
        return false;
    };
    // The day's rain is added on the way out.
    reading.set(Field::DayRain, shown.get(Field::DayRain));
    reading == *shown
}

async fn observation(tempest: &Tempest<'_>, event: &Event, row: &ObservationRow) -> Result<Map<String, Value>, Fault> {
    let (device, station) = tempest.device(row.device_id).await?;
    let days = LocalDays::in_zone(&station.timezone);
    let mut reading = series::reading(row).map_err(Fault::internal)?;
    let kind = RecordKind::from_type(&row.kind).ok_or_else(|| Fault::internal("a row of no kind"))?;
    if reading.get(Field::Rain).is_some() && reading.get(Field::DayRain).is_none() {
        let rain = day_rain(tempest, &reading, row.device_id, &days).await?;
        reading.set(Field::DayRain, rain);
    }
    let summary = event.summary.get_or_try_init(async || {
        let conditions = Conditions::load(tempest, &[&device], &station, &days).await?;
        device::summary(conditions.as_ref())
    });
    let mut message = Map::new();
    message.insert("device_id".to_owned(), row.device_id.into());
    message.insert("type".to_owned(), kind.type_name().into());
    message.insert("obs".to_owned(), json!([reading.to_record(kind)]));
    message.insert("summary".to_owned(), summary.await?.clone());
    message.insert("source".to_owned(), "mqtt".into());
    put_origin(&mut message, &event.note.origin);
    if let Some(firmware) = &event.note.origin.firmware {
        message.insert("firmware_revision".to_owned(), firmware.clone());
    }
    Ok(message)
}

/// The rain of the local day up to this reading, as the history has it.
async fn day_rain(
    tempest: &Tempest<'_>,
    reading: &Reading,
    device_id: i64,
    days: &LocalDays,
) -> Result<Option<f64>, Fault> {
    let period = Period {
        start_s: reading.epoch_s,
        end_s: reading.epoch_s,
    };
    let sum: fn(&Aggregate, &LocalDays) -> Option<f64> = |full, _| full.reading().get(Field::DayRain);
    let sums = series::read(tempest, device_id, period, Bucket::Raw, days, sum).await?;
    Ok(sums.into_iter().next().flatten())
}

/// Writes a message that is complete by itself: a time, and values in their places.
fn told(note: &Note, type_name: &str, member: &str, epoch_s: i64, values: &[f64]) -> Map<String, Value> {
    let mut places = vec![Value::from(epoch_s)];
    places.extend(values.iter().map(|value| number(Some(*value))));
    let mut message = Map::new();
    message.insert("device_id".to_owned(), note.device_id.into());
    message.insert("type".to_owned(), type_name.into());
    message.insert(member.to_owned(), places.into());
    put_origin(&mut message, &note.origin);
    message
}

fn put_origin(message: &mut Map<String, Value>, origin: &Origin) {
    message.insert("serial_number".to_owned(), (*origin.serial).into());
    if let Some(hub_sn) = &origin.hub_sn {
        message.insert("hub_sn".to_owned(), (**hub_sn).into());
    }
}
