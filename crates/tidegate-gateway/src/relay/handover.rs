//! The client's stream, from hyper to the relay.

use std::time::Duration;

use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::transport::Upgraded;
use crate::net::client_stream::ClientStream;

/// Longest time from the 101 until hyper lets go of the stream: a client that vanished in between keeps nothing for
/// longer (fault 27).
pub const HANDOVER_TIMEOUT: Duration = Duration::from_secs(10);

/// The reason why there is no stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoStream {
    /// The 101 was not taken in time.
    #[error("the client did not take the upgrade in time")]
    Timeout,
    /// The connection ended before the 101 was written.
    #[error("the client left before the upgrade")]
    Left,
    /// The connection is not one of this listener's.
    #[error("the connection is of an unknown kind")]
    Unknown,
}

/// Waits for the stream, with what hyper had read of it already.
///
/// # Errors
/// The reason why there is no stream.
pub async fn take(upgrade: OnUpgrade, timeout: Duration) -> Result<Upgraded, NoStream> {
    let upgraded = match tokio::time::timeout(timeout, upgrade).await {
        Err(_) => return Err(NoStream::Timeout),
        Ok(Err(_)) => return Err(NoStream::Left),
        Ok(Ok(upgraded)) => upgraded,
    };
    match upgraded.downcast::<TokioIo<ClientStream>>() {
        Ok(parts) => {
            // What came behind the handshake waits in the socket; hyper has read nothing of it.
            let (stream, held) = parts.io.into_inner().into_stream();
            Ok(Upgraded {
                stream,
                early: held.freeze(),
            })
        }
        Err(upgraded) => match upgraded.downcast::<TokioIo<TcpStream>>() {
            Ok(parts) => Ok(Upgraded {
                stream: parts.io.into_inner().into(),
                early: parts.read_buf,
            }),
            Err(_) => Err(NoStream::Unknown),
        },
    }
}
