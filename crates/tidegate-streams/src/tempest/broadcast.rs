//! A hub's broadcast: one JSON object, alike over UDP and through the relay.

use super::record::{Reading, RecordKind};
use crate::live::Origin;
use crate::query::clip;
use serde_json::{Map, Value};

/// The most broadcasts one relayed batch may carry.
pub const BROADCASTS_PER_POST_MAX: usize = 10_000;

/// The largest UDP datagram that is read, in bytes (the most UDP over IPv4 carries).
pub const DATAGRAM_BYTES_MAX: usize = 65_507;

/// The most records one broadcast may carry; a hub sends one.
const RECORDS_PER_BROADCAST_MAX: usize = 10_000;

/// The longest serial number or revision of a hub that is repeated to listeners, in bytes.
const HUB_WORD_BYTES_MAX: usize = 64;

/// The furthest time ahead of now at which an observation may lie. One from the far future would stay "the latest" for
/// ever.
const AHEAD_MAX_S: i64 = 86_400;

/// A broadcast, understood.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Broadcast {
    Observations {
        origin: Origin,
        kind: RecordKind,
        readings: Vec<Reading>,
    },
    Strike {
        origin: Origin,
        epoch_s: i64,
        distance_km: f64,
        energy: f64,
    },
    /// Told to listeners, kept nowhere.
    RapidWind {
        origin: Origin,
        epoch_s: i64,
        speed_mps: f64,
        direction: f64,
    },
    /// Rain has begun; told to listeners, kept nowhere.
    Precip { origin: Origin, epoch_s: i64 },
    /// Well-formed, and of no use here: hub_status, device_status, types of firmware to come, and a
    /// rapid_wind or evt_precip in a form of firmware to come.
    Other,
}

impl Broadcast {
    /// Reads one broadcast. The error names the member, what was found and what would be right.
    pub(super) fn read(object: &Value, now_s: i64) -> Result<Broadcast, String> {
        let Some(object) = object.as_object() else {
            return Err("found no object; a hub broadcast is one".to_owned());
        };
        let name = text(object, "type")?;
        if let Some(kind) = RecordKind::from_type(name) {
            return Ok(Broadcast::Observations {
                origin: origin(object)?,
                kind,
                readings: readings(object, kind, now_s)?,
            });
        }
        match name {
            "evt_strike" => strike(object, now_s),
            "rapid_wind" => Ok(rapid_wind(object, now_s).unwrap_or(Broadcast::Other)),
            "evt_precip" => Ok(precip(object, now_s).unwrap_or(Broadcast::Other)),
            _ => Ok(Broadcast::Other),
        }
    }

    /// Returns its source; `None` for a message of no use here.
    pub(super) fn origin(&self) -> Option<&Origin> {
        match self {
            Broadcast::Observations { origin, .. }
            | Broadcast::Strike { origin, .. }
            | Broadcast::RapidWind { origin, .. }
            | Broadcast::Precip { origin, .. } => Some(origin),
            Broadcast::Other => None,
        }
    }
}

fn readings(object: &Map<String, Value>, kind: RecordKind, now_s: i64) -> Result<Vec<Reading>, String> {
    let records = array(object, "obs")?;
    if records.is_empty() || records.len() > RECORDS_PER_BROADCAST_MAX {
        let found = records.len();
        return Err(format!(
            "obs: found {found} records, expected 1 to {RECORDS_PER_BROADCAST_MAX}"
        ));
    }
    let mut readings = Vec::with_capacity(records.len());
    for (index, record) in records.iter().enumerate() {
        let record = record
            .as_array()
            .ok_or_else(|| format!("obs record {index}: expected an array of values"))?;
        let reading = Reading::from_record(kind, record)
            .and_then(|reading| epoch(reading.epoch_s, now_s).map(|_| reading))
            .map_err(|problem| format!("obs record {index}: {problem}"))?;
        readings.push(reading);
    }
    Ok(readings)
}

fn strike(object: &Map<String, Value>, now_s: i64) -> Result<Broadcast, String> {
    let event = array(object, "evt")?;
    let number = |place: usize| event.get(place).and_then(Value::as_f64);
    let (Some(epoch_s), Some(distance_km)) = (event.first().and_then(Value::as_i64), number(1)) else {
        return Err("evt: expected [epoch seconds, distance in km, energy]".to_owned());
    };
    Ok(Broadcast::Strike {
        origin: origin(object)?,
        epoch_s: epoch(epoch_s, now_s)?,
        distance_km,
        energy: number(2).unwrap_or(0.0),
    })
}

/// `None` when it is not of the form that is known.
fn rapid_wind(object: &Map<String, Value>, now_s: i64) -> Option<Broadcast> {
    let wind = array(object, "ob").ok()?;
    Some(Broadcast::RapidWind {
        origin: origin(object).ok()?,
        epoch_s: epoch(wind.first()?.as_i64()?, now_s).ok()?,
        speed_mps: wind.get(1)?.as_f64()?,
        direction: wind.get(2)?.as_f64()?,
    })
}

/// `None` when it is not of the form that is known.
fn precip(object: &Map<String, Value>, now_s: i64) -> Option<Broadcast> {
    let event = array(object, "evt").ok()?;
    Some(Broadcast::Precip {
        origin: origin(object).ok()?,
        epoch_s: epoch(event.first()?.as_i64()?, now_s).ok()?,
    })
}

fn origin(object: &Map<String, Value>) -> Result<Origin, String> {
    // A hub's words about itself are repeated to listeners, so it is kept short.
    let is_short = |text: &&str| text.len() <= HUB_WORD_BYTES_MAX;
    let firmware = object.get("firmware_revision").filter(|revision| match revision {
        Value::String(text) => is_short(&text.as_str()),
        other => other.is_number(),
    });
    let hub_sn = object.get("hub_sn").and_then(Value::as_str).filter(is_short);
    Ok(Origin {
        serial: text(object, "serial_number")?.into(),
        hub_sn: hub_sn.map(Into::into),
        firmware: firmware.cloned(),
    })
}

fn epoch(epoch_s: i64, now_s: i64) -> Result<i64, String> {
    let latest = now_s.saturating_add(AHEAD_MAX_S);
    if (1..=latest).contains(&epoch_s) {
        return Ok(epoch_s);
    }
    Err(format!(
        "value 0 (epoch): found {epoch_s}, expected seconds since 1970, at most a day ahead of now"
    ))
}

fn text<'a>(object: &'a Map<String, Value>, member: &str) -> Result<&'a str, String> {
    match object.get(member) {
        Some(Value::String(text)) if !text.is_empty() => Ok(text),
        Some(other) => {
            let found = clip(&other.to_string());
            Err(format!("{member}: found {found}, expected a string"))
        }
        None => Err(format!("{member} is missing")),
    }
}

fn array<'a>(object: &'a Map<String, Value>, member: &str) -> Result<&'a [Value], String> {
    match object.get(member) {
        Some(Value::Array(array)) => Ok(array),
        Some(_) => Err(format!("{member}: expected an array")),
        None => Err(format!("{member} is missing")),
    }
}

#[cfg(test)]
mod tests;
