//! The transports that a relay reads and writes: a stream, or an end inside the program.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use socket2::SockRef;
use tokio::{
    io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf},
    net::TcpStream,
};

use crate::net::stream::Stream;

/// One end of a relay.
pub trait Transport: AsyncRead + AsyncWrite + Unpin {
    /// Bytes that were read from it before the relay began.
    fn early(&mut self) -> Bytes {
        Bytes::new()
    }

    /// Is true when it may vanish without a word, and is asked for a sign of life.
    fn may_vanish(&self) -> bool {
        true
    }

    /// The TCP socket below, to set its options.
    fn socket(&self) -> Option<SockRef<'_>> {
        None
    }
}

/// A stream that was upgraded, with what was read behind the head.
#[derive(Debug)]
pub struct Upgraded {
    /// The stream.
    pub stream: Stream,
    /// Bytes that were read of it and belong to the relay.
    pub early: Bytes,
}

impl Transport for TcpStream {
    fn socket(&self) -> Option<SockRef<'_>> {
        Some(SockRef::from(self))
    }
}

impl Transport for Upgraded {
    fn early(&mut self) -> Bytes {
        std::mem::take(&mut self.early)
    }

    fn socket(&self) -> Option<SockRef<'_>> {
        self.stream.tcp()
    }
}

impl Transport for DuplexStream {}

impl AsyncRead for Upgraded {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Upgraded {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// Lets the kernel give a connection up when what was sent is not acknowledged in this time: a peer whose host is
/// gone while somebody on the way answers for it (fault 30).
pub(super) fn bound_silence(transport: &impl Transport, silence_max: Duration) {
    let Some(socket) = transport.socket() else { return };
    // A frame is written in one piece; waiting for more of it helps nobody.
    let _ = socket.set_tcp_nodelay(true);
    #[cfg(target_os = "linux")]
    let _ = socket.set_tcp_user_timeout(Some(silence_max));
    #[cfg(not(target_os = "linux"))]
    let _ = silence_max;
}

/// Makes the close of a connection a reset: nothing of it stays in the kernel for somebody who is gone.
pub(super) fn cut(transport: &impl Transport) {
    if let Some(socket) = transport.socket() {
        let _ = socket.set_linger(Some(Duration::ZERO));
    }
}

#[cfg(test)]
mod tests;
