//! The commands of a caller, read with the tolerance that today's clients need.

use super::frame::Refusal;
use crate::live::Feed;
use crate::query::clip;
use serde_json::{Map, Value};

/// One message of a caller.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Command {
    /// Text or a number, to be sent back as it is.
    pub(super) id: Option<Value>,
    pub(super) verb: Result<Verb, Refusal>,
}

/// The action it asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    Listen(i64, Feed),
    Leave(i64, Feed),
    /// `listen_start` of no device, as a collector opens a socket with its token only.
    ListenToNothing,
    /// `listen_start_events` of a station, or of the station of a device.
    StationEvents(Place),
    LeaveStationEvents,
    /// `geo_strike_listen_start`, and the stop.
    Strikes,
}

/// A station, named by itself or by a device of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Station(i64),
    Device(i64),
}

impl Command {
    /// Reads a message; what is wrong with it is in [`Command::verb`], beside the id it is answered with.
    pub(super) fn read(text: &str) -> Command {
        let message: Value = match serde_json::from_str(text) {
            Ok(message) => message,
            Err(error) => return Command::wrong(None, format!("malformed JSON: {error}")),
        };
        let Value::Object(members) = message else {
            return Command::wrong(None, "found no object; a command is one, with a member type");
        };
        let id = match members.get("id") {
            None | Some(Value::Null) => None,
            Some(id @ (Value::String(_) | Value::Number(_))) => Some(id.clone()),
            Some(other) => {
                let found = clip(&other.to_string());
                return Command::wrong(None, format!("id: found {found}, expected text, a number or none"));
            }
        };
        match verb(&members) {
            Ok(verb) => Command { id, verb: Ok(verb) },
            Err(problem) => Command::wrong(id, problem),
        }
    }

    fn wrong(id: Option<Value>, problem: impl AsRef<str>) -> Command {
        let refusal = Refusal::new(400, format!("BAD REQUEST - {}", problem.as_ref()));
        Command { id, verb: Err(refusal) }
    }
}

fn verb(members: &Map<String, Value>) -> Result<Verb, String> {
    let name = match members.get("type") {
        Some(Value::String(name)) => name.as_str(),
        Some(other) => return Err(format!("type: found {}, expected text", clip(&other.to_string()))),
        None => return Err("type is missing".to_owned()),
    };
    let device = || number(members, "device_id")?.ok_or_else(|| "device_id is missing".to_owned());
    match name {
        "listen_start" => Ok(match number(members, "device_id")? {
            Some(device_id) => Verb::Listen(device_id, Feed::Observations),
            None => Verb::ListenToNothing,
        }),
        "listen_stop" => Ok(Verb::Leave(device()?, Feed::Observations)),
        "listen_rapid_start" => Ok(Verb::Listen(device()?, Feed::RapidWind)),
        "listen_rapid_stop" => Ok(Verb::Leave(device()?, Feed::RapidWind)),
        "listen_start_events" => place(members).map(Verb::StationEvents),
        "listen_stop_events" => place(members).map(|_| Verb::LeaveStationEvents),
        "geo_strike_listen_start" | "geo_strike_listen_stop" => Ok(Verb::Strikes),
        other => {
            let found = clip(other);
            Err(format!(
                "type: found {found}, expected listen_start, listen_stop, listen_rapid_start, listen_rapid_stop, \
                 listen_start_events, listen_stop_events, geo_strike_listen_start or geo_strike_listen_stop"
            ))
        }
    }
}

/// Some clients name a device where a station is meant.
fn place(members: &Map<String, Value>) -> Result<Place, String> {
    if let Some(station_id) = number(members, "station_id")? {
        return Ok(Place::Station(station_id));
    }
    let device_id = number(members, "device_id")?;
    device_id
        .map(Place::Device)
        .ok_or_else(|| "station_id is missing".to_owned())
}

/// A whole number, or text of one.
fn number(members: &Map<String, Value>, name: &str) -> Result<Option<i64>, String> {
    let found = match members.get(name) {
        None | Some(Value::Null) => return Ok(None),
        Some(found) => found,
    };
    let number = match found {
        Value::String(text) => text.trim().parse().ok(),
        other => other.as_i64(),
    };
    let expected = || format!("{name}: found {}, expected a whole number", clip(&found.to_string()));
    number.map(Some).ok_or_else(expected)
}

#[cfg(test)]
mod tests;
