//! The limits on a client's texts: how many it sends, and how many resources it listens to.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use serde_json::{Value, json};
use tidegate_core::{
    cell::{Cell, Fit},
    limit::Quantity,
    socket::SocketRules,
};
use tidegate_engine::{engine::Engine, sockets::SocketHandle};

use super::limit_warning::{self, ResourceWarning};
use crate::relay::{RelayHandle, TextHook, Verdict};

/// Messages a minute, which are this socket's own count.
const MINUTE: Duration = Duration::from_secs(60);

/// Asked about each text of a client.
pub(super) struct MessageLimits {
    rules: SocketRules,
    handle: SocketHandle,
    /// Says to the client what nobody asked for.
    control: RelayHandle,
    engine: Arc<Engine>,
    messages: Option<Cell>,
    resources: BTreeSet<String>,
    resource_warning: ResourceWarning,
    /// The resources are followed here: the route says how, and no session inside does it.
    follows: bool,
    /// The text that begins is one too many, until then.
    too_often_for: Option<Duration>,
}

impl MessageLimits {
    pub(super) fn new(
        rules: SocketRules,
        handle: SocketHandle,
        control: RelayHandle,
        engine: Arc<Engine>,
        follows: bool,
    ) -> MessageLimits {
        MessageLimits {
            resource_warning: ResourceWarning::new(&rules),
            follows: follows && rules.command.is_some(),
            rules,
            handle,
            control,
            engine,
            messages: None,
            resources: BTreeSet::new(),
            too_often_for: None,
        }
    }

    /// A count of the socket's own needs no store: it is asked by one task and gone with the socket.
    fn too_often(&mut self) -> Option<Duration> {
        let now = self.engine.clock.now();
        self.handle.heard(now);
        let quota = self.rules.messages_per_minute_max;
        let quantity = Quantity::Rate {
            quota,
            burst: quota,
            window: MINUTE,
        };
        let cell = self.messages.get_or_insert_with(|| Cell::new(quantity, now));
        cell.advance(quantity, now);
        match cell.fit(quantity, 1, 0, now) {
            Fit::After(wait) => Some(wait),
            _ => {
                cell.take(1);
                if cell.warns(quantity) && self.rules.warnings {
                    let used = cell.standing(quantity, now).used;
                    self.say(limit_warning::text("messages_per_minute_max", used, quota));
                }
                None
            }
        }
    }

    /// Follows what the socket listens to; says when it is one too many.
    fn follow(&mut self, message: &Value) -> Option<Verdict> {
        let rule = self.rules.command.as_ref()?;
        let command = message.get(&rule.name_at)?.as_str()?;
        let resource = match message.get(&rule.resource_at)? {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => return None,
        };
        if rule.stops.iter().any(|stop| stop == command) {
            if self.resources.remove(&resource) {
                self.listens();
            }
            return None;
        }
        if !rule.starts.iter().any(|start| start == command) || self.resources.contains(&resource) {
            return None;
        }
        let max = self.rules.resources_max as usize;
        if self.resources.len() >= max {
            let text = format!(
                "A socket may listen to at most {max} resources. Stop listening to one, or open another socket."
            );
            return Some(Verdict::Reply(error(message, 5, &text, None)));
        }
        self.resources.insert(resource);
        self.listens();
        None
    }

    fn listens(&mut self) {
        self.handle.set_devices(self.resources.iter().cloned());
        let now = self.engine.clock.now();
        if let Some(text) = self.resource_warning.listens_to(self.resources.len(), now) {
            self.say(text);
        }
    }

    fn say(&self, text: String) {
        // A client that does not read what it is told is told no more.
        let _ = self.control.send_behind_first(text);
    }
}

impl TextHook for MessageLimits {
    fn passes_unread(&mut self) -> bool {
        self.too_often_for = self.too_often();
        self.too_often_for.is_none() && !self.follows
    }

    fn on_text(&mut self, text: &[u8]) -> Verdict {
        let message: Value = serde_json::from_slice(text).unwrap_or(Value::Null);
        if let Some(wait) = self.too_often_for.take() {
            let quota = self.rules.messages_per_minute_max;
            let wait_ms = tidegate_core::fields::retry_after_ms(wait);
            let text = format!(
                "A socket may send {quota} messages a minute; this one was dropped. Try again in {wait_ms} ms."
            );
            return Verdict::Reply(error(&message, 5, &text, Some(wait_ms)));
        }
        self.follow(&message).unwrap_or(Verdict::Pass)
    }
}

/// A typed error frame, tied to the message it answers.
fn error(message: &Value, code: u16, text: &str, retry_after_ms: Option<u64>) -> String {
    let id = message.get("id").cloned().unwrap_or(Value::Null);
    json!({
        "type": "error",
        "id": id,
        "status": { "status_code": code, "status_message": text },
        "retry_after_ms": retry_after_ms,
    })
    .to_string()
}
