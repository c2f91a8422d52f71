//! The context that a flow is polled in, and the events that it tells.

use std::task::Context;

use tokio::time::Instant;

use super::{
    RelayRules,
    frame::{FrameRules, Side, TAG_BYTES, Violation},
    relay_handle::RelayHandle,
};

/// The moment that a direction runs in.
pub(super) struct PollContext<'t, 'w> {
    pub(super) cx: &'t mut Context<'w>,
    pub(super) now: Instant,
    pub(super) rules: &'t RelayRules,
    pub(super) control: &'t RelayHandle,
    /// The payload of our pings to the client; to the upstream it is turned over, so that neither learns the other's.
    pub(super) tag: u64,
}

/// An event that ends a relay, or comes while it ends.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Event {
    Closed {
        by: Side,
        code: Option<u16>,
        frame: Vec<u8>,
    },
    Finished(Side),
    Lost(Side),
    Violated(Side, Violation),
    Hook {
        code: u16,
        reason: String,
    },
}

/// Returns the payload of our pings to a side.
pub(super) fn tag(tag: u64, to: Side) -> [u8; TAG_BYTES] {
    match to {
        Side::Client => tag.to_be_bytes(),
        Side::Upstream => (!tag).to_be_bytes(),
    }
}

// === impl RelayRules ===

impl RelayRules {
    pub(super) fn of(&self, from: Side) -> &FrameRules {
        match from {
            Side::Client => &self.client,
            Side::Upstream => &self.upstream,
        }
    }
}
