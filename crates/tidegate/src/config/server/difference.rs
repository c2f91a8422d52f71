//! What two files say differently about the gate itself, which is in force from a start to its end.

use super::Server;

impl Server {
    /// The keys of `[server]` whose values differ and cannot change while the gate runs. `pages_prefix` can: it is part of
    /// the policy.
    pub fn needs_restart(&self, other: &Server) -> Vec<&'static str> {
        // Taken apart, so that a further bound does not go unnoticed.
        let Server {
            connections_max,
            in_flight_max,
            header_bytes_max,
            header_fields_max,
            header_timeout,
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
            drain_timeout,
            cells_max,
            counts_flush,
            sockets_max,
            ping_interval,
            pages_prefix: _,
        } = other;
        let same = [
            ("connections_max", self.connections_max == *connections_max),
            ("in_flight_max", self.in_flight_max == *in_flight_max),
            ("header_bytes_max", self.header_bytes_max == *header_bytes_max),
            ("header_fields_max", self.header_fields_max == *header_fields_max),
            ("header_timeout_s", self.header_timeout == *header_timeout),
            ("idle_timeout_s", self.idle_timeout == *idle_timeout),
            (
                "body_progress_timeout_s",
                self.body_progress_timeout == *body_progress_timeout,
            ),
            (
                "body_bytes_per_s_min",
                self.body_bytes_per_s_min == *body_bytes_per_s_min,
            ),
            ("body_bytes_max", self.body_bytes_max == *body_bytes_max),
            (
                "unread_body_bytes_max",
                self.unread_body_bytes_max == *unread_body_bytes_max,
            ),
            (
                "unread_body_timeout_s",
                self.unread_body_timeout == *unread_body_timeout,
            ),
            (
                "write_stall_timeout_s",
                self.write_stall_timeout == *write_stall_timeout,
            ),
            ("upstream_timeout_s", self.upstream_timeout == *upstream_timeout),
            (
                "upstream_connect_timeout_s",
                self.upstream_connect_timeout == *upstream_connect_timeout,
            ),
            (
                "upstream_idle_timeout_s",
                self.upstream_idle_timeout == *upstream_idle_timeout,
            ),
            (
                "upstream_connections_max",
                self.upstream_connections_max == *upstream_connections_max,
            ),
            ("upstream_wait_ms", self.upstream_wait == *upstream_wait),
            ("drain_timeout_s", self.drain_timeout == *drain_timeout),
            ("cells_max", self.cells_max == *cells_max),
            ("counts_flush_ms", self.counts_flush == *counts_flush),
            ("sockets_max", self.sockets_max == *sockets_max),
            ("ping_interval_s", self.ping_interval == *ping_interval),
        ];
        same.into_iter().filter(|(_, same)| !same).map(|(key, _)| key).collect()
    }
}

#[cfg(test)]
mod tests;
