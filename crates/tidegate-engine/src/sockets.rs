//! The registry of open sockets, with their callers, times and addresses, and a way to close one.
//!
//! An entry holds the lease of its socket, so the list and the counts cannot differ: both end when the
//! entry is dropped, on any way out.

mod close_signal;
mod entry;
mod handle;
mod socket;

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use parking_lot::Mutex;
use tidegate_core::{
    partition::{CellId, Partitioner},
    time::Now,
};

use crate::lease::Lease;
pub use close_signal::CloseReason;
pub use entry::SocketEntry;
pub use handle::SocketHandle;
pub use socket::{DEVICE_BYTES_MAX, DEVICES_SHOWN_MAX, NotASocketId, Socket, SocketFacts, SocketId, SocketView};

/// The registry of open sockets.
#[derive(Debug)]
pub struct Sockets {
    open: Mutex<OpenSockets>,
    partitioner: Partitioner,
    start: Now,
    next: AtomicU64,
    sockets_max: usize,
}

/// No room for another socket: a 503. The lease it was to hold is free again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SocketsFull;

/// The open sockets, by id, and by subject and set.
#[derive(Debug, Default)]
struct OpenSockets {
    by_id: HashMap<SocketId, Arc<Socket>>,
    /// The sockets of each key, in the order in which they opened.
    by_key: HashMap<Key, BTreeMap<u64, Arc<Socket>>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    Subject(Arc<str>),
    Set(CellId),
}

// === impl Sockets ===

impl Sockets {
    /// Makes an empty registry of at most `sockets_max`. The partitioner's key makes ids that nobody can guess.
    pub fn new(partitioner: Partitioner, start: Now, sockets_max: usize) -> Sockets {
        Sockets {
            open: Mutex::new(OpenSockets::default()),
            partitioner,
            start,
            next: AtomicU64::new(0),
            sockets_max,
        }
    }

    /// Lists a socket until its entry is dropped, which frees the lease too. A route without a limit on slots has none.
    pub fn register(
        self: &Arc<Self>,
        about: SocketFacts,
        lease: Option<Lease>,
        now: Now,
    ) -> Result<SocketEntry, SocketsFull> {
        let mut open = self.open.lock();
        if open.by_id.len() >= self.sockets_max {
            return Err(SocketsFull);
        }
        let (number, id) = self.fresh(&open);
        let sets = lease.iter().flat_map(Lease::sets).collect();
        let socket = Arc::new(Socket::new(id, number, about, sets, now));
        for key in keys(&socket) {
            open.by_key.entry(key).or_default().insert(number, socket.clone());
        }
        open.by_id.insert(id, socket.clone());
        drop(open);
        Ok(SocketEntry::new(self.clone(), socket, lease))
    }

    /// Returns the open sockets of a subject, the oldest first.
    pub fn of_user(&self, subject: &str, now: Now) -> Vec<SocketView> {
        let open = self.open.lock();
        let own = open.by_key.get(&Key::Subject(subject.into()));
        own.into_iter()
            .flat_map(BTreeMap::values)
            .map(|socket| socket.view(now))
            .collect()
    }

    /// Finds an open socket.
    pub fn get(&self, id: SocketId, now: Now) -> Option<SocketView> {
        self.open.lock().by_id.get(&id).map(|socket| socket.view(now))
    }

    /// Finds all open sockets for which `which` is true, in no order. It walks all of them.
    pub fn find(&self, which: impl Fn(&Socket) -> bool, now: Now) -> Vec<SocketView> {
        self.matching(which).iter().map(|socket| socket.view(now)).collect()
    }

    /// Tells a socket's holder to close it; returns false when there is none, or it was told before. The slot is free when
    /// the holder drops the entry.
    pub fn close(&self, id: SocketId, reason: CloseReason) -> bool {
        let socket = self.open.lock().by_id.get(&id).cloned();
        socket.is_some_and(|socket| socket.close.tell(reason))
    }

    /// Tells the holders of all sockets for which `which` is true to close them; returns how many had not been told yet. It
    /// walks all of them.
    pub fn close_where(&self, which: impl Fn(&Socket) -> bool, reason: CloseReason) -> usize {
        let told = |socket: &Arc<Socket>| socket.close.tell(reason);
        self.matching(which).into_iter().filter(told).count()
    }

    /// Finds the socket to evict when these sets refused ([`crate::engine::Admission::Rejected`] names them): in the first of
    /// the sets that has one, the oldest that was not told to close.
    pub fn oldest_of(&self, sets: &[CellId], now: Now) -> Option<SocketView> {
        let open = self.open.lock();
        let oldest = |set: &CellId| {
            let members = open.by_key.get(&Key::Set(*set))?;
            members.values().find(|socket| socket.close.reason().is_none())
        };
        sets.iter().find_map(oldest).map(|socket| socket.view(now))
    }

    /// Waits until the socket is gone and its slot is free; is ready at once when there is no such socket. It is for the
    /// caller that evicted it.
    pub fn gone(&self, id: SocketId) -> impl Future<Output = ()> + Send + use<> {
        let socket = self.open.lock().by_id.get(&id).cloned();
        std::future::poll_fn(move |context| match &socket {
            Some(socket) => socket.close.poll_gone(context),
            None => std::task::Poll::Ready(()),
        })
    }

    /// Returns the subjects with the most open sockets, at most `rows_max` of them, the most first.
    pub fn most_open(&self, rows_max: usize) -> Vec<(Arc<str>, usize)> {
        let open = self.open.lock();
        let mut subjects: Vec<_> = open
            .by_key
            .iter()
            .filter_map(|(key, members)| match key {
                Key::Subject(subject) => Some((subject.clone(), members.len())),
                Key::Set(_) => None,
            })
            .collect();
        drop(open);
        subjects.sort_unstable_by(|(a, many), (b, more)| more.cmp(many).then_with(|| a.cmp(b)));
        subjects.truncate(rows_max);
        subjects
    }

    /// Returns the number of open sockets.
    pub fn len(&self) -> usize {
        self.open.lock().by_id.len()
    }

    /// Returns true when no socket is open.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn matching(&self, which: impl Fn(&Socket) -> bool) -> Vec<Arc<Socket>> {
        let open = self.open.lock();
        open.by_id.values().filter(|socket| which(socket)).cloned().collect()
    }

    /// Returns the next number, and an id that no open socket has.
    fn fresh(&self, open: &OpenSockets) -> (u64, SocketId) {
        loop {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            let id = SocketId::of(&self.partitioner, self.start, number);
            if !open.by_id.contains_key(&id) {
                return (number, id);
            }
        }
    }

    fn remove(&self, socket: &Socket) {
        let mut open = self.open.lock();
        open.by_id.remove(&socket.id);
        for key in keys(socket) {
            if let Some(members) = open.by_key.get_mut(&key) {
                members.remove(&socket.number);
                if members.is_empty() {
                    open.by_key.remove(&key);
                }
            }
        }
    }
}

fn keys(socket: &Socket) -> impl Iterator<Item = Key> + '_ {
    let subject = Key::Subject(socket.about.subject.clone());
    [subject]
        .into_iter()
        .chain(socket.sets.iter().map(|set| Key::Set(*set)))
}

// === impl SocketsFull ===

impl std::fmt::Display for SocketsFull {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("there is no room for another socket")
    }
}

impl std::error::Error for SocketsFull {}

#[cfg(test)]
mod tests;
