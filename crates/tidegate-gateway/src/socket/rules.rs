//! A route's socket rules, as the relay takes them.

use tidegate_core::socket::SocketRules;

use crate::{
    bounds::Bounds,
    relay::{FrameRules, RelayRules},
};

/// The bounds of one relay.
pub(super) fn relay(rules: &SocketRules, bounds: &Bounds) -> RelayRules {
    let client = FrameRules {
        message_bytes_max: rules.message_bytes_max,
        extensions: rules.extensions,
        ..FrameRules::default()
    };
    let upstream = FrameRules {
        extensions: rules.extensions,
        ..FrameRules::default()
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
