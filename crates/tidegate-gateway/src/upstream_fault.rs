//! The faults of upstreams, and the refusal that a caller reads of each.

use std::time::Duration;

use tidegate_core::refusal::Refusal;
use tidegate_gate::no_capacity;

/// The reason why an upstream gave no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum UpstreamFault {
    /// All connections to the host are at work, and none came free in time.
    #[error("no connection to the upstream came free in time")]
    NoConnection,
    /// The host does not take connections.
    #[error("it refused the connection")]
    Refused,
    /// Nobody answered the connection in time.
    #[error("it did not take the connection in time")]
    ConnectTimeout,
    /// Other reasons why a connection could not be opened: no such name, no route.
    #[error("it could not be reached")]
    Unreachable,
    /// It failed so often lately that it is left alone for a moment.
    #[error("it could not be reached several times in a row, and is tried again shortly")]
    Resting,
    /// The connection ended before an answer.
    #[error("it broke the connection off before it answered")]
    BrokeOff,
    /// The bytes that came are not HTTP.
    #[error("its answer was not readable as HTTP")]
    Unreadable,
    /// It switched protocols unasked.
    #[error("it switched protocols without being asked to")]
    Upgraded,
    /// Its address is no server's.
    #[error("its address names no server")]
    Scheme,
    /// Its certificate is not one we believe, or is another name's.
    #[error("its certificate is not trusted, or not for its name")]
    Untrusted,
    /// It speaks no TLS, or none that we speak too.
    #[error("it does not speak TLS as it should")]
    NoTls,
    /// No answer in time.
    #[error("it did not answer within {waited:?}")]
    Silent {
        /// The time that it was waited for.
        waited: Duration,
    },
}

impl From<UpstreamFault> for Refusal {
    fn from(fault: UpstreamFault) -> Refusal {
        match fault {
            UpstreamFault::NoConnection => no_capacity(),
            UpstreamFault::Silent { waited } => Refusal::UpstreamSilent { waited },
            _ => Refusal::UpstreamFailed(fault.to_string().into()),
        }
    }
}
