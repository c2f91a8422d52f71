//! Every bound of the doors, with its unit and what happens at it.

use std::time::Duration;

/// The time for which frames of HTTP/2 that carry nothing are counted before the count begins anew.
pub const HTTP2_FLOOD_WINDOW: Duration = Duration::from_secs(10);

tidegate_core::bounds! {
    /// The bounds of one gateway. The defaults are meant for one machine with the limits it has out of the box.
    pub struct Bounds {
        /// Connections of clients held at one time; a further one waits to be accepted.
        /// All listeners count together, and whoever waits does so in the kernel's backlog. A socket leaves this count at its 101;
        /// from then on it is one of the engine's `sockets_max`.
        connections_max: usize = 10_000 in 1..=1_000_000,
        /// Requests on their way at one time; a further one is answered 503.
        /// One counts between its head and the end of the answer's body; the 503 comes before anything is looked up.
        in_flight_max: usize = 10_000 in 1..=1_000_000,
        /// Bytes of a request's head; a larger one is answered 431.
        /// It is 414 where the first line alone has more.
        header_bytes_max: usize = 65_536 in 8_192..=1_048_576,
        /// Fields of a request's head; more are answered 431.
        header_fields_max: usize = 100 in 1..=1_000,
        /// Seconds in which a request's head must arrive.
        /// They run from its first byte, on a fresh connection from its start; then the connection is cut.
        header_timeout: Duration = 10 in 1..=3_600 as header_timeout_s,
        /// Seconds in which a TLS handshake must be done.
        /// Then the connection is cut.
        tls_handshake_timeout: Duration = 10 in 1..=3_600 as tls_handshake_timeout_s,
        /// Seconds a client's connection may rest between two requests.
        /// Then it is closed.
        idle_timeout: Duration = 75 in 1..=3_600 as idle_timeout_s,
        /// Seconds a request's body may be silent; then 408.
        /// The connection is closed with it.
        body_progress_timeout: Duration = 20 in 1..=3_600 as body_progress_timeout_s,
        /// Bytes a second at which a request's body must arrive on average, after one silence's grace; slower is 408.
        body_bytes_per_s_min: u64 = 256 in 0..=1_000_000_000,
        /// Bytes of a request's body, declared or counted as they stream; a larger one is answered 413.
        /// The upstream never sees one that is declared larger.
        body_bytes_max: u64 = 200_000_000 in 0..=1_000_000_000_000,
        /// Bytes of a refused request's body that are read away, so that its connection can be used again; past it, the connection is closed.
        unread_body_bytes_max: u64 = 262_144 in 0..=1_000_000_000,
        /// Seconds that reading away may take.
        /// A connection that closes with a body still coming reads on for as long again, whatever comes, so that the client gets
        /// to read the answer before a reset overtakes it.
        unread_body_timeout: Duration = 2 in 1..=3_600 as unread_body_timeout_s,
        /// Seconds a client may take nothing of an answer that is ready; then the connection is cut.
        write_stall_timeout: Duration = 30 in 1..=3_600 as write_stall_timeout_s,
        /// Seconds an upstream may be silent, before its answer (504) or within it.
        /// Before its head, one inside may be silent as long as one outside; within its body, one outside only, and the answer is
        /// cut.
        upstream_timeout: Duration = 60 in 1..=3_600 as upstream_timeout_s,
        /// Seconds in which an upstream must accept a connection; then 502.
        upstream_connect_timeout: Duration = 5 in 1..=3_600 as upstream_connect_timeout_s,
        /// Seconds a connection to an upstream may rest before it is closed.
        upstream_idle_timeout: Duration = 30 in 1..=3_600 as upstream_idle_timeout_s,
        /// Connections held to one upstream host.
        /// Those at rest count too.
        upstream_connections_max: usize = 256 in 1..=100_000,
        /// Milliseconds a request waits for one of them to come free; then 503.
        upstream_wait_max: Duration = 2_000 in 0..=60_000 as upstream_wait_ms,
        /// Streams that one HTTP/2 connection has open at one time; a further one is refused and may be sent again.
        http2_streams_max: u32 = 100 in 1..=10_000,
        /// Frames of HTTP/2 that carry nothing (resets, pings, settings, empty data) from one connection in ten seconds; with more it is told to go.
        /// The ten seconds are [`HTTP2_FLOOD_WINDOW`], and priorities count as well.
        http2_idle_frames_max: u32 = 500 in 10..=1_000_000,
        /// Bytes of kept answers, with their fields; those asked for longest ago go first. As many again may be on their way into the cache.
        /// Past those an answer is passed on and not kept.
        cache_bytes_max: usize = 67_108_864 in 0..=68_719_476_736,
        /// Answers kept at one time; those asked for longest ago go first.
        cache_answers_max: usize = 10_000 in 1..=10_000_000,
        /// Bytes of a kept answer's body; a larger one is passed on and not kept.
        cache_body_bytes_max: usize = 1_048_576 in 0..=1_073_741_824,
        /// Requests that wait for the answer to another that asked the same; a further one asks for itself.
        cache_followers_max: usize = 1_000 in 0..=1_000_000,
        /// Milliseconds they wait; then each asks for itself.
        cache_wait_max: Duration = 5_000 in 0..=60_000 as cache_wait_ms,
        /// Seconds a stop waits for requests that are on their way; then their connections are cut.
        drain_timeout: Duration = 30 in 0..=3_600 as drain_timeout_s,
        /// Seconds between two of the gate's own pings on a socket. A client silent for two of them is gone, and its slot free.
        /// Upstreams of sockets are asked and lost likewise.
        ping_interval: Duration = 20 in 1..=20 as ping_interval_s,
    }
}
