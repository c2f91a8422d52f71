//! What two files say differently about the gate itself, which is in force from a start to its end.

use super::Server;

impl Server {
    /// The keys of `[server]` whose values differ and cannot change while the gate runs. `pages_prefix` and the list of
    /// proxies can: they are part of the policy.
    pub fn needs_restart(&self, other: &Server) -> Vec<&'static str> {
        let all = |server: &Server| server.values().into_iter().chain(server.cache_values());
        let differing = all(self).zip(all(other)).filter(|(this, that)| this != that);
        // The files' content may change at any time; which files they are, only with a restart.
        let tls = (self.tls != other.tls).then_some("tls");
        let usage = (self.on_usage_failure != other.on_usage_failure).then_some("usage");
        differing.map(|((key, _), _)| key).chain(tls).chain(usage).collect()
    }

    /// Every bound by its key, spans in milliseconds; taken apart, so that a further one does not go unnoticed.
    fn values(&self) -> [(&'static str, u128); 26] {
        let Server {
            connections_max,
            in_flight_max,
            header_bytes_max,
            header_fields_max,
            header_timeout,
            tls_handshake_timeout,
            idle_timeout,
            body_progress_timeout,
            body_bytes_per_s_min,
            body_bytes_max,
            unread_body_bytes_max,
            unread_body_timeout,
            write_stall_timeout,
            upstream_timeout,
            upstream_connect_timeout,
            upstream_idle_timeout,
            upstream_connections_max,
            upstream_wait,
            http2_streams_max,
            http2_idle_frames_max,
            cache_bytes_max: _,
            cache_answers_max: _,
            cache_body_bytes_max: _,
            cache_followers_max: _,
            cache_wait: _,
            drain_timeout,
            cells_max,
            counts_flush,
            sockets_max,
            samples_bytes_max,
            ping_interval,
            trust: _,
            tls: _,
            on_usage_failure: _,
            pages_prefix: _,
        } = self;
        [
            ("connections_max", *connections_max as u128),
            ("in_flight_max", *in_flight_max as u128),
            ("header_bytes_max", *header_bytes_max as u128),
            ("header_fields_max", *header_fields_max as u128),
            ("header_timeout_s", header_timeout.as_millis()),
            ("tls_handshake_timeout_s", tls_handshake_timeout.as_millis()),
            ("idle_timeout_s", idle_timeout.as_millis()),
            ("body_progress_timeout_s", body_progress_timeout.as_millis()),
            ("body_bytes_per_s_min", u128::from(*body_bytes_per_s_min)),
            ("body_bytes_max", u128::from(*body_bytes_max)),
            ("unread_body_bytes_max", u128::from(*unread_body_bytes_max)),
            ("unread_body_timeout_s", unread_body_timeout.as_millis()),
            ("write_stall_timeout_s", write_stall_timeout.as_millis()),
            ("upstream_timeout_s", upstream_timeout.as_millis()),
            ("upstream_connect_timeout_s", upstream_connect_timeout.as_millis()),
            ("upstream_idle_timeout_s", upstream_idle_timeout.as_millis()),
            ("upstream_connections_max", *upstream_connections_max as u128),
            ("upstream_wait_ms", upstream_wait.as_millis()),
            ("http2_streams_max", u128::from(*http2_streams_max)),
            ("http2_idle_frames_max", u128::from(*http2_idle_frames_max)),
            ("drain_timeout_s", drain_timeout.as_millis()),
            ("cells_max", *cells_max as u128),
            ("counts_flush_ms", counts_flush.as_millis()),
            ("sockets_max", *sockets_max as u128),
            ("samples_bytes_max", u128::from(*samples_bytes_max)),
            ("ping_interval_s", ping_interval.as_millis()),
        ]
    }

    /// The same of the cache.
    fn cache_values(&self) -> [(&'static str, u128); 5] {
        [
            ("cache_bytes_max", self.cache_bytes_max as u128),
            ("cache_answers_max", self.cache_answers_max as u128),
            ("cache_body_bytes_max", self.cache_body_bytes_max as u128),
            ("cache_followers_max", self.cache_followers_max as u128),
            ("cache_wait_ms", self.cache_wait.as_millis()),
        ]
    }
}

#[cfg(test)]
mod tests;
