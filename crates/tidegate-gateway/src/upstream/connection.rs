//! One connection to an upstream.

use std::{
    io,
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use http::{Request, Response};
use hyper::{
    body::Incoming,
    client::conn::{
        TrySendError,
        http1::{self, SendRequest},
    },
};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::fault::Fault;
use crate::{
    body::{Body, patience, request::Fate},
    deadline::{self, Deadline},
    listener::stream::Stream,
    task,
};

/// A connection that carries one request at a time. Dropping it closes it.
#[derive(Debug)]
pub(crate) struct Connection {
    sender: SendRequest<Body>,
    heard: Arc<AtomicBool>,
    silence: Deadline,
}

/// Why a request brought no answer, by what may be done about it.
pub(crate) enum Missed {
    /// Nothing of it was sent, and here it is back.
    NothingSent(Box<Request<Body>>),
    /// It may have been sent, but not one byte came back.
    NothingHeard,
    /// It is lost.
    Lost(Fault),
}

/// Most bytes of a head, or of a piece of a body, held from one upstream connection.
const BUFFER_BYTES_MAX: usize = 128 * 1024;

/// How long a connection that was just given back may take to be ready again; longer, and it is not reused.
const READY_WAIT_MAX: Duration = Duration::from_millis(50);

impl Connection {
    /// Begins HTTP on a stream that was just opened.
    pub(crate) async fn on(stream: Stream) -> Result<Connection, Fault> {
        let heard = Arc::new(AtomicBool::new(false));
        let wire = Wire {
            stream,
            heard: heard.clone(),
        };
        let handshake = http1::Builder::new()
            .max_buf_size(BUFFER_BYTES_MAX)
            .handshake(TokioIo::new(wire))
            .await;
        let (sender, driver) = handshake.map_err(|_| Fault::Unreachable)?;
        // It ends when the sender is dropped or the upstream closes; the host's cap bounds how many there are.
        tokio::spawn(task::alone(async move {
            if let Err(error) = driver.await {
                tracing::debug!(%error, "an upstream connection ended");
            }
        }));
        Ok(Connection {
            sender,
            heard,
            silence: Deadline::default(),
        })
    }

    /// Whether it can carry another request, waiting a moment for the end of the last one.
    pub(crate) async fn ready(&mut self) -> bool {
        self.sender.is_ready()
            || matches!(
                deadline::within(READY_WAIT_MAX, self.sender.ready()).await,
                Some(Ok(()))
            )
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.sender.is_closed()
    }

    /// Sends a request and waits for the head of its answer, for as long as the upstream is not silent for longer than
    /// `silence_max`.
    pub(crate) async fn send(
        &mut self,
        request: Box<Request<Body>>,
        fate: &Arc<Fate>,
        silence_max: Duration,
    ) -> Result<Response<Incoming>, Missed> {
        let mut request = request;
        let told = fate.clone();
        hyper::ext::on_informational(&mut request, move |interim| {
            told.inform(interim.status(), interim.headers())
        });
        self.heard.store(false, Ordering::Release);
        let mut answering = pin!(self.sender.try_send_request(*request));
        let answered = patience::wait(answering.as_mut(), fate, &mut self.silence, silence_max).await;
        match answered {
            Some(Ok(response)) => Ok(response),
            Some(Err(failed)) => Err(missed(failed, &self.heard)),
            None => Err(Missed::Lost(Fault::Silent { waited: silence_max })),
        }
    }
}

fn missed(mut failed: TrySendError<Request<Body>>, heard: &AtomicBool) -> Missed {
    if let Some(request) = failed.take_message() {
        return Missed::NothingSent(request.into());
    }
    tracing::debug!(error = %failed.error(), "a request brought no answer");
    match () {
        () if failed.error().is_parse() => Missed::Lost(Fault::Unreadable),
        () if heard.load(Ordering::Acquire) => Missed::Lost(Fault::BrokeOff),
        () => Missed::NothingHeard,
    }
}

/// The stream, noting whether anything came back.
struct Wire {
    stream: Stream,
    heard: Arc<AtomicBool>,
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buf);
        if buf.filled().len() > before {
            self.heard.store(true, Ordering::Release);
        }
        read
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
