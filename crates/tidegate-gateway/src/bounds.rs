//! Every bound of the doors, with its unit and what happens at it.

use std::time::Duration;

/// How long frames of HTTP/2 that carry nothing are counted before the count begins anew.
pub const HTTP2_FLOOD_WINDOW: Duration = Duration::from_secs(10);

/// The bounds of one gateway. The defaults are meant for one machine with the limits it has out of the box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Most client connections of all listeners together. At the cap nothing more is accepted: callers wait in the kernel's backlog.
    /// A socket leaves this count at its 101; from then on it is one of the engine's `sockets_max`.
    pub connections_max: usize,
    /// Most requests between head and end of the answer's body. One more is 503 before anything is looked up.
    pub in_flight_max: usize,
    /// Most header fields of a request; more are 431.
    pub header_fields_max: usize,
    /// Most bytes of a request's head; more are 431, or 414 where the first line alone has more. At least 8,192.
    pub header_bytes_max: usize,
    /// Longest time from a head's first byte (on a fresh connection: from its start) to its end; then the connection is cut.
    pub header_timeout: Duration,
    /// Longest time of a TLS handshake; then the connection is cut.
    pub tls_handshake_timeout: Duration,
    /// Longest time a connection may rest between two requests; then it is closed.
    pub idle_timeout: Duration,
    /// Most bytes of a request body; more are 413 and the upstream never sees them.
    pub body_bytes_max: u64,
    /// Longest silence within a request body; then 408, and the connection is closed.
    pub body_progress_timeout: Duration,
    /// A request body must arrive at this pace on average, after one `body_progress_timeout` of grace; slower is 408.
    pub body_bytes_per_s_min: u64,
    /// Most bytes of a body nobody wanted that are read away, so that the connection can be used again; past it, it is closed.
    pub unread_body_bytes_max: u64,
    /// Longest time that reading away may take. A connection that closes with a body still coming reads on for as long
    /// again, whatever comes, so that the client gets to read the answer before a reset overtakes it.
    pub unread_body_timeout: Duration,
    /// Longest time a client may take none of an answer that is ready; then the connection is cut.
    pub write_stall_timeout: Duration,
    /// How often the gate pings either side of a socket. A side silent for two of these is gone, and its slot free.
    pub ping_interval: Duration,
    /// Longest time to open a connection to an upstream; then 502.
    pub upstream_connect_timeout: Duration,
    /// Longest silence of an upstream, inside or out, before its head (504), and of one outside within its body (the
    /// answer is cut).
    pub upstream_timeout: Duration,
    /// Longest time a connection to an upstream rests before it is closed.
    pub upstream_idle_timeout: Duration,
    /// Most connections to one upstream host, at work and at rest.
    pub upstream_connections_max: usize,
    /// Longest wait for one of these connections; then 503.
    pub upstream_wait_max: Duration,
    /// Most streams that one HTTP/2 connection has open at one time; a further one is refused and may be sent again.
    pub http2_streams_max: u32,
    /// Most frames of HTTP/2 that ask for work and carry nothing (resets, pings, settings, priorities, empty data), of one
    /// connection within [`HTTP2_FLOOD_WINDOW`]; then it is told to go and cut.
    pub http2_idle_frames_max: u32,
    /// Most bytes of kept answers, their fields counted; those asked for longest ago go first. As many again may be on
    /// their way into the cache; past that an answer is passed on and not kept.
    pub cache_bytes_max: usize,
    /// Most kept answers; those asked for longest ago go first.
    pub cache_answers_max: usize,
    /// Most bytes of a kept answer's body; a larger one is passed on and not kept.
    pub cache_body_bytes_max: usize,
    /// Most requests that wait for the answer of another that asked the same; a further one asks for itself.
    pub cache_followers_max: usize,
    /// Longest such wait; then a request asks for itself.
    pub cache_wait_max: Duration,
    /// Longest time a drain lets requests finish; then their connections are cut.
    pub drain_timeout: Duration,
}

impl Default for Bounds {
    fn default() -> Bounds {
        Bounds {
            connections_max: 10_000,
            in_flight_max: 10_000,
            header_fields_max: 100,
            header_bytes_max: 64 * 1024,
            header_timeout: Duration::from_secs(10),
            tls_handshake_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(75),
            body_bytes_max: 200_000_000,
            body_progress_timeout: Duration::from_secs(20),
            body_bytes_per_s_min: 256,
            unread_body_bytes_max: 256 * 1024,
            unread_body_timeout: Duration::from_secs(2),
            write_stall_timeout: Duration::from_secs(30),
            ping_interval: Duration::from_secs(20),
            upstream_connect_timeout: Duration::from_secs(5),
            upstream_timeout: Duration::from_secs(60),
            upstream_idle_timeout: Duration::from_secs(30),
            upstream_connections_max: 256,
            upstream_wait_max: Duration::from_secs(2),
            http2_streams_max: 100,
            http2_idle_frames_max: 500,
            cache_bytes_max: 64 * 1024 * 1024,
            cache_answers_max: 10_000,
            cache_body_bytes_max: 1_048_576,
            cache_followers_max: 1_000,
            cache_wait_max: Duration::from_secs(5),
            drain_timeout: Duration::from_secs(30),
        }
    }
}
