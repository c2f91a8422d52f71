//! One socket's conversation, without the socket: messages in, effects out. Knows no store, no directory and
//! no clock; what it has to ask comes out as a [`Question`] and goes back in as its answer.

use super::bounds::SocketBounds;
use super::command::{Command, Place, Verb};
use super::frame::{self, LIMITED, Refusal};
use super::pace::Pace;
use crate::caller::StationScope;
use crate::live::{Feed, Feeds};
use serde_json::Value;
use std::collections::BTreeMap;

/// The conversation's state.
#[derive(Debug)]
pub(super) struct Session {
    bounds: SocketBounds,
    pace: Pace,
    listening: BTreeMap<i64, Listening>,
    errors_in_row: u32,
}

#[derive(Clone, Copy, Debug)]
struct Listening {
    station_id: i64,
    feeds: Feeds,
}

/// The things to be done, in order.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Effect {
    /// Send this.
    Say(String),
    /// Send the device's last observation.
    Snapshot(i64),
    /// Find out, then come back with [`Session::granted`] or [`Session::refused`].
    Ask(Question),
    /// Stop listening.
    Leave(i64, Feed),
    /// Stop listening altogether.
    LeaveDevice(i64),
    /// Send what is to be sent, then end: so many errors came in a row.
    End(u32),
}

/// May this be listened to?
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Question {
    pub(super) id: Option<Value>,
    pub(super) wish: Wish,
}

/// The thing that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    Listen(i64, Feed),
    StationEvents(Place),
}

const NOTHING_NOTE: &str = "no device_id was given, so nothing is listened to; one socket carries many devices, each \
                            with a listen_start of its own";
const EVENTS_NOTE: &str = "this server sends no station events";
const STRIKES_NOTE: &str = "this server sends no strikes by area; listen_start sends those a device saw";

impl Session {
    pub(super) fn new(bounds: SocketBounds) -> Session {
        Session {
            bounds,
            pace: Pace::new(bounds.commands_per_minute_max),
            listening: BTreeMap::new(),
            errors_in_row: 0,
        }
    }

    /// Takes one message. Exactly one reply comes of it, here or from the answer to its question.
    pub(super) fn command(&mut self, text: &str, now_ms: i64) -> Vec<Effect> {
        let bytes_max = self.bounds.message_bytes_max;
        let command = if text.len() > bytes_max {
            let found = text.len();
            let message = format!("MESSAGE TOO LARGE - found {found} bytes, at most {bytes_max} are read");
            Command {
                id: None,
                verb: Err(Refusal::new(413, message)),
            }
        } else {
            Command::read(text)
        };
        let id = command.id;
        if let Err(retry_after_ms) = self.pace.take(now_ms) {
            return self.error(id.as_ref(), self.too_fast(retry_after_ms));
        }
        match command.verb {
            Ok(verb) => self.act(id, verb),
            Err(refusal) => self.error(id.as_ref(), refusal),
        }
    }

    fn act(&mut self, id: Option<Value>, verb: Verb) -> Vec<Effect> {
        let wish = match verb {
            Verb::Listen(device_id, feed) => {
                let devices_max = self.bounds.devices_max;
                if !self.listening.contains_key(&device_id) && self.listening.len() >= devices_max {
                    return self.error(id.as_ref(), too_many(device_id, devices_max));
                }
                Wish::Listen(device_id, feed)
            }
            Verb::StationEvents(place) => Wish::StationEvents(place),
            Verb::Leave(device_id, feed) => {
                let mut effects = self.leave(device_id, feed);
                effects.extend(self.ack(id.as_ref(), None));
                return effects;
            }
            Verb::ListenToNothing => return self.ack(id.as_ref(), Some(NOTHING_NOTE)),
            Verb::LeaveStationEvents => return self.ack(id.as_ref(), None),
            Verb::Strikes => return self.ack(id.as_ref(), Some(STRIKES_NOTE)),
        };
        vec![Effect::Ask(Question { id, wish })]
    }

    /// The answer to a question is yes; the listening has begun.
    pub(super) fn granted(&mut self, question: &Question, station_id: i64) -> Vec<Effect> {
        let id = question.id.as_ref();
        match question.wish {
            Wish::StationEvents(_) => self.ack(id, Some(EVENTS_NOTE)),
            Wish::Listen(device_id, feed) => {
                let fresh = Listening {
                    station_id,
                    feeds: Feeds::default(),
                };
                let listening = self.listening.entry(device_id).or_insert(fresh);
                listening.station_id = station_id;
                listening.feeds.insert(feed);
                let mut effects = self.ack(id, None);
                if feed == Feed::Observations {
                    effects.push(Effect::Snapshot(device_id));
                }
                effects
            }
        }
    }

    /// The answer to a question is no.
    pub(super) fn refused(&mut self, question: &Question, refusal: Refusal) -> Vec<Effect> {
        self.error(question.id.as_ref(), refusal)
    }

    /// The caller's stations may have changed: stops what is no longer among them, each with its error.
    pub(super) fn narrow(&mut self, scope: &StationScope) -> Vec<Effect> {
        let lost = self.listening.iter().filter(|(_, at)| !scope.allows(at.station_id));
        let lost: Vec<i64> = lost.map(|(device_id, _)| *device_id).collect();
        let stop = |device_id| self.stop(device_id, Refusal::foreign_device(device_id));
        lost.into_iter().flat_map(stop).collect()
    }

    /// The device stands at this station now.
    pub(super) fn placed(&mut self, device_id: i64, station_id: i64) {
        if let Some(listening) = self.listening.get_mut(&device_id) {
            listening.station_id = station_id;
        }
    }

    /// Stops listening to a device, whatever of it was listened to. Not an error of the caller's.
    pub(super) fn stop(&mut self, device_id: i64, refusal: Refusal) -> Vec<Effect> {
        self.listening.remove(&device_id);
        vec![
            Effect::LeaveDevice(device_id),
            Effect::Say(frame::error(None, &refusal)),
        ]
    }

    /// Returns the devices listened to, by id.
    pub(super) fn devices(&self) -> Vec<i64> {
        self.listening.keys().copied().collect()
    }

    /// Is true when any feed of the device is listened to.
    pub(super) fn carries(&self, device_id: i64) -> bool {
        self.listening.contains_key(&device_id)
    }

    /// Listens to nothing any more, and says nothing of it.
    pub(super) fn forget(&mut self) {
        self.listening.clear();
    }

    /// Is true when this feed is listened to.
    pub(super) fn listens(&self, device_id: i64, feed: Feed) -> bool {
        let listening = self.listening.get(&device_id);
        listening.is_some_and(|listening| listening.feeds.has(feed))
    }

    fn leave(&mut self, device_id: i64, feed: Feed) -> Vec<Effect> {
        let Some(listening) = self.listening.get_mut(&device_id) else {
            return Vec::new();
        };
        listening.feeds.remove(feed);
        if listening.feeds.is_empty() {
            self.listening.remove(&device_id);
        }
        vec![Effect::Leave(device_id, feed)]
    }

    fn ack(&mut self, id: Option<&Value>, note: Option<&str>) -> Vec<Effect> {
        self.errors_in_row = 0;
        vec![Effect::Say(frame::ack(id, note))]
    }

    fn error(&mut self, id: Option<&Value>, refusal: Refusal) -> Vec<Effect> {
        self.errors_in_row += 1;
        let mut effects = vec![Effect::Say(frame::error(id, &refusal))];
        if self.errors_in_row >= self.bounds.errors_in_row_max {
            effects.push(Effect::End(self.errors_in_row));
        }
        effects
    }

    fn too_fast(&self, retry_after_ms: i64) -> Refusal {
        let per_minute = self.bounds.commands_per_minute_max;
        let message = format!("TOO MANY COMMANDS - a socket takes {per_minute} a minute; send it again later");
        Refusal {
            retry_after_ms: Some(retry_after_ms),
            ..Refusal::new(LIMITED, message)
        }
    }
}

fn too_many(device_id: i64, devices_max: usize) -> Refusal {
    let message = format!(
        "TOO MANY DEVICES - one socket carries many devices, up to {devices_max}, and this one has them; stop one with \
         listen_stop, or open a second socket for the others"
    );
    Refusal::new(LIMITED, message).of_device(device_id)
}

#[cfg(test)]
mod tests;
