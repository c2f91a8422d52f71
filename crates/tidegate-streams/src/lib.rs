//! The embedded stream-data API: a sample store and the Tempest and GroveStreams dialects in front of it.
//!
//! One request takes one way through this crate:
//!
//! ```text
//! Streams::call -> dialect by path prefix -> route -> validate -> store (read pool | writer queue) -> dialect's answer
//! hub datagram  -> Streams::hub_broadcast -> validate -> store (writer queue)
//! socket        -> Streams::tempest_socket -> session -> listens to what is written, after each commit
//! ```
//!
//! Beside an API, a platform has the words of it that a limits file uses: [`PLATFORMS`].
//!
//! It knows nothing of limits or credentials: the host says who the [`Caller`] is and which stations that
//! caller may read. It never reads the clock: `now_ms` (unix milliseconds) is an argument wherever time matters.

mod body;
mod caller;
mod directory;
mod elements;
mod fault;
mod grovestreams;
mod intervals;
/// The JSON reader, public for the fuzz target and the test that reads beside it.
#[doc(hidden)]
pub mod json;
mod live;
mod observation;
mod query;
mod reply;
mod store;
mod streams;
mod tempest;
mod uid;

pub use body::FEED_BODY_BYTES_MAX;
pub use caller::{Caller, StationScope};
pub use directory::{Device, Directory, DirectoryError, Station};
pub use grovestreams::{SAMPLES_PER_GET_MAX, SAMPLES_PER_PUT_MAX, STREAMS_PER_PUT_MAX};
pub use intervals::{Cycle, CycleUnit};
pub use live::{LISTENERS_PER_DEVICE_MAX, MAILBOX_EVENTS_MAX};
pub use reply::{Changed, ReplyBody, Stored};
pub use store::{
    COMPONENTS_PER_TENANT_MAX, CYCLES_PER_TENANT_MAX, SAMPLES_PER_DELETION_MAX, STREAMS_PER_COMPONENT_MAX,
};
pub use store::{ComponentName, OpenError, Rhythm, StreamName, StreamShape, ValueKind};
pub use streams::Streams;
pub use tempest::{Accepted, BROADCASTS_PER_POST_MAX, BroadcastError, DATAGRAM_BYTES_MAX, RECORDS_PER_GET_MAX};
pub use tempest::{CallerSource, SocketBounds, SocketEnd, SocketObserver};
pub use uid::{organization_uid, user_uid};

use tidegate_core::platform::Platform;

/// The platforms inside; a third one is one more line.
pub const PLATFORMS: &[Platform] = &[tempest::PLATFORM, grovestreams::PLATFORM];
