//! One connection to an upstream, driven by whoever waits for its answer: no task of its own and nothing between.

use std::{
    future::poll_fn,
    io,
    pin::{Pin, pin},
    task::{Context, Poll, Waker, ready},
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use http::{HeaderValue, Method, Request, Response};
use http_body::Frame;
use tokio::io::{AsyncRead, AsyncReadExt, ReadBuf};

use super::{
    answer::{
        self, HEAD_BYTES_MAX,
        content::{Content, Part},
    },
    pooled_connection::CheckedOut,
    request_writer::RequestWriter,
};
use crate::{
    body::{Body, BodyError, answer_timeout, upload_progress::UploadProgress, upstream_body::UpstreamBodySource},
    deadline::Deadline,
    net::stream::Stream,
    upstream_fault::UpstreamFault,
};

/// A connection that carries one request at a time. Dropping it closes it.
pub(crate) struct Connection(Box<Wire>);

struct Wire {
    stream: Stream,
    /// Bytes that came and were not handed on.
    held: BytesMut,
    /// Most bytes of one read.
    room: usize,
    upload: RequestWriter,
    content: Content,
    /// Something came back for the request at hand.
    heard: bool,
    /// It may carry another request after this one.
    keeps: bool,
    silence: Deadline,
    /// While an answer's body comes over it. It stands last: the stream closes before another may be opened.
    checked_out: Option<CheckedOut>,
}

/// The reason why a request brought no answer, by what may be done about it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum SendFault {
    /// It may have been sent, but not one byte came back.
    NothingHeard,
    /// It is lost.
    Lost(UpstreamFault),
}

/// Most bytes of one read, at first and of a body that fills it each time.
const ROOM_BYTES: usize = 8 * 1024;
const ROOM_BYTES_MAX: usize = 128 * 1024;

/// The least room of a buffer, in bytes; with less a new one is made.
const ROOM_BYTES_MIN: usize = 2 * 1024;

// === impl Connection ===

impl Connection {
    /// Makes a connection of a stream that was just opened.
    pub(crate) fn on(stream: Stream) -> Connection {
        Connection(Box::new(Wire {
            stream,
            held: BytesMut::new(),
            room: ROOM_BYTES,
            upload: RequestWriter::default(),
            content: Content::Ended,
            heard: false,
            keeps: true,
            silence: Deadline::default(),
            checked_out: None,
        }))
    }

    /// Is true when it may carry another request: the last one and its answer are whole, and nothing came behind. What it needs
    /// not while it rests is let go.
    pub(crate) fn rest(&mut self) -> bool {
        let wire = &mut *self.0;
        wire.room = ROOM_BYTES;
        wire.upload.rest();
        if wire.held.capacity() > ROOM_BYTES {
            wire.held = BytesMut::from(&wire.held[..]);
        }
        wire.keeps && wire.held.is_empty() && wire.content == Content::Ended && wire.upload.is_done()
    }

    /// Is true while nothing has come since it rests, be it the connection's end. Nobody is woken when that changes.
    pub(crate) fn is_open(&mut self) -> bool {
        let mut space = [0];
        let mut cx = Context::from_waker(Waker::noop());
        Pin::new(&mut self.0.stream)
            .poll_read(&mut cx, &mut ReadBuf::new(&mut space))
            .is_pending()
    }

    /// Sends a request and waits for the head of its answer, for as long as the upstream is not silent for longer than
    /// `silence_max`. Of the request the body is taken out, if there is one.
    pub(crate) async fn send(
        &mut self,
        request: &mut Request<Body>,
        host: &HeaderValue,
        upload: &UploadProgress,
        silence_max: Duration,
    ) -> Result<Response<()>, SendFault> {
        let wire = &mut *self.0;
        wire.heard = false;
        wire.upload.begin(request, host);
        let mut silence = std::mem::take(&mut wire.silence);
        let method = request.method();
        let mut interim_bytes = 0;
        let answering = pin!(poll_fn(|cx| wire.poll_answer(cx, method, upload, &mut interim_bytes)));
        let answered = answer_timeout::wait(answering, upload, &mut silence, silence_max).await;
        wire.silence = silence;
        answered.unwrap_or(Err(SendFault::Lost(UpstreamFault::Silent { waited: silence_max })))
    }

    /// The body of the answer whose head has come. The connection is what it comes from, at the place it has.
    pub(crate) fn into_source(mut self, checked_out: CheckedOut) -> Box<dyn UpstreamBodySource> {
        self.0.checked_out = Some(checked_out);
        self.0
    }
}

// === impl Wire ===

impl Wire {
    /// The head of the answer, while the request goes up. It may come before all of the request is gone; where it says
    /// why no more is taken, it is still to be read.
    fn poll_answer(
        &mut self,
        cx: &mut Context<'_>,
        asked: &Method,
        upload: &UploadProgress,
        interim_bytes: &mut usize,
    ) -> Poll<Result<Response<()>, SendFault>> {
        if let Poll::Ready(Err(error)) = self.upload.poll(cx, &mut self.stream) {
            tracing::debug!(%error, "a request broke off on its way to the upstream");
            return Poll::Ready(Err(SendFault::Lost(UpstreamFault::BrokeOff)));
        }
        loop {
            let came = self.held.len();
            match answer::take(&mut self.held, asked) {
                Ok(Some(head)) if is_interim(&head.response) => {
                    *interim_bytes += came - self.held.len();
                    if *interim_bytes > HEAD_BYTES_MAX {
                        return Poll::Ready(Err(SendFault::Lost(UpstreamFault::Unreadable)));
                    }
                    upload.pass_interim(head.response.status(), head.response.headers());
                    continue;
                }
                Ok(Some(head)) => {
                    self.content = head.content;
                    self.keeps = head.keeps;
                    return Poll::Ready(Ok(head.response));
                }
                Ok(None) => {}
                Err(_) => return Poll::Ready(Err(SendFault::Lost(UpstreamFault::Unreadable))),
            }
            match ready!(self.poll_fill(cx)) {
                Ok(read) if read > 0 => self.heard = true,
                ended => {
                    tracing::debug!(?ended, "an upstream gave no answer");
                    return Poll::Ready(Err(match self.heard {
                        true => SendFault::Lost(UpstreamFault::BrokeOff),
                        false => SendFault::NothingHeard,
                    }));
                }
            }
        }
    }

    /// Reads on. None read is the end.
    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let left = self.held.capacity() - self.held.len();
        if left < ROOM_BYTES_MIN.min(self.room) {
            self.held.reserve(self.room);
        }
        let room = self.held.capacity() - self.held.len();
        let read = ready!(pin!(self.stream.read_buf(&mut self.held)).poll(cx))?;
        if read == room && room >= self.room {
            self.room = (self.room * 2).min(ROOM_BYTES_MAX);
        }
        Poll::Ready(Ok(read))
    }
}

impl UpstreamBodySource for Wire {
    /// Reads on in the answer's body. The rest of the request goes up beside it.
    fn poll_content(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if let Poll::Ready(Err(error)) = self.upload.poll(cx, &mut self.stream) {
            return Poll::Ready(Some(Err(error)));
        }
        loop {
            match self.content.take(&mut self.held) {
                Ok(Part::Data(data)) => return Poll::Ready(Some(Ok(Frame::data(data)))),
                Ok(Part::Trailers(fields)) => return Poll::Ready(Some(Ok(Frame::trailers(fields)))),
                Ok(Part::End) => return Poll::Ready(None),
                Ok(Part::More) => {}
                Err(broken) => return Poll::Ready(Some(Err(BodyError::Upstream(broken.to_string())))),
            }
            match ready!(self.poll_fill(cx)) {
                Ok(0) => {
                    if let Err(broken) = self.content.close() {
                        return Poll::Ready(Some(Err(BodyError::Upstream(broken.to_string()))));
                    }
                }
                Ok(_) => {}
                Err(error) => return Poll::Ready(Some(Err(BodyError::Upstream(error.to_string())))),
            }
        }
    }

    fn is_end(&self) -> bool {
        self.content == Content::Ended
    }

    fn exact(&self) -> Option<u64> {
        self.content.exact()
    }

    fn give_back(mut self: Box<Self>) {
        if let Some(checked_out) = self.checked_out.take() {
            checked_out.give_back(Connection(self));
        }
    }
}

/// An answer before the answer (RFC 9110 15.2). One that switches protocols is none: what is behind it is not HTTP.
fn is_interim(response: &Response<()>) -> bool {
    response.status().is_informational() && response.status() != http::StatusCode::SWITCHING_PROTOCOLS
}
