//! The events that wait for one listener: a short queue per device, newest kept.

use super::MAILBOX_EVENTS_MAX;
use super::event::{Event, Note};
use parking_lot::Mutex;
use serde_json::Value;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use tokio::sync::{Notify, OnceCell};

/// A listener's mailbox.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    mail: Mutex<Mail>,
    arrived: Notify,
}

#[derive(Debug, Default)]
struct Mail {
    by_device: HashMap<i64, Queue>,
    /// Devices with something to tell, each once, in the order of their turns.
    turns: VecDeque<i64>,
}

/// An empty one holds no memory of its own.
#[derive(Debug, Default)]
struct Queue {
    events: VecDeque<Arc<Event>>,
    dropped: u64,
}

/// The next event for a listener.
#[derive(Debug)]
pub(crate) enum Delivery {
    /// A number of this device's messages pushed out by newer ones since this was last said.
    Dropped { device_id: i64, count: u64 },
    /// An event.
    Event(Arc<Event>),
}

/// The events of one device, one feed and one write: the newest that fit a mailbox.
#[derive(Debug, Default)]
pub(super) struct Batch {
    events: VecDeque<Arc<Event>>,
    /// Older ones of the same write.
    skipped: u64,
    summary: Arc<OnceCell<Value>>,
}

impl Batch {
    pub(super) fn push(&mut self, note: Note, group: u64) {
        if self.events.len() == MAILBOX_EVENTS_MAX {
            self.events.pop_front();
            self.skipped += 1;
        }
        self.events.push_back(Arc::new(Event {
            note,
            group,
            summary: Arc::clone(&self.summary),
            text: OnceCell::new(),
        }));
    }
}

impl Inbox {
    /// Begins to take mail of a device.
    pub(super) fn open(&self, device_id: i64) {
        self.mail.lock().by_device.entry(device_id).or_default();
    }

    /// Takes no more of it, and forgets what waits.
    pub(super) fn close(&self, device_id: i64) {
        let mut mail = self.mail.lock();
        mail.by_device.remove(&device_id);
        mail.turns.retain(|turn| *turn != device_id);
    }

    pub(super) fn devices(&self) -> Vec<i64> {
        self.mail.lock().by_device.keys().copied().collect()
    }

    /// Puts a batch in; the oldest make room.
    pub(super) fn put(&self, device_id: i64, batch: &Batch) {
        let mut mail = self.mail.lock();
        let Mail { by_device, turns } = &mut *mail;
        let Some(queue) = by_device.get_mut(&device_id) else {
            return;
        };
        if queue.is_idle() {
            turns.push_back(device_id);
        }
        for event in &batch.events {
            if queue.events.len() == MAILBOX_EVENTS_MAX {
                queue.events.pop_front();
                queue.dropped += 1;
            }
            queue.events.push_back(Arc::clone(event));
        }
        queue.dropped += batch.skipped;
        drop(mail);
        self.arrived.notify_one();
    }

    pub(super) fn next(&self) -> Option<Delivery> {
        let mut mail = self.mail.lock();
        let Mail { by_device, turns } = &mut *mail;
        let device_id = turns.pop_front()?;
        let queue = by_device.get_mut(&device_id)?;
        if queue.dropped > 0 {
            let count = std::mem::take(&mut queue.dropped);
            // Lost events are told before kept ones.
            turns.push_front(device_id);
            return Some(Delivery::Dropped { device_id, count });
        }
        let event = queue.events.pop_front()?;
        if queue.is_idle() {
            queue.events = VecDeque::new();
        } else {
            turns.push_back(device_id);
        }
        Some(Delivery::Event(event))
    }

    pub(super) async fn ready(&self) {
        self.arrived.notified().await;
    }
}

impl Queue {
    fn is_idle(&self) -> bool {
        self.events.is_empty() && self.dropped == 0
    }
}

#[cfg(test)]
mod tests;
