//! The PROXY header of a connection: a listed proxy says in it whose connection it is, before anything else.

use std::io;

use tidegate_core::{
    peer::Peer,
    proxy_protocol::{self, Malformed, Progress, ProxyHeader},
};
use tokio::io::{AsyncRead, AsyncReadExt};

use crate::request_handler::Handler;

/// The reason why a connection that should begin with a PROXY header is closed.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoProxyHeader {
    /// It does not begin with one.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// It did not come within `header_timeout`.
    #[error("the PROXY header did not come in time")]
    Overdue,
    /// The connection ended before.
    #[error("the connection ended within the PROXY header: {0}")]
    Ended(#[from] io::Error),
}

/// The peer as it counts: as the connection says, or as a listed proxy announces where such is expected. Of anybody else
/// nothing is read: a PROXY header of theirs is a request line that is none, and answered 400.
pub(super) async fn peer(
    handler: &Handler,
    stream: &mut (impl AsyncRead + Unpin),
    peer: Peer,
) -> Result<Peer, NoProxyHeader> {
    let is_expected = {
        let snapshot = handler.engine.current.load();
        let trust = snapshot.policy.trust.as_ref();
        trust.is_some_and(|trust| trust.expects_announcement(peer))
    };
    if !is_expected {
        return Ok(peer);
    }
    let reading = tokio::time::timeout(handler.bounds.header_timeout, read(stream));
    match reading.await.map_err(|_| NoProxyHeader::Overdue)?? {
        ProxyHeader::For(address) => Ok(Peer::Announced(address)),
        ProxyHeader::Itself => Ok(peer),
    }
}

/// Takes the header off a stream and nothing behind it.
async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Result<ProxyHeader, NoProxyHeader> {
    let mut header = Vec::new();
    loop {
        match proxy_protocol::read(&header)? {
            Progress::Whole(announcement) => return Ok(announcement),
            Progress::Needs(bytes) => {
                let begun = header.len();
                header.resize(begun + bytes, 0);
                stream.read_exact(&mut header[begun..]).await?;
            }
        }
    }
}
