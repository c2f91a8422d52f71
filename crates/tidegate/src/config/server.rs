//! The gate-wide bounds, compiled: what `[server]` says, or its defaults.

use std::{path::PathBuf, sync::Arc, time::Duration};

use tidegate_core::trust::Trust;

use super::{
    finding::{Fault, Report},
    place::At,
    reader::Whole,
    text::server::ServerText,
};
use crate::usage::OnFailure;

mod bounds;
mod difference;
mod trust;

/// Every bound that belongs to the gate and to no limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Connections of clients at one time.
    pub connections_max: usize,
    /// Requests on their way at one time.
    pub in_flight_max: usize,
    /// Bytes of a request's head.
    pub header_bytes_max: usize,
    /// Fields of a request's head.
    pub header_fields_max: usize,
    /// In which a request's head must arrive.
    pub header_timeout: Duration,
    /// In which a TLS handshake must be done.
    pub tls_handshake_timeout: Duration,
    /// For which a connection may rest between two requests.
    pub idle_timeout: Duration,
    /// In which some byte of a body must move.
    pub body_progress_timeout: Duration,
    /// Bytes a second at which a body must arrive on average.
    pub body_bytes_per_s_min: u64,
    /// Bytes of a request's body.
    pub body_bytes_max: u64,
    /// Bytes of an unwanted body that are read away.
    pub unread_body_bytes_max: u64,
    /// For how long they are.
    pub unread_body_timeout: Duration,
    /// For which a client may take nothing of an answer that is ready.
    pub write_stall_timeout: Duration,
    /// In which an upstream's answer must begin.
    pub upstream_timeout: Duration,
    /// In which an upstream must accept a connection.
    pub upstream_connect_timeout: Duration,
    /// For which a connection to an upstream may rest.
    pub upstream_idle_timeout: Duration,
    /// Connections to one upstream host.
    pub upstream_connections_max: usize,
    /// For which a request waits for one of them.
    pub upstream_wait: Duration,
    /// Streams of one HTTP/2 connection at one time.
    pub http2_streams_max: u32,
    /// Frames of HTTP/2 that carry nothing, of one connection in ten seconds.
    pub http2_idle_frames_max: u32,
    /// Bytes of kept answers.
    pub cache_bytes_max: usize,
    /// Answers kept at one time.
    pub cache_answers_max: usize,
    /// Bytes of a kept answer's body.
    pub cache_body_bytes_max: usize,
    /// Requests that wait for the answer to another that asked the same.
    pub cache_followers_max: usize,
    /// For which they wait.
    pub cache_wait: Duration,
    /// For which a stop waits for requests on their way.
    pub drain_timeout: Duration,
    /// Counters held in memory.
    pub cells_max: usize,
    /// Between two times that counts are written down.
    pub counts_flush: Duration,
    /// Sockets open at one time.
    pub sockets_max: usize,
    /// Bytes that the API inside keeps of samples.
    pub samples_bytes_max: u64,
    /// Between two of the gate's own pings on a socket.
    pub ping_interval: Duration,
    /// How long a session lasts that a login by password began.
    pub session_lifetime: Duration,
    /// Who is believed about a client's address.
    pub trust: Option<Trust>,
    /// The gate's own certificate; without it callers are served in plain.
    pub tls: Option<TlsFiles>,
    /// What happens while usage cannot be written down.
    pub on_usage_failure: OnFailure,
    /// Where the callers' pages stand: begins with `/`, does not end with one.
    pub pages_prefix: Arc<str>,
}

/// Where the gate's own certificate stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate, and those that lead to its issuer.
    pub cert: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// Default of `connections_max`.
pub const CONNECTIONS_MAX: u64 = 10_000;
/// Default of `in_flight_max`.
pub const IN_FLIGHT_MAX: u64 = 10_000;
/// Default of `header_bytes_max`.
pub const HEADER_BYTES_MAX: u64 = 65_536;
/// Default of `header_fields_max`.
pub const HEADER_FIELDS_MAX: u64 = 100;
/// Default of `header_timeout_s`.
pub const HEADER_TIMEOUT_S: u64 = 10;
/// Default of `tls_handshake_timeout_s`.
pub const TLS_HANDSHAKE_TIMEOUT_S: u64 = 10;
/// Default of `http2_streams_max`.
pub const HTTP2_STREAMS_MAX: u64 = 100;
/// Default of `http2_idle_frames_max`.
pub const HTTP2_IDLE_FRAMES_MAX: u64 = 500;
/// Default of `idle_timeout_s`.
pub const IDLE_TIMEOUT_S: u64 = 75;
/// Default of `body_progress_timeout_s`.
pub const BODY_PROGRESS_TIMEOUT_S: u64 = 20;
/// Default of `body_bytes_per_s_min`.
pub const BODY_BYTES_PER_S_MIN: u64 = 256;
/// Default of `unread_body_bytes_max`.
pub const UNREAD_BODY_BYTES_MAX: u64 = 262_144;
/// Default of `unread_body_timeout_s`.
pub const UNREAD_BODY_TIMEOUT_S: u64 = 2;
/// Default of `write_stall_timeout_s`.
pub const WRITE_STALL_TIMEOUT_S: u64 = 30;
/// Default of `upstream_idle_timeout_s`.
pub const UPSTREAM_IDLE_TIMEOUT_S: u64 = 30;
/// Default of `body_bytes_max`: 200 MB, a MB being 10^6 bytes.
pub const BODY_BYTES_MAX: u64 = 200_000_000;
/// Default of `upstream_timeout_s`.
pub const UPSTREAM_TIMEOUT_S: u64 = 60;
/// Default of `upstream_connect_timeout_s`.
pub const UPSTREAM_CONNECT_TIMEOUT_S: u64 = 5;
/// Default of `upstream_connections_max`.
pub const UPSTREAM_CONNECTIONS_MAX: u64 = 256;
/// Default of `upstream_wait_ms`.
pub const UPSTREAM_WAIT_MS: u64 = 2_000;
/// Default of `cache_bytes_max`.
pub const CACHE_BYTES_MAX: u64 = 67_108_864;
/// Default of `cache_answers_max`.
pub const CACHE_ANSWERS_MAX: u64 = 10_000;
/// Default of `cache_body_bytes_max`.
pub const CACHE_BODY_BYTES_MAX: u64 = 1_048_576;
/// Default of `cache_followers_max`.
pub const CACHE_FOLLOWERS_MAX: u64 = 1_000;
/// Default of `cache_wait_ms`.
pub const CACHE_WAIT_MS: u64 = 5_000;
/// Default of `drain_timeout_s`.
pub const DRAIN_TIMEOUT_S: u64 = 30;
/// Default of `cells_max`.
pub const CELLS_MAX: u64 = 1_000_000;
/// Default of `counts_flush_ms`.
pub const COUNTS_FLUSH_MS: u64 = 5_000;
/// Default of `sockets_max`.
pub const SOCKETS_MAX: u64 = 10_000;
/// Default of `samples_bytes_max`: 64 GiB.
pub const SAMPLES_BYTES_MAX: u64 = 68_719_476_736;
/// Default of `ping_interval_s`.
pub const PING_INTERVAL_S: u64 = 20;
/// Default of `session_lifetime_s`: twelve hours.
pub const SESSION_LIFETIME_S: u64 = 43_200;
/// Default of `pages_prefix`.
pub const PAGES_PREFIX: &str = "/limits";

/// The bounds of a file; what it does not say has its default.
pub fn compile(text: &ServerText, report: &mut Report) -> Server {
    let pages_prefix = match &text.pages_prefix {
        Some(prefix) => pages_prefix(prefix, report),
        None => PAGES_PREFIX.into(),
    };
    Server {
        trust: trust::compile(text, report),
        connections_max: size(&text.connections_max, CONNECTIONS_MAX),
        in_flight_max: size(&text.in_flight_max, IN_FLIGHT_MAX),
        header_bytes_max: size(&text.header_bytes_max, HEADER_BYTES_MAX),
        header_fields_max: size(&text.header_fields_max, HEADER_FIELDS_MAX),
        header_timeout: seconds(&text.header_timeout_s, HEADER_TIMEOUT_S),
        tls_handshake_timeout: seconds(&text.tls_handshake_timeout_s, TLS_HANDSHAKE_TIMEOUT_S),
        http2_streams_max: small(&text.http2_streams_max, HTTP2_STREAMS_MAX),
        http2_idle_frames_max: small(&text.http2_idle_frames_max, HTTP2_IDLE_FRAMES_MAX),
        tls: None,
        on_usage_failure: OnFailure::default(),
        idle_timeout: seconds(&text.idle_timeout_s, IDLE_TIMEOUT_S),
        body_progress_timeout: seconds(&text.body_progress_timeout_s, BODY_PROGRESS_TIMEOUT_S),
        body_bytes_per_s_min: number(&text.body_bytes_per_s_min, BODY_BYTES_PER_S_MIN),
        unread_body_bytes_max: number(&text.unread_body_bytes_max, UNREAD_BODY_BYTES_MAX),
        unread_body_timeout: seconds(&text.unread_body_timeout_s, UNREAD_BODY_TIMEOUT_S),
        write_stall_timeout: seconds(&text.write_stall_timeout_s, WRITE_STALL_TIMEOUT_S),
        body_bytes_max: number(&text.body_bytes_max, BODY_BYTES_MAX),
        upstream_timeout: seconds(&text.upstream_timeout_s, UPSTREAM_TIMEOUT_S),
        upstream_connect_timeout: seconds(&text.upstream_connect_timeout_s, UPSTREAM_CONNECT_TIMEOUT_S),
        upstream_idle_timeout: seconds(&text.upstream_idle_timeout_s, UPSTREAM_IDLE_TIMEOUT_S),
        upstream_connections_max: size(&text.upstream_connections_max, UPSTREAM_CONNECTIONS_MAX),
        upstream_wait: Duration::from_millis(number(&text.upstream_wait_ms, UPSTREAM_WAIT_MS)),
        cache_bytes_max: size(&text.cache_bytes_max, CACHE_BYTES_MAX),
        cache_answers_max: size(&text.cache_answers_max, CACHE_ANSWERS_MAX),
        cache_body_bytes_max: size(&text.cache_body_bytes_max, CACHE_BODY_BYTES_MAX),
        cache_followers_max: size(&text.cache_followers_max, CACHE_FOLLOWERS_MAX),
        cache_wait: Duration::from_millis(number(&text.cache_wait_ms, CACHE_WAIT_MS)),
        drain_timeout: seconds(&text.drain_timeout_s, DRAIN_TIMEOUT_S),
        cells_max: size(&text.cells_max, CELLS_MAX),
        counts_flush: Duration::from_millis(number(&text.counts_flush_ms, COUNTS_FLUSH_MS)),
        sockets_max: size(&text.sockets_max, SOCKETS_MAX),
        samples_bytes_max: number(&text.samples_bytes_max, SAMPLES_BYTES_MAX),
        ping_interval: seconds(&text.ping_interval_s, PING_INTERVAL_S),
        session_lifetime: seconds(&text.session_lifetime_s, SESSION_LIFETIME_S),
        pages_prefix,
    }
}

type Number<const MIN: u64, const MAX: u64> = Option<At<Whole<MIN, MAX>>>;

fn number<const MIN: u64, const MAX: u64>(written: &Number<MIN, MAX>, default: u64) -> u64 {
    written.as_ref().map_or(default, |at| at.value.0)
}

fn seconds<const MIN: u64, const MAX: u64>(written: &Number<MIN, MAX>, default: u64) -> Duration {
    Duration::from_secs(number(written, default))
}

fn size<const MIN: u64, const MAX: u64>(written: &Number<MIN, MAX>, default: u64) -> usize {
    usize::try_from(number(written, default)).unwrap_or(usize::MAX)
}

fn small<const MIN: u64, const MAX: u64>(written: &Number<MIN, MAX>, default: u64) -> u32 {
    u32::try_from(number(written, default)).unwrap_or(u32::MAX)
}

fn pages_prefix(prefix: &At<String>, report: &mut Report) -> Arc<str> {
    let text = prefix.value.as_str();
    let fits = text.starts_with('/')
        && text[1..].split('/').all(|segment| {
            !segment.is_empty()
                && segment.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
                && segment != "."
                && segment != ".."
        });
    if !fits {
        report.error(
            &prefix.place,
            Fault::new(format!("`{text}` is no prefix of a path"), "write it as `/limits`"),
        );
        return PAGES_PREFIX.into();
    }
    text.into()
}
