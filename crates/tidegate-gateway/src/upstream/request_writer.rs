//! A request on its way up: its head, and its body as it comes.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Buf, Bytes};
use http::{HeaderValue, Request, header::HOST};
use http_body::Body as _;
use tokio::io::AsyncWrite;

use crate::body::{Body, BodyError};

/// The rest of a request that is still to be written. Nothing is read of the body before what came of it is written.
#[derive(Debug, Default)]
pub(crate) struct RequestWriter {
    /// The head, and the lines between chunks.
    lines: Vec<u8>,
    written: usize,
    /// The piece of the body that is written behind the lines.
    piece: Bytes,
    /// The end of a chunk or of all of them; it is written behind the piece.
    tail: &'static [u8],
    state: State,
}

#[derive(Debug, Default)]
enum State {
    /// More of the body may come.
    Coming(Box<Coming>),
    /// The bytes here are the rest.
    Last,
    /// All is written.
    #[default]
    Done,
    /// The upstream takes no more, and may have said why.
    Cut,
}

#[derive(Debug)]
struct Coming {
    body: Body,
    /// Bytes still to come, as the head says; `None` where the body comes in chunks.
    left: Option<u64>,
}

/// Space for lines that a connection at rest may keep, in bytes.
const KEPT_BYTES_MAX: usize = 4096;

/// Bytes of a field's line beside its name and value.
const LINE_BYTES: usize = 4;

// === impl RequestWriter ===

impl RequestWriter {
    /// Begins with a request. Its body is taken out, as soon as there is something to do for it.
    pub(crate) fn begin(&mut self, request: &mut Request<Body>, host: &HeaderValue) {
        self.lines.clear();
        self.written = 0;
        self.head(request, host);
        self.state = match request.body().is_end_stream() {
            true => State::Last,
            false => State::Coming(Box::new(Coming {
                left: request.body().size_hint().exact(),
                body: std::mem::take(request.body_mut()),
            })),
        };
    }

    /// The head, as [`super::header_rewrite::up`] made it; it says how long the body is.
    fn head(&mut self, request: &Request<Body>, host: &HeaderValue) {
        let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
        let lines = &mut self.lines;
        let fields: usize = request
            .headers()
            .iter()
            .map(|(name, value)| name.as_str().len() + value.len() + LINE_BYTES)
            .sum();
        lines.reserve(target.len() + host.len() + fields + 64);
        for part in [
            request.method().as_str().as_bytes(),
            b" ",
            target.as_bytes(),
            b" HTTP/1.1\r\nhost: ",
            host.as_bytes(),
            b"\r\n",
        ] {
            lines.extend_from_slice(part);
        }
        for (name, value) in request.headers() {
            if name != HOST {
                lines.extend_from_slice(name.as_str().as_bytes());
                lines.extend_from_slice(b": ");
                lines.extend_from_slice(value.as_bytes());
                lines.extend_from_slice(b"\r\n");
            }
        }
        lines.extend_from_slice(b"\r\n");
    }

    /// All of it was written.
    pub(crate) fn is_done(&self) -> bool {
        matches!(self.state, State::Done)
    }

    /// Lets go what a connection at rest needs not.
    pub(crate) fn rest(&mut self) {
        if self.lines.capacity() > KEPT_BYTES_MAX {
            self.lines = Vec::new();
        }
    }

    /// Writes on, as far as the body has come and the upstream takes it. Ready when there is nothing more to do, be it
    /// because the upstream takes no more.
    ///
    /// # Errors
    /// Fails when the body broke off: then what was written is no whole request, and the connection must close.
    pub(crate) fn poll<S: AsyncWrite + Unpin>(
        &mut self,
        cx: &mut Context<'_>,
        stream: &mut S,
    ) -> Poll<Result<(), BodyError>> {
        loop {
            if let State::Done | State::Cut = self.state {
                return Poll::Ready(Ok(()));
            }
            // What is there of the body goes with the head, in one piece.
            let has_more = !self.piece.is_empty() || !self.tail.is_empty();
            let is_dry = !has_more && self.fill(cx)?.is_pending();
            if ready!(self.write(cx, stream)).is_err() {
                tracing::debug!("an upstream stopped reading a request");
                self.state = State::Cut;
            } else if let State::Last = self.state {
                self.state = State::Done;
            } else if is_dry {
                return Poll::Pending;
            }
        }
    }

    /// Reads the body's next piece, where there is one to come.
    fn fill(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BodyError>> {
        let State::Coming(coming) = &mut self.state else {
            return Poll::Ready(Ok(()));
        };
        let frame = ready!(Pin::new(&mut coming.body).poll_frame(cx)).transpose()?;
        let is_end = frame.is_none() || coming.body.is_end_stream();
        let data = frame.and_then(|frame| frame.into_data().ok()).unwrap_or_default();
        match &mut coming.left {
            Some(left) => {
                *left = left.checked_sub(data.len() as u64).ok_or_else(other_length)?;
                if is_end && *left > 0 {
                    return Poll::Ready(Err(other_length()));
                }
            }
            None => {
                if !data.is_empty() {
                    self.lines.extend_from_slice(format!("{:x}\r\n", data.len()).as_bytes());
                }
                self.tail = match (data.is_empty(), is_end) {
                    (true, false) => b"",
                    (true, true) => b"0\r\n\r\n",
                    (false, false) => b"\r\n",
                    (false, true) => b"\r\n0\r\n\r\n",
                };
            }
        }
        self.piece = data;
        if is_end {
            self.state = State::Last;
        }
        Poll::Ready(Ok(()))
    }

    fn write<S: AsyncWrite + Unpin>(&mut self, cx: &mut Context<'_>, mut stream: &mut S) -> Poll<io::Result<()>> {
        loop {
            let lines = &self.lines[self.written..];
            let mut wrote = match (self.piece.is_empty() && self.tail.is_empty(), lines.is_empty()) {
                (true, true) => break,
                (true, false) => ready!(Pin::new(&mut stream).poll_write(cx, lines))?,
                (false, _) => {
                    let all = [lines, &self.piece, self.tail].map(IoSlice::new);
                    ready!(Pin::new(&mut stream).poll_write_vectored(cx, &all))?
                }
            };
            if wrote == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            let of_lines = wrote.min(lines.len());
            self.written += of_lines;
            wrote -= of_lines;
            let of_piece = wrote.min(self.piece.len());
            self.piece.advance(of_piece);
            self.tail = &self.tail[wrote - of_piece..];
        }
        self.lines.clear();
        self.written = 0;
        Pin::new(&mut stream).poll_flush(cx)
    }
}

/// A body that is not as long as its head says.
fn other_length() -> BodyError {
    BodyError::Downstream("it is not as long as it was said to be".to_owned())
}

#[cfg(test)]
mod tests;
