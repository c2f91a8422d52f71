//! The WebSocket dialect as a session of text messages. Frames, pings, closes and places are the host's work.
//!
//! ```text
//! incoming -> Session::command -> effects: replies, questions (directory), listening (Seat) -> outgoing
//! store after commit -> Seat -> message, worked out once for all listeners                  -> outgoing
//! ```
//!
//! The session takes its next command when the last one's reply is out, and the next live message when there is
//! room for it, so that nothing piles up here: what is too much for a slow listener is dropped in its mailbox.

mod bounds;
mod command;
mod frame;
mod message;
mod pace;
mod permission;
mod session;

pub use bounds::SocketBounds;

use super::Tempest;
use crate::caller::Caller;
use crate::directory::Directory;
use crate::live::{Delivery, Event, Fact, Seat};
use crate::store::Store;
use frame::Refusal;
use session::{Effect, Session};
use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::Arc;
use tokio::sync::mpsc::{self, Permit};
use tokio::sync::watch;

/// The caller, as the host knows it at any time. The host sends a value whenever something of this caller's has
/// changed: a share given or taken, a station removed, a device moved; an equal value is looked at too. When it
/// drops its end, the caller is gone and the socket ends.
pub type CallerSource = watch::Receiver<Arc<Caller>>;

/// The events of a live socket that the host learns of.
pub trait SocketObserver: Send + Sync {
    /// The devices it listens to now, by id; called when they change, and with none when it ends.
    fn devices(&self, listening: &[i64]);
}

/// The reason why a session ended. The text is short enough for the reason of a WebSocket close.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SocketEnd {
    /// The host dropped its end of `incoming` or `outgoing`.
    Closed,
    /// The host dropped its end of the [`CallerSource`].
    CallerGone,
    /// This number of commands in a row was answered with an error.
    TooManyErrors(u32),
}

impl fmt::Display for SocketEnd {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SocketEnd::Closed => out.write_str("closed"),
            SocketEnd::CallerGone => out.write_str("the credential of this socket is no longer valid"),
            SocketEnd::TooManyErrors(errors) => write!(out, "{errors} commands in a row could not be done"),
        }
    }
}

/// The surroundings that a session needs beside its messages.
pub(crate) struct Surroundings<'a, C> {
    pub(crate) store: &'a Store,
    pub(crate) directory: &'a dyn Directory,
    pub(crate) caller: CallerSource,
    /// Unix milliseconds.
    pub(crate) clock: C,
    pub(crate) observer: Arc<dyn SocketObserver>,
}

struct Socket<'a, C> {
    around: Surroundings<'a, C>,
    session: Session,
    seat: Seat,
    replies: VecDeque<Reply>,
    delivery: Option<Delivery>,
    /// The readings that snapshots have shown, until live data is past it.
    shown: HashMap<i64, Shown>,
    /// The devices that the observer was told last.
    carried: Vec<i64>,
    end: Option<SocketEnd>,
}

enum Reply {
    Text(String),
    /// A known state of a device, to be sent if it is still listened to by then.
    OfDevice(i64, String),
}

struct Shown {
    latest: super::record::Reading,
    /// Only this write group and earlier ones can have been in the snapshot.
    group: u64,
}

/// Holds the conversation until it ends. Dropping the future ends it too; either way all places are given back.
pub(crate) async fn run<C>(
    around: Surroundings<'_, C>,
    mut incoming: mpsc::Receiver<String>,
    outgoing: mpsc::Sender<String>,
    bounds: SocketBounds,
) -> SocketEnd
where
    C: Fn() -> i64 + Send + Sync,
{
    let mut socket = Socket::open(around, bounds);
    loop {
        let is_answered = socket.replies.is_empty();
        if let Some(end) = socket.end.filter(|_| is_answered) {
            return end;
        }
        socket.delivery = socket.delivery.take().or_else(|| socket.seat.next());
        let has_something = !is_answered || socket.delivery.is_some();
        tokio::select! {
            changed = socket.around.caller.changed() => match changed {
                Ok(()) => socket.narrow().await,
                Err(_) => return SocketEnd::CallerGone,
            },
            permit = outgoing.reserve(), if has_something => match permit {
                Ok(permit) => socket.send(permit).await,
                Err(_) => return SocketEnd::Closed,
            },
            () = outgoing.closed() => return SocketEnd::Closed,
            text = incoming.recv(), if is_answered && socket.end.is_none() => match text {
                Some(text) => socket.command(&text).await,
                None => return SocketEnd::Closed,
            },
            () = socket.seat.ready(), if !has_something => {}
        }
    }
}

impl<'a, C: Fn() -> i64 + Send + Sync> Socket<'a, C> {
    fn open(around: Surroundings<'a, C>, bounds: SocketBounds) -> Socket<'a, C> {
        Socket {
            seat: around.store.live().seat(),
            around,
            session: Session::new(bounds),
            replies: VecDeque::from([Reply::Text(frame::opened())]),
            delivery: None,
            shown: HashMap::new(),
            carried: Vec::new(),
            end: None,
        }
    }

    async fn command(&mut self, text: &str) {
        let effects = self.session.command(text, (self.around.clock)());
        self.perform(effects).await;
        self.show();
    }

    async fn perform(&mut self, effects: Vec<Effect>) {
        let mut effects = VecDeque::from(effects);
        while let Some(effect) = effects.pop_front() {
            match effect {
                Effect::Say(text) => self.replies.push_back(Reply::Text(text)),
                Effect::Snapshot(device_id) => self.snapshot(device_id).await,
                Effect::Ask(question) => effects.extend(match self.may(question.wish).await {
                    Ok(station_id) => self.session.granted(&question, station_id),
                    Err(refusal) => self.session.refused(&question, refusal),
                }),
                Effect::Leave(device_id, feed) => self.seat.leave(device_id, feed),
                Effect::LeaveDevice(device_id) => self.seat.leave_device(device_id),
                Effect::End(errors) => self.end = Some(SocketEnd::TooManyErrors(errors)),
            }
        }
        let session = &self.session;
        self.shown.retain(|device_id, _| session.carries(*device_id));
    }

    /// Reads the device's last observation before the ack is out, so that the caller hears live, once and in
    /// order, whatever is committed after its ack.
    async fn snapshot(&mut self, device_id: i64) {
        let caller = Arc::clone(&self.around.caller.borrow());
        let snapshot = message::snapshot(&self.tempest(&caller), device_id).await;
        // Asked after the store was read: whatever the snapshot shows is of this group or an earlier one.
        let group = self.around.store.live().group();
        let text = match snapshot {
            Ok(Some(snapshot)) => {
                let latest = snapshot.latest;
                self.shown.insert(device_id, Shown { latest, group });
                snapshot.text
            }
            Ok(None) => return,
            Err(fault) => frame::error(None, &Refusal::from(fault).of_device(device_id)),
        };
        self.replies.push_back(Reply::OfDevice(device_id, text));
    }

    /// Tells the observer when what is listened to has changed.
    fn show(&mut self) {
        let devices = self.session.devices();
        if devices != self.carried {
            self.around.observer.devices(&devices);
            self.carried = devices;
        }
    }

    /// Sends what is next: replies first, then live data.
    async fn send(&mut self, permit: Permit<'_, String>) {
        match (self.replies.pop_front(), self.delivery.take()) {
            (Some(reply), delivery) => {
                self.delivery = delivery;
                match reply {
                    Reply::Text(text) => permit.send(text),
                    Reply::OfDevice(device_id, text) => {
                        self.catch_up().await;
                        if self.session.carries(device_id) {
                            permit.send(text);
                        }
                    }
                }
            }
            (None, Some(Delivery::Dropped { device_id, count })) => {
                if self.session.carries(device_id) {
                    permit.send(frame::dropped(device_id, count));
                }
            }
            (None, Some(Delivery::Event(event))) => self.send_event(permit, &event).await,
            (None, None) => {}
        }
    }

    async fn send_event(&mut self, permit: Permit<'_, String>, event: &Event) {
        let device_id = event.note.device_id;
        if self.was_shown(event) {
            return;
        }
        let caller = Arc::clone(&self.around.caller.borrow());
        let text = message::live(&self.tempest(&caller), event).await;
        self.catch_up().await;
        if !self.session.listens(device_id, event.note.fact.feed()) {
            return;
        }
        permit.send(match text {
            Ok(text) => String::from(&*text),
            Err(fault) => frame::error(None, &Refusal::from(fault).of_device(device_id)),
        });
    }

    /// A write that is committed while a snapshot is read can be in it, and arrive here as well.
    fn was_shown(&mut self, event: &Event) -> bool {
        let Fact::Observation(row) = &event.note.fact else {
            return false;
        };
        let Some(shown) = self.shown.get(&row.device_id) else {
            return false;
        };
        if event.group > shown.group {
            self.shown.remove(&row.device_id);
            return false;
        }
        message::is_shown(row, &shown.latest)
    }

    fn tempest<'b>(&'b self, caller: &'b Caller) -> Tempest<'b> {
        Tempest {
            store: self.around.store,
            directory: self.around.directory,
            caller,
            now_ms: (self.around.clock)(),
        }
    }
}

impl<C> Drop for Socket<'_, C> {
    fn drop(&mut self) {
        if !self.carried.is_empty() {
            self.around.observer.devices(&[]);
        }
    }
}
