//! The caller, as the host has established it.

use std::sync::Arc;

/// The caller. The host has authenticated and authorised before it calls in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The organisation whose samples are read and written; one tenant never sees another's.
    pub tenant: Arc<str>,
    /// The user's name; `None` when an application acts for its tenant.
    pub user: Option<Arc<str>>,
    /// The stations this caller may read. Others do not exist, as far as answers show.
    pub stations: StationScope,
}

/// The stations a caller may read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StationScope {
    /// Every station of the directory.
    All,
    /// Only the stations with these ids.
    Only(Arc<[i64]>),
}

impl StationScope {
    /// Is true when the station with this id may be read.
    pub fn allows(&self, station_id: i64) -> bool {
        match self {
            StationScope::All => true,
            StationScope::Only(ids) => ids.contains(&station_id),
        }
    }
}
