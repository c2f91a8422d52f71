//! A client's stream under HTTP/2: it counts the frames that come, and ends when answers are not taken in time.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{flood::Flood, frames::Frames};
use crate::{bounds::Bounds, deadline::Deadline, net::stream::Stream};

/// A client's stream.
pub(super) struct CountedStream {
    stream: Stream,
    frames: Frames,
    flood: Arc<Flood>,
    is_flooded: bool,
    stall_max: Duration,
    stall: Deadline,
}

impl CountedStream {
    pub(super) fn new(stream: Stream, flood: Arc<Flood>, bounds: &Bounds) -> CountedStream {
        CountedStream {
            stream,
            frames: Frames::new(),
            flood,
            is_flooded: false,
            stall_max: bounds.write_stall_timeout,
            stall: Deadline::default(),
        }
    }

    pub(super) fn is_secure(&self) -> bool {
        self.stream.is_secure()
    }

    fn written<T>(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.stall.disarm();
        } else if self.stall.expired(cx, self.stall_max) {
            let why = "the client stopped reading its answers";
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, why)));
        }
        written
    }
}

impl AsyncRead for CountedStream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.is_flooded {
            // It is being told to go, which needs nothing more from it.
            return Poll::Pending;
        }
        let before = buf.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buf);
        let idle = self.frames.see(&buf.filled()[before..]);
        self.is_flooded = self.flood.count(idle);
        read
    }
}

impl AsyncWrite for CountedStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.written(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.written(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        self.written(cx, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
