//! The bounds as the doors take them.

use std::path::PathBuf;

use tidegate_gateway::{
    Bounds,
    tls::{OwnTls, TlsFault},
};

use super::{Server, TlsFiles};

impl Server {
    /// The bounds of the doors.
    pub fn bounds(&self) -> Bounds {
        Bounds {
            connections_max: self.connections_max,
            in_flight_max: self.in_flight_max,
            header_fields_max: self.header_fields_max,
            header_bytes_max: self.header_bytes_max,
            header_timeout: self.header_timeout,
            tls_handshake_timeout: self.tls_handshake_timeout,
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
            http2_streams_max: self.http2_streams_max,
            http2_idle_frames_max: self.http2_idle_frames_max,
            cache_bytes_max: self.cache_bytes_max,
            cache_answers_max: self.cache_answers_max,
            cache_body_bytes_max: self.cache_body_bytes_max,
            cache_followers_max: self.cache_followers_max,
            cache_wait_max: self.cache_wait,
            drain_timeout: self.drain_timeout,
        }
    }
}

impl TlsFiles {
    /// The certificate and its key.
    ///
    /// # Errors
    /// The file that is at fault, and why.
    pub fn load(&self) -> Result<OwnTls, (PathBuf, TlsFault)> {
        OwnTls::load(&self.cert, &self.key)
    }
}

#[cfg(test)]
mod tests;
