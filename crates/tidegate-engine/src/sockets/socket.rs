//! One open socket, as people see it.

use std::{
    fmt,
    net::IpAddr,
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use parking_lot::Mutex;
use tidegate_core::{
    partition::{CellId, Partitioner},
    time::Now,
};

use super::close_signal::{Close, CloseReason};

/// Most devices that are listed of a socket. It may listen to more.
pub const DEVICES_SHOWN_MAX: usize = 100;

/// Most bytes of a device's name that are listed; clients choose it.
pub const DEVICE_BYTES_MAX: usize = 64;

/// The id of an open socket: twelve characters that nobody can guess.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SocketId(u64);

/// The facts about a socket that are known when it opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SocketFacts {
    /// The subject it counts for: the partition `user`, or the address of somebody unknown.
    pub subject: Arc<str>,
    /// The account, where there is one.
    pub user: Option<Arc<str>>,
    /// The token's public id.
    pub token: Option<Arc<str>>,
    /// The time at which the token expires, in Unix milliseconds.
    pub token_ends_ms: Option<i64>,
    /// The organisation.
    pub tenant: Option<Arc<str>>,
    /// The client's address.
    pub peer: IpAddr,
    /// The route.
    pub route: Arc<str>,
}

/// One open socket.
#[derive(Debug)]
pub struct Socket {
    /// Its id.
    pub id: SocketId,
    /// The facts known when it opened.
    pub about: SocketFacts,
    /// The time at which it opened, in Unix milliseconds.
    pub since_ms: i64,
    pub(super) number: u64,
    pub(super) sets: Vec<CellId>,
    pub(super) close: Close,
    heard_ns: AtomicU64,
    devices: Mutex<Devices>,
}

#[derive(Debug, Default)]
struct Devices {
    listed: Vec<Arc<str>>,
    is_cut: bool,
}

/// A socket as people see it, at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SocketView {
    /// Its id.
    pub id: SocketId,
    /// The facts known when it opened.
    pub about: SocketFacts,
    /// The time at which it opened, in Unix milliseconds.
    pub since_ms: i64,
    /// The time since the client last sent something.
    pub idle: Duration,
    /// The time at which the client last sent something, in Unix milliseconds.
    pub last_heard_ms: i64,
    /// The devices it listens to; at most [`DEVICES_SHOWN_MAX`].
    pub devices: Vec<Arc<str>>,
    /// True when there were more devices once than the list has places.
    pub devices_cut: bool,
    /// The reason why it is closing, if it is.
    pub closing: Option<CloseReason>,
}

/// The text is not in the form of a socket id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotASocketId;

// === impl Socket ===

impl Socket {
    pub(super) fn new(id: SocketId, number: u64, about: SocketFacts, sets: Vec<CellId>, now: Now) -> Socket {
        Socket {
            id,
            about,
            since_ms: now.wall_ms,
            number,
            sets,
            close: Close::default(),
            heard_ns: AtomicU64::new(now.mono_ns),
            devices: Mutex::default(),
        }
    }

    /// Returns the socket as people see it.
    pub fn view(&self, now: Now) -> SocketView {
        let idle = Duration::from_nanos(now.mono_ns.saturating_sub(self.heard_ns.load(Ordering::Relaxed)));
        let devices = self.devices.lock();
        let idle_ms = i64::try_from(idle.as_millis()).unwrap_or(i64::MAX);
        SocketView {
            id: self.id,
            about: self.about.clone(),
            since_ms: self.since_ms,
            idle,
            last_heard_ms: now.wall_ms.saturating_sub(idle_ms),
            devices: devices.listed.clone(),
            devices_cut: devices.is_cut,
            closing: self.close.reason(),
        }
    }

    /// Returns true when it may listen to a device: the device is listed, or the list was too short for all. Closing the
    /// sockets of a device that is no longer shared must miss none.
    pub fn may_listen_to(&self, device: &str) -> bool {
        let devices = self.devices.lock();
        devices.is_cut || devices.listed.iter().any(|known| **known == *cut(device))
    }

    pub(super) fn heard(&self, now: Now) {
        // Readings may arrive out of order; a late one makes nobody idle.
        self.heard_ns.fetch_max(now.mono_ns, Ordering::Relaxed);
    }

    pub(super) fn add_device(&self, device: &str) -> bool {
        let device = cut(device);
        let mut devices = self.devices.lock();
        let is_new = !devices.listed.iter().any(|known| **known == *device);
        let has_place = devices.listed.len() < DEVICES_SHOWN_MAX;
        if is_new && has_place {
            devices.listed.push(device.into());
        }
        devices.is_cut |= is_new && !has_place;
        is_new && has_place
    }

    pub(super) fn set_devices(&self, listening: impl IntoIterator<Item = String>) {
        let mut listed: Vec<Arc<str>> = Vec::new();
        let mut is_cut = false;
        for device in listening {
            if listed.len() < DEVICES_SHOWN_MAX {
                listed.push(cut(&device).into());
            } else {
                is_cut = true;
            }
        }
        let mut devices = self.devices.lock();
        devices.listed = listed;
        devices.is_cut = is_cut;
    }

    pub(super) fn remove_device(&self, device: &str) -> bool {
        let device = cut(device);
        let mut devices = self.devices.lock();
        let before = devices.listed.len();
        devices.listed.retain(|known| **known != *device);
        devices.listed.len() < before
    }
}

fn cut(device: &str) -> &str {
    &device[..device.floor_char_boundary(DEVICE_BYTES_MAX)]
}

// === impl SocketId ===

/// The digits and letters of an id, without those that are mistaken for others.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const CHARS: usize = 12;

impl SocketId {
    /// Makes the id of a run's `number`th socket: a keyed hash, so that ids of two runs differ and none follows from another.
    pub(super) fn of(partitioner: &Partitioner, start: Now, number: u64) -> SocketId {
        let parts = [
            b"socket".as_slice(),
            &start.wall_ms.to_be_bytes(),
            &number.to_be_bytes(),
        ];
        SocketId((partitioner.cell(parts).0 >> (128 - 5 * CHARS)) as u64)
    }
}

impl fmt::Display for SocketId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for place in (0..CHARS).rev() {
            let digit = ALPHABET[(self.0 >> (5 * place)) as usize & 31];
            write!(f, "{}", char::from(digit))?;
        }
        Ok(())
    }
}

impl FromStr for SocketId {
    type Err = NotASocketId;

    fn from_str(text: &str) -> Result<SocketId, NotASocketId> {
        let text = text.trim();
        if text.len() != CHARS {
            return Err(NotASocketId);
        }
        let digit = |c: u8| ALPHABET.iter().position(|known| *known == c.to_ascii_lowercase());
        text.bytes()
            .try_fold(0, |id, c| Some(id << 5 | digit(c)? as u64))
            .map(SocketId)
            .ok_or(NotASocketId)
    }
}

impl fmt::Display for NotASocketId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a socket id is twelve letters and digits, as `tidegate sockets` shows them")
    }
}

impl std::error::Error for NotASocketId {}
