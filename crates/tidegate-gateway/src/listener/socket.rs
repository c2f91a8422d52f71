//! A client's socket with its time limits: heads that never end, answers nobody takes, closes nobody answers.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{gate::Gate, line::Line, stream::Stream};
use crate::{bounds::Bounds, deadline::Deadline};

/// A client's socket.
pub(crate) struct Socket {
    stream: Stream,
    line: Arc<Line>,
    gate: Gate,
    head_max: Duration,
    head: Deadline,
    stall_max: Duration,
    stall: Deadline,
    linger: Linger,
}

struct Linger {
    wait_max: Duration,
    wait: Deadline,
    write_closed: bool,
}

/// How much is read at once of what is thrown away.
const DISCARD_BYTES: usize = 4096;

impl Socket {
    pub(crate) fn new(stream: Stream, line: Arc<Line>, bounds: &Bounds) -> Socket {
        let linger = Linger {
            wait_max: bounds.unread_body_timeout,
            wait: Deadline::default(),
            write_closed: false,
        };
        Socket {
            stream,
            line,
            gate: Gate::new(),
            head_max: bounds.header_timeout,
            head: Deadline::default(),
            stall_max: bounds.write_stall_timeout,
            stall: Deadline::default(),
            linger,
        }
    }

    /// The stream alone, for a relay: from the upgrade on there are no heads and no answers.
    pub(crate) fn into_stream(self) -> Stream {
        self.stream
    }

    fn note(&mut self, bytes: &[u8]) {
        let heads = self.gate.heads();
        if let Some(why) = self.gate.see(bytes) {
            self.line.fault(self.gate.heads(), why);
        }
        if self.gate.heads() != heads {
            self.head.disarm();
        }
        self.line.saw(self.gate.heads(), self.gate.is_in_head());
    }

    /// hyper's own timer ends a connection that rests too long; this one a head that takes too long, from its first
    /// byte, and a connection that never sends one. While a request is answered hyper reads no further than the first
    /// bytes of the next head, so the time of that one begins when it is its turn.
    fn is_head_overdue(&mut self, cx: &mut Context<'_>) -> bool {
        let awaited = self.gate.heads() == 0 || self.gate.is_in_head();
        awaited && self.head.expired(cx, self.head_max)
    }

    fn written<T>(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.stall.disarm();
        } else if self.stall.expired(cx, self.stall_max) {
            return Poll::Ready(Err(overdue("the client takes nothing of its answer")));
        }
        written
    }

    /// Reads what the client still sends, until it closes or the time is over: a close with bytes unread resets the
    /// connection, and the reset overtakes the answer that says why. Nothing of it is kept.
    fn poll_linger(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            if self.linger.wait.expired(cx, self.linger.wait_max) {
                return Poll::Ready(Ok(()));
            }
            let mut space = [0; DISCARD_BYTES];
            let mut buf = ReadBuf::new(&mut space);
            match ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buf)) {
                Ok(()) if !buf.filled().is_empty() => {}
                _ => return Poll::Ready(Ok(())),
            }
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        match Pin::new(&mut self.stream).poll_read(cx, buf) {
            Poll::Pending if self.is_head_overdue(cx) => {
                Poll::Ready(Err(overdue("the head of a request takes too long")))
            }
            Poll::Pending => Poll::Pending,
            Poll::Ready(read) => {
                self.note(&buf.filled()[before..]);
                Poll::Ready(read)
            }
        }
    }
}

impl AsyncWrite for Socket {
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
        if !self.linger.write_closed {
            ready!(Pin::new(&mut self.stream).poll_shutdown(cx))?;
            self.linger.write_closed = true;
        }
        if self.line.is_left_unread() {
            self.poll_linger(cx)
        } else {
            Poll::Ready(Ok(()))
        }
    }
}

fn overdue(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, what)
}
