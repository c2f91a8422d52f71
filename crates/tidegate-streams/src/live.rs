//! Live fan-out: what was committed, or heard and kept nowhere, goes to everyone who listens to its device.
//!
//! ```text
//! writer (after commit) -> Live::publish -> one inbox a listener, newest kept -> Seat::next, whenever its owner has time
//! ```
//!
//! Publishing waits for nobody: it takes two short locks, and what an inbox has no room for is counted there.

mod event;
mod inbox;

pub(crate) use event::{Event, Fact, Feed, Feeds, Note, Origin};
pub(crate) use inbox::Delivery;

use inbox::{Batch, Inbox};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The most sockets that may listen to one device at once.
pub const LISTENERS_PER_DEVICE_MAX: usize = 4_096;

/// The most messages that wait for a slow listener, per device; newer ones push out the oldest, and the listener is
/// told.
pub const MAILBOX_EVENTS_MAX: usize = 64;

/// The listeners, and the devices they listen to.
#[derive(Debug, Default)]
pub(crate) struct Live {
    /// Never held across an await; an inbox's own lock is taken inside this one.
    devices: Mutex<HashMap<i64, Vec<Listener>>>,
    /// The number of the write group that was begun last.
    groups: AtomicU64,
}

#[derive(Debug)]
struct Listener {
    inbox: Arc<Inbox>,
    feeds: Feeds,
}

/// The device has its [`LISTENERS_PER_DEVICE_MAX`] listeners.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Crowded;

impl Live {
    /// Counts a group of writes that begins. What a reader sees of the store afterwards comes from this
    /// group or an earlier one.
    pub(crate) fn begin_group(&self) -> u64 {
        self.groups.fetch_add(1, Ordering::SeqCst) + 1
    }

    /// The group that was begun last.
    pub(crate) fn group(&self) -> u64 {
        self.groups.load(Ordering::SeqCst)
    }

    /// Is true when anybody listens to anything.
    pub(crate) fn has_listeners(&self) -> bool {
        !self.devices.lock().is_empty()
    }

    /// Tells everyone who listens; of one feed in the order of the notes. Of one device and feed no more than fit a mailbox are made
    /// into events; the others are counted as dropped, so that a history sent at once costs the writer little.
    pub(crate) fn publish(&self, notes: Vec<Note>, group: u64) {
        if notes.is_empty() {
            return;
        }
        let devices = self.devices.lock();
        let mut batches: Vec<(i64, Feed, Batch)> = Vec::new();
        let mut places: HashMap<(i64, Feed), usize> = HashMap::new();
        for note in notes.into_iter().filter(|note| devices.contains_key(&note.device_id)) {
            let (device_id, feed) = (note.device_id, note.fact.feed());
            let place = *places.entry((device_id, feed)).or_insert_with(|| {
                batches.push((device_id, feed, Batch::default()));
                batches.len() - 1
            });
            batches[place].2.push(note, group);
        }
        for (device_id, feed, batch) in batches {
            let listeners = devices.get(&device_id).into_iter().flatten();
            for listener in listeners.filter(|listener| listener.feeds.has(feed)) {
                listener.inbox.put(device_id, &batch);
            }
        }
    }

    /// A place to listen from; it gives everything back when it is dropped.
    pub(crate) fn seat(self: &Arc<Live>) -> Seat {
        Seat {
            live: Arc::clone(self),
            inbox: Arc::default(),
        }
    }

    #[cfg(test)]
    fn listeners(&self, device_id: i64) -> usize {
        self.devices.lock().get(&device_id).map_or(0, Vec::len)
    }
}

/// One listener: any number of devices, one inbox.
#[derive(Debug)]
pub(crate) struct Seat {
    live: Arc<Live>,
    inbox: Arc<Inbox>,
}

impl Seat {
    /// Listens to one feed of a device; a second time changes nothing.
    pub(crate) fn listen(&self, device_id: i64, feed: Feed) -> Result<(), Crowded> {
        let mut devices = self.live.devices.lock();
        let listeners = devices.entry(device_id).or_default();
        if let Some(mine) = listeners.iter_mut().find(|other| self.is_mine(other)) {
            mine.feeds.insert(feed);
            return Ok(());
        }
        if listeners.len() >= LISTENERS_PER_DEVICE_MAX {
            return Err(Crowded);
        }
        self.inbox.open(device_id);
        listeners.push(Listener {
            inbox: Arc::clone(&self.inbox),
            feeds: Feeds::of(feed),
        });
        Ok(())
    }

    /// Stops listening to one feed. What waits of a device is dropped with its last feed.
    pub(crate) fn leave(&self, device_id: i64, feed: Feed) {
        self.leave_feeds(device_id, |feeds| feeds.remove(feed));
    }

    /// Stops listening to a device altogether.
    pub(crate) fn leave_device(&self, device_id: i64) {
        self.leave_feeds(device_id, |feeds| *feeds = Feeds::default());
    }

    /// Returns the next delivery. Devices take turns, so that a busy one silences no other.
    pub(crate) fn next(&self) -> Option<Delivery> {
        self.inbox.next()
    }

    /// Waits until there may be something. Safe to cancel.
    pub(crate) async fn ready(&self) {
        self.inbox.ready().await;
    }

    fn leave_feeds(&self, device_id: i64, take: impl FnOnce(&mut Feeds)) {
        let mut devices = self.live.devices.lock();
        let Some(listeners) = devices.get_mut(&device_id) else {
            return;
        };
        let Some(place) = listeners.iter().position(|other| self.is_mine(other)) else {
            return;
        };
        take(&mut listeners[place].feeds);
        if listeners[place].feeds.is_empty() {
            listeners.swap_remove(place);
            self.inbox.close(device_id);
        }
        if listeners.is_empty() {
            devices.remove(&device_id);
        }
    }

    fn is_mine(&self, listener: &Listener) -> bool {
        Arc::ptr_eq(&listener.inbox, &self.inbox)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        for device_id in self.inbox.devices() {
            self.leave_device(device_id);
        }
    }
}

#[cfg(test)]
mod tests;
