//! The events that listeners are told.

use crate::observation::ObservationRow;
use serde_json::Value;
use std::sync::Arc;
use tokio::sync::OnceCell;

/// The source of a broadcast, as far as the hub said.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Origin {
    /// The device's serial number.
    pub(crate) serial: Box<str>,
    /// The hub's.
    pub(crate) hub_sn: Option<Box<str>>,
    /// A number from some firmwares, text from others.
    pub(crate) firmware: Option<Value>,
}

/// A hub's message about a device. Made before the write it belongs to; published after its commit.
#[derive(Clone, Debug)]
pub(crate) struct Note {
    pub(crate) device_id: i64,
    pub(crate) origin: Arc<Origin>,
    pub(crate) fact: Fact,
}

/// The kinds of things that are told.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Fact {
    Observation(Arc<ObservationRow>),
    Strike {
        epoch_s: i64,
        distance_km: f64,
        energy: f64,
    },
    Precip {
        epoch_s: i64,
    },
    RapidWind {
        epoch_s: i64,
        speed_mps: f64,
        direction: f64,
    },
}

/// The feeds of a device that a listener can choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub(crate) enum Feed {
    /// Observations, strikes and the start of rain.
    Observations = 1,
    /// Wind, every three seconds.
    RapidWind = 2,
}

/// A set of feeds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Feeds(u8);

/// A note on its way to listeners, shared by all of them.
#[derive(Debug)]
pub(crate) struct Event {
    pub(crate) note: Note,
    /// The write group it was committed in; 0 for what is kept nowhere.
    pub(crate) group: u64,
    /// The device's summary, worked out once for all events of one write, by whoever needs it first.
    pub(crate) summary: Arc<OnceCell<Value>>,
    /// The message, worked out once for all listeners, by whoever needs it first.
    pub(crate) text: OnceCell<Arc<str>>,
}

impl Fact {
    pub(crate) fn feed(&self) -> Feed {
        match self {
            Fact::Observation(_) | Fact::Strike { .. } | Fact::Precip { .. } => Feed::Observations,
            Fact::RapidWind { .. } => Feed::RapidWind,
        }
    }
}

impl Feeds {
    pub(crate) fn of(feed: Feed) -> Feeds {
        Feeds(feed as u8)
    }

    pub(crate) fn insert(&mut self, feed: Feed) {
        self.0 |= feed as u8;
    }

    pub(crate) fn remove(&mut self, feed: Feed) {
        self.0 &= !(feed as u8);
    }

    pub(crate) fn has(self, feed: Feed) -> bool {
        self.0 & feed as u8 != 0
    }

    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }
}
