//! The messages that answer commands.

use super::super::answer;
use crate::fault::Fault;
use serde_json::{Map, Value, json};

/// `status_code` of what a bound refused, as the platform has it.
pub(super) const LIMITED: u16 = 5;

/// The reason why a command is not done as asked, or a device no longer listened to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// An HTTP status, [`LIMITED`] for a bound, or 1 for a failure inside.
    pub(super) code: u16,
    pub(super) message: String,
    pub(super) device_id: Option<i64>,
    /// After how many milliseconds the same command will be taken.
    pub(super) retry_after_ms: Option<i64>,
}

impl Refusal {
    pub(super) fn new(code: u16, message: impl Into<String>) -> Refusal {
        Refusal {
            code,
            message: message.into(),
            device_id: None,
            retry_after_ms: None,
        }
    }

    pub(super) fn of_device(self, device_id: i64) -> Refusal {
        Refusal {
            device_id: Some(device_id),
            ..self
        }
    }

    pub(super) fn unknown_device(device_id: i64) -> Refusal {
        Refusal::new(404, format!("NOT FOUND - there is no device {device_id}")).of_device(device_id)
    }

    pub(super) fn foreign_device(device_id: i64) -> Refusal {
        let message = format!("FORBIDDEN - device {device_id} is not yours and not shared with you");
        Refusal::new(403, message).of_device(device_id)
    }

    pub(super) fn internal() -> Refusal {
        Refusal::new(1, "INTERNAL_ERROR - the server's log has the cause; send it again")
    }
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Refusal {
        Refusal::new(answer::code(&fault), fault.message)
    }
}

/// The first message of every socket.
pub(super) fn opened() -> String {
    json!({"type": "connection_opened"}).to_string()
}

/// The answer to a command that is done; `note` says what does not follow from it.
pub(super) fn ack(id: Option<&Value>, note: Option<&str>) -> String {
    let mut members = tied("ack", id);
    if let Some(note) = note {
        members.insert("note".to_owned(), note.into());
    }
    Value::Object(members).to_string()
}

/// The answer to a command that is not.
pub(super) fn error(id: Option<&Value>, refusal: &Refusal) -> String {
    let mut members = tied("error", id);
    if let Some(device_id) = refusal.device_id {
        members.insert("device_id".to_owned(), device_id.into());
    }
    let status = json!({"status_code": refusal.code, "status_message": refusal.message});
    members.insert("status".to_owned(), status);
    if let Some(retry_after_ms) = refusal.retry_after_ms {
        members.insert("retry_after_ms".to_owned(), retry_after_ms.into());
    }
    Value::Object(members).to_string()
}

/// Tells a listener that it was too slow, and what that cost it.
pub(super) fn dropped(device_id: i64, count: u64) -> String {
    json!({"type": "evt_dropped", "device_id": device_id, "count": count}).to_string()
}

/// The id goes back as it came: text as text, a number as a number, none as none.
fn tied(type_name: &str, id: Option<&Value>) -> Map<String, Value> {
    let mut members = Map::new();
    members.insert("type".to_owned(), type_name.into());
    if let Some(id) = id {
        members.insert("id".to_owned(), id.clone());
    }
    members
}
