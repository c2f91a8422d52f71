//! A client's stream with its time limits: heads that never end, answers nobody takes, closes nobody answers.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{connection_state::ConnectionState, stream::Stream};
use crate::{
    bounds::Bounds,
    deadline::Deadline,
    http1::strict_reader::{Shut, StrictReader, head::HeadBounds},
};

/// A client's stream.
pub(crate) struct ClientStream {
    stream: Stream,
    state: Arc<ConnectionState>,
    reader: StrictReader,
    head_max: Duration,
    head: Deadline,
    idle_max: Duration,
    idle: Deadline,
    stall_max: Duration,
    stall: Deadline,
    linger: Linger,
    /// The number of answers given up or written when all that hyper had was written; `None` since it writes on.
    clean_at: Option<u64>,
    /// An interim answer that is half written.
    informing: Bytes,
}

struct Linger {
    wait_max: Duration,
    wait: Deadline,
    write_closed: bool,
}

/// Most bytes of one read that is thrown away.
const DISCARD_BYTES: usize = 4096;

impl ClientStream {
    pub(crate) fn new(stream: Stream, state: Arc<ConnectionState>, bounds: &Bounds) -> ClientStream {
        let linger = Linger {
            wait_max: bounds.unread_body_timeout,
            wait: Deadline::default(),
            write_closed: false,
        };
        ClientStream {
            stream,
            state,
            reader: StrictReader::new(HeadBounds {
                bytes_max: bounds.header_bytes_max,
                fields_max: bounds.header_fields_max,
            }),
            head_max: bounds.header_timeout,
            head: Deadline::default(),
            idle_max: bounds.idle_timeout,
            idle: Deadline::default(),
            stall_max: bounds.write_stall_timeout,
            stall: Deadline::default(),
            linger,
            clean_at: Some(0),
            informing: Bytes::new(),
        }
    }

    pub(crate) fn is_secure(&self) -> bool {
        self.stream.is_secure()
    }

    /// The stream alone, for a relay, with what was read of it and is kept: from the upgrade on there are no heads and
    /// no answers.
    pub(crate) fn into_stream(self) -> (Stream, BytesMut) {
        (self.stream, self.reader.into_held())
    }

    /// Tells the service what the reader found.
    fn note(&mut self, heads_before: u64) {
        let heads = self.reader.heads();
        if heads != heads_before {
            self.head.disarm();
        }
        match self.reader.take_fault() {
            None => {}
            Some(why) if self.reader.shut() == Some(Shut::Broken) => self.state.break_body(why),
            Some(why) => self.state.fault(heads, why),
        }
        self.state.keeps_more(self.reader.has_more());
    }

    /// A connection that rests too long between two requests. hyper has a timer for that too, and makes a new one for
    /// each request. This one is armed once a request; hyper does not ask again when the answer is out, so it may be over
    /// before the rest is, and then waits for what is left.
    fn is_rest_over(&mut self, cx: &mut Context<'_>) -> bool {
        let heads = self.reader.heads();
        if heads == 0 || self.reader.has_more() {
            return false;
        }
        let mut wait = self.idle_max;
        while self.idle.expired(cx, wait) {
            let rested = self.state.rested(heads).unwrap_or_default();
            wait = self.idle_max.saturating_sub(rested);
            if wait.is_zero() {
                return true;
            }
            self.idle.disarm();
        }
        false
    }

    /// A head that takes too long, from its first byte, and a connection that never sends one. The time of a head begins
    /// when it is its turn.
    fn is_head_overdue(&mut self, cx: &mut Context<'_>) -> bool {
        let heads = self.reader.heads();
        let awaited = heads == 0 || (self.reader.has_more() && self.state.is_turn(heads));
        awaited && self.head.expired(cx, self.head_max)
    }

    fn written<T>(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.stall.disarm();
        } else if self.stall.expired(cx, self.stall_max) {
            return Poll::Ready(Err(overdue("the client stopped reading its answer")));
        }
        written
    }

    /// Writes what the upstream says before its answer. That goes out where all answers before it are written and nothing
    /// of its own is, so that it stands within no message.
    fn poll_inform(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.informing.is_empty() {
            let is_between = self.clean_at.is_some_and(|at| self.state.is_answered_up_to_last(at));
            match self.state.interim.take(is_between) {
                None => return Poll::Ready(Ok(())),
                Some(interim) => self.informing = interim,
            }
        }
        while !self.informing.is_empty() {
            let written = Pin::new(&mut self.stream).poll_write(cx, &self.informing);
            match ready!(self.written(cx, written))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                written => self.informing.advance(written),
            }
        }
        Poll::Ready(Ok(()))
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

impl AsyncRead for ClientStream {
    /// Reads what the strict reader lets through. While a request is answered only its body is, and the end of the stream.
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        loop {
            if self.reader.hand_on(buf) {
                return Poll::Ready(Ok(()));
            }
            match self.reader.shut() {
                // An end of the stream would have hyper drop the answer.
                Some(Shut::Refused) => return Poll::Pending,
                Some(Shut::Broken) => return Poll::Ready(Ok(())),
                None => {}
            }
            let heads = self.reader.heads();
            let has_held = self.reader.has_held();
            let is_turn = self.state.is_turn(heads) || (has_held && self.state.is_turn_or_wake(heads, cx.waker()));
            if has_held && !is_turn {
                return Poll::Pending;
            }
            if is_turn && self.reader.is_owed_a_look() {
                self.reader.look();
                self.note(heads);
                continue;
            }
            let before = buf.filled().len();
            match Pin::new(&mut self.stream).poll_read(cx, buf) {
                Poll::Pending if self.is_head_overdue(cx) => {
                    return Poll::Ready(Err(overdue("the head of a request did not come in time")));
                }
                // To hyper the client has left, as it had nothing more to say.
                Poll::Pending if self.is_rest_over(cx) => return Poll::Ready(Ok(())),
                Poll::Ready(Ok(())) if buf.filled().len() > before => {
                    self.idle.disarm();
                    let passed = self.reader.see(&buf.filled()[before..], is_turn);
                    buf.set_filled(before + passed);
                    self.note(heads);
                    if passed > 0 {
                        return Poll::Ready(Ok(()));
                    }
                }
                read => return read,
            }
        }
    }
}

impl AsyncWrite for ClientStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.poll_inform(cx))?;
        self.clean_at = None;
        let written = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.written(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_inform(cx))?;
        self.clean_at = None;
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.written(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// hyper flushes when it has nothing left to write: behind the answers that it was given whole.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.clean_at = Some(self.state.answered());
        self.state.interim.wake(cx.waker());
        if self.state.interim.is_open() || !self.informing.is_empty() {
            ready!(self.poll_inform(cx))?;
        }
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        self.written(cx, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.linger.write_closed {
            ready!(Pin::new(&mut self.stream).poll_shutdown(cx))?;
            self.linger.write_closed = true;
        }
        if self.state.is_left_unread() {
            self.poll_linger(cx)
        } else {
            Poll::Ready(Ok(()))
        }
    }
}

fn overdue(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, what)
}
