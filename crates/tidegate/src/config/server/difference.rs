//! What two files say differently about the gate itself, which is in force from a start to its end.

use std::time::Duration;

use super::Server;

/// Pairs of key and field, of all fields that a struct has but those named last.
macro_rules! values {
    ($server:expr; $($key:literal $field:ident,)* not $($not:ident),*) => {{
        let Server { $($field,)* $($not: _,)* } = $server;
        [$(($key, $field.number()),)*]
    }};
}

/// What can be compared as a number.
trait Number {
    fn number(&self) -> u128;
}

impl Server {
    /// The keys of `[server]` whose values differ and cannot change while the gate runs. `pages_prefix` and the list of
    /// proxies can: they are part of the policy.
    pub fn needs_restart(&self, other: &Server) -> Vec<&'static str> {
        let (these, those) = (self.values(), other.values());
        let differing = these.iter().zip(&those).filter(|(this, that)| this != that);
        // The files' content may change at any time; which files they are, only with a restart.
        let tls = (self.tls != other.tls).then_some("tls");
        let usage = (self.on_usage_failure != other.on_usage_failure).then_some("usage");
        differing.map(|((key, _), _)| *key).chain(tls).chain(usage).collect()
    }

    /// Every bound by its key, spans in milliseconds; taken apart, so that a further one does not go unnoticed.
    fn values(&self) -> [(&'static str, u128); 32] {
        values!(
            self;
            "connections_max" connections_max,
            "in_flight_max" in_flight_max,
            "header_bytes_max" header_bytes_max,
            "header_fields_max" header_fields_max,
            "header_timeout_s" header_timeout,
            "tls_handshake_timeout_s" tls_handshake_timeout,
            "idle_timeout_s" idle_timeout,
            "body_progress_timeout_s" body_progress_timeout,
            "body_bytes_per_s_min" body_bytes_per_s_min,
            "body_bytes_max" body_bytes_max,
            "unread_body_bytes_max" unread_body_bytes_max,
            "unread_body_timeout_s" unread_body_timeout,
            "write_stall_timeout_s" write_stall_timeout,
            "upstream_timeout_s" upstream_timeout,
            "upstream_connect_timeout_s" upstream_connect_timeout,
            "upstream_idle_timeout_s" upstream_idle_timeout,
            "upstream_connections_max" upstream_connections_max,
            "upstream_wait_ms" upstream_wait,
            "http2_streams_max" http2_streams_max,
            "http2_idle_frames_max" http2_idle_frames_max,
            "cache_bytes_max" cache_bytes_max,
            "cache_answers_max" cache_answers_max,
            "cache_body_bytes_max" cache_body_bytes_max,
            "cache_followers_max" cache_followers_max,
            "cache_wait_ms" cache_wait,
            "drain_timeout_s" drain_timeout,
            "cells_max" cells_max,
            "counts_flush_ms" counts_flush,
            "sockets_max" sockets_max,
            "samples_bytes_max" samples_bytes_max,
            "ping_interval_s" ping_interval,
            "session_lifetime_s" session_lifetime,
            not trust, tls, on_usage_failure, pages_prefix
        )
    }
}

impl Number for usize {
    fn number(&self) -> u128 {
        *self as u128
    }
}

impl Number for u64 {
    fn number(&self) -> u128 {
        u128::from(*self)
    }
}

impl Number for u32 {
    fn number(&self) -> u128 {
        u128::from(*self)
    }
}

impl Number for Duration {
    fn number(&self) -> u128 {
        self.as_millis()
    }
}

#[cfg(test)]
mod tests;
