//! A route's socket rules, as the relay takes them.

use tidegate_core::socket::SocketRules;

use crate::{
    bounds::Bounds,
    relay::{FrameRules, RelayRules},
};

/// Most fragments of a message, in either direction: 4 MiB in pieces of 64 bytes, and as much again.
const MESSAGE_FRAMES_MAX: u32 = 131_072;

/// Most bytes of an upstream's message, where the route does not let its clients send larger ones.
const UPSTREAM_MESSAGE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// The bounds of one relay.
pub(super) fn of(rules: &SocketRules, bounds: &Bounds) -> RelayRules {
    let client = FrameRules {
        message_bytes_max: rules.message_bytes_max,
        message_frames_max: MESSAGE_FRAMES_MAX,
        extensions: rules.extensions,
        ..FrameRules::default()
    };
    // What a client may send, it may be sent; an upstream is the operator's own, so its bound is the larger one.
    let upstream = FrameRules {
        message_bytes_max: rules.message_bytes_max.max(UPSTREAM_MESSAGE_BYTES_MAX),
        ..client.clone()
    };
    RelayRules {
        ping_interval: bounds.ping_interval,
        write_stall_timeout: bounds.write_stall_timeout,
        idle_max: Some(rules.idle),
        lifetime_max: Some(rules.lifetime),
        client,
        upstream,
        ..RelayRules::default()
    }
}
