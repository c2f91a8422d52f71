//! The relay: an open WebSocket between a client and an upstream, passed on frame by frame and never taken apart.
//!
//! ```text
//! handshake ─► dial (or an inside end) ─► 101 ─► handover ─► relay ─► End
//! ```
//!
//! [`relay()`] runs until both connections are closed. It holds no buffer while nothing moves, so an idle socket costs
//! its two sockets and some hundred bytes. The slot that was taken for it is a value it is given; it drops it when the
//! first Close, FIN or reset of either side is read, before a Close is written to the client
//! (docs/semantics.md rule 21).

pub mod dial;
pub mod embedded_socket;
pub mod end;
pub mod frame;
pub mod handover;
pub mod handshake;
pub mod relay_handle;
pub mod text_hook;
pub mod transport;

mod closing;
mod direction;
mod driver;
mod endpoint;
mod held_message;
mod liveness;
mod pending_violation;
mod poll_context;
mod random;
mod read_span;
mod write_buffer;

use std::{future::poll_fn, time::Duration};

pub use embedded_socket::EmbeddedSocket;
pub use end::{Cause, End, Traffic};
pub use frame::{FrameRules, Side, Violation};
pub use relay_handle::{CloseOrder, NotTaken, RelayHandle};
pub use text_hook::{TextHook, Verdict};
pub use transport::{Transport, Upgraded};

pub use crate::net::stream::Stream;

use driver::{Driver, RelayParts};

/// The bounds of a relay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelayRules {
    /// The time between two of the gate's own pings to a side. Silent for two of these, and one after a ping, a side is gone.
    pub ping_interval: Duration,
    /// Longest time a side may take nothing of what waits for it; then it is cut off.
    pub write_stall_timeout: Duration,
    /// Longest time from the first sign of an end until both connections are closed. Half of it is for the other
    /// side's Close; then the gate answers in its stead. A client that breaks the rules is such a sign, and half of it
    /// is for what the upstream answers to the messages before.
    pub close_timeout: Duration,
    /// Longest time without a data frame in either direction; `None` is without end.
    pub idle_max: Option<Duration>,
    /// Longest time a socket may be open; `None` is without end.
    pub lifetime_max: Option<Duration>,
    /// The rules for the client's frames.
    pub client: FrameRules,
    /// The rules for the upstream's frames.
    pub upstream: FrameRules,
    /// Most bytes of a text that a [`TextHook`] is shown, and so that are held back until it decides.
    pub text_bytes_seen: usize,
}

impl Default for RelayRules {
    fn default() -> RelayRules {
        RelayRules {
            ping_interval: Duration::from_secs(20),
            write_stall_timeout: Duration::from_secs(30),
            // The connection is to end within five seconds, seen from outside.
            close_timeout: Duration::from_secs(4),
            idle_max: None,
            lifetime_max: None,
            client: FrameRules::default(),
            upstream: FrameRules::default(),
            text_bytes_seen: 4096,
        }
    }
}

/// Relays until both connections are closed, and says how it ended.
///
/// `slot` is whatever must be given back when the socket counts as closed: a lease, a permit, a gauge. It is dropped
/// at the first sign of an end, also when this future is dropped before it.
pub async fn relay<D: Transport, U: Transport, G>(
    downstream: D,
    upstream: U,
    slot: G,
    rules: &RelayRules,
    control: RelayHandle,
    hook: Option<Box<dyn TextHook>>,
) -> End {
    let parts = RelayParts {
        client: downstream,
        upstream,
        slot,
        control,
        hook,
    };
    let mut machine = Driver::new(parts, rules);
    poll_fn(|cx| machine.poll(cx)).await
}
