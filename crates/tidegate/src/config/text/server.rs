//! `[server]`: the bounds of the whole gate.

use tidegate_core::trust::AddressSource;

use super::{macros::keyed_table, proxy::ProxyText, words::Understood};
use crate::config::{
    reader::{Choice, OneOrMany, Whole, Written},
    server,
};

/// Seconds a timeout may have: up to an hour.
type Seconds = Whole<1, 3_600>;

keyed_table! {
    /// Bounds of the whole gate. Past each of them something is refused or waits; nothing grows without end.
    pub struct ServerText is Server {
        /// Connections of clients held at one time; a further one waits to be accepted.
        connections_max: Whole<1, 1_000_000> = server::CONNECTIONS_MAX,
        /// Requests on their way at one time; a further one is answered 503.
        in_flight_max: Whole<1, 1_000_000> = server::IN_FLIGHT_MAX,
        /// Bytes of a request's head; a larger one is answered 431.
        header_bytes_max: Whole<8_192, 1_048_576> = server::HEADER_BYTES_MAX,
        /// Fields of a request's head; more are answered 431.
        header_fields_max: Whole<1, 1_000> = server::HEADER_FIELDS_MAX,
        /// Seconds in which a request's head must arrive.
        header_timeout_s: Seconds = server::HEADER_TIMEOUT_S,
        /// Seconds in which a TLS handshake must be done.
        tls_handshake_timeout_s: Seconds = server::TLS_HANDSHAKE_TIMEOUT_S,
        /// Seconds a client's connection may rest between two requests.
        idle_timeout_s: Seconds = server::IDLE_TIMEOUT_S,
        /// Seconds a request's body may be silent; then 408.
        body_progress_timeout_s: Seconds = server::BODY_PROGRESS_TIMEOUT_S,
        /// Bytes a second at which a request's body must arrive on average, after one silence's grace; slower is 408.
        body_bytes_per_s_min: Whole<0, 1_000_000_000> = server::BODY_BYTES_PER_S_MIN,
        /// Bytes of a request's body, declared or counted as they stream; a larger one is answered 413.
        body_bytes_max: Whole<0, 1_000_000_000_000> = server::BODY_BYTES_MAX,
        /// Bytes of a refused request's body that are read away, so that its connection can be used again; past it, the connection is closed.
        unread_body_bytes_max: Whole<0, 1_000_000_000> = server::UNREAD_BODY_BYTES_MAX,
        /// Seconds that reading away may take.
        unread_body_timeout_s: Seconds = server::UNREAD_BODY_TIMEOUT_S,
        /// Seconds a client may take nothing of an answer that is ready; then the connection is cut.
        write_stall_timeout_s: Seconds = server::WRITE_STALL_TIMEOUT_S,
        /// Seconds an upstream may be silent, before its answer (504) or within it.
        upstream_timeout_s: Seconds = server::UPSTREAM_TIMEOUT_S,
        /// Seconds in which an upstream must accept a connection; then 502.
        upstream_connect_timeout_s: Seconds = server::UPSTREAM_CONNECT_TIMEOUT_S,
        /// Seconds a connection to an upstream may rest before it is closed.
        upstream_idle_timeout_s: Seconds = server::UPSTREAM_IDLE_TIMEOUT_S,
        /// Connections held to one upstream host.
        upstream_connections_max: Whole<1, 100_000> = server::UPSTREAM_CONNECTIONS_MAX,
        /// Milliseconds a request waits for one of them to come free; then 503.
        upstream_wait_ms: Whole<0, 60_000> = server::UPSTREAM_WAIT_MS,
        /// Streams that one HTTP/2 connection has open at one time; a further one is refused and may be sent again.
        http2_streams_max: Whole<1, 10_000> = server::HTTP2_STREAMS_MAX,
        /// Frames of HTTP/2 that carry nothing (resets, pings, settings, empty data) from one connection in ten seconds; with more it is told to go.
        http2_idle_frames_max: Whole<10, 1_000_000> = server::HTTP2_IDLE_FRAMES_MAX,
        /// Bytes of kept answers, with their fields; those asked for longest ago go first. As many again may be on their way into the cache.
        cache_bytes_max: Whole<0, 68_719_476_736> = server::CACHE_BYTES_MAX,
        /// Answers kept at one time; those asked for longest ago go first.
        cache_answers_max: Whole<1, 10_000_000> = server::CACHE_ANSWERS_MAX,
        /// Bytes of a kept answer's body; a larger one is passed on and not kept.
        cache_body_bytes_max: Whole<0, 1_073_741_824> = server::CACHE_BODY_BYTES_MAX,
        /// Requests that wait for the answer to another that asked the same; a further one asks for itself.
        cache_followers_max: Whole<0, 1_000_000> = server::CACHE_FOLLOWERS_MAX,
        /// Milliseconds they wait; then each asks for itself.
        cache_wait_ms: Whole<0, 60_000> = server::CACHE_WAIT_MS,
        /// Seconds a stop waits for requests that are on their way; then their connections are cut.
        drain_timeout_s: Whole<0, 3_600> = server::DRAIN_TIMEOUT_S,
        /// Counters held in memory; past it further callers share coarser ones, and a count in use is never forgotten.
        cells_max: Whole<1_024, 1_000_000_000> = server::CELLS_MAX,
        /// Milliseconds between two times that counts of windows over a minute are written to the data directory. A crash loses at most what came since.
        counts_flush_ms: Whole<100, 5_000> = server::COUNTS_FLUSH_MS,
        /// Sockets open at one time; a further handshake is answered 503.
        sockets_max: Whole<1, 1_000_000> = server::SOCKETS_MAX,
        /// Bytes that the streams API inside keeps in its file; past it what is new is answered 507 until something is deleted.
        samples_bytes_max: Whole<1_000_000, 100_000_000_000_000> = server::SAMPLES_BYTES_MAX,
        /// Seconds between two of the gate's own pings on a socket. A client silent for two of them is gone, and its slot free.
        ping_interval_s: Whole<1, 20> = server::PING_INTERVAL_S,
        /// Seconds that a session lasts which a login by password began.
        session_lifetime_s: Whole<60, 31_536_000> = server::SESSION_LIFETIME_S,
        /// Proxies that are believed about whose requests they bring: networks, addresses, and `unix` for whoever comes over a Unix socket. Goes with `client_address_from`.
        trusted_proxies: OneOrMany<Written<ProxyText>>,
        /// Where they say it; nothing else is read. Without it a client's address is its peer's.
        client_address_from: Choice<AddressSource>,
        /// That a list of proxies may hold everybody, so that anybody chooses the address they count as.
        trust_everybody: Choice<Understood>,
        /// Where the callers' pages stand.
        pages_prefix: String = server::PAGES_PREFIX,
    }
}
