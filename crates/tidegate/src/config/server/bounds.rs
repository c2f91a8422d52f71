//! The bounds as the doors take them.

use tidegate_gateway::Bounds;

use super::Server;

impl Server {
    /// The bounds of the doors.
    pub fn bounds(&self) -> Bounds {
        Bounds {
            connections_max: self.connections_max,
            in_flight_max: self.in_flight_max,
            header_fields_max: self.header_fields_max,
            header_bytes_max: self.header_bytes_max,
            header_timeout: self.header_timeout,
            idle_timeout: self.idle_timeout,
            body_bytes_max: self.body_bytes_max,
            body_progress_timeout: self.body_progress_timeout,
            body_bytes_per_s_min: self.body_bytes_per_s_min,
            unread_body_bytes_max: self.unread_body_bytes_max,
            unread_body_timeout: self.unread_body_timeout,
            write_stall_timeout: self.write_stall_timeout,
            ping_interval: self.ping_interval,
            upstream_connect_timeout: self.upstream_connect_timeout,
            upstream_timeout: self.upstream_timeout,
            upstream_idle_timeout: self.upstream_idle_timeout,
            upstream_connections_max: self.upstream_connections_max,
            upstream_wait_max: self.upstream_wait,
            drain_timeout: self.drain_timeout,
        }
    }
}

#[cfg(test)]
mod tests;
