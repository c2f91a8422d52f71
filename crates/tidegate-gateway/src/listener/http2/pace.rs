//! Answers that a client asked for and does not take: it may close a stream's window, and then nothing of the stream
//! moves and nothing fails. So each stream's task ends itself when what it gave waits for too long.

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::rt::Executor;
use parking_lot::Mutex;

use crate::{body::BodyError, deadline::Deadline, listener::response_body::ResponseBody, task};

/// The pace of one stream: a part of an answer was given to it and it has not asked for the next one.
#[derive(Debug, Default)]
pub(super) struct Pace {
    waits_for_client: AtomicBool,
}

/// Runs the tasks of one connection's streams, at most [`Bounds::http2_streams_max`] of them.
///
/// hyper calls the service for a request and right after it gives the stream's task to be run, so the pace that the
/// first made is the second one's.
///
/// [`Bounds::http2_streams_max`]: crate::bounds::Bounds::http2_streams_max
#[derive(Clone)]
pub(super) struct Paces {
    begun: Arc<Mutex<Option<Arc<Pace>>>>,
    stall_max: Duration,
}

/// The body of an answer, telling its pace.
pub(super) struct Paced {
    body: ResponseBody,
    pace: Arc<Pace>,
}

/// A stream's task.
struct Task<F> {
    running: Pin<Box<F>>,
    pace: Option<Arc<Pace>>,
    stall_max: Duration,
    stall: Deadline,
}

impl Paces {
    pub(super) fn new(stall_max: Duration) -> Paces {
        Paces {
            begun: Arc::default(),
            stall_max,
        }
    }

    /// Makes the pace of the request that is being begun.
    pub(super) fn begin(&self) -> Arc<Pace> {
        let pace = Arc::new(Pace::default());
        *self.begun.lock() = Some(pace.clone());
        pace
    }
}

impl<F> Executor<F> for Paces
where
    F: Future<Output = ()> + Send + 'static,
{
    fn execute(&self, running: F) {
        // It ends with its stream, and that with its connection at the latest.
        tokio::spawn(task::alone(Task {
            running: Box::pin(running),
            pace: self.begun.lock().take(),
            stall_max: self.stall_max,
            stall: Deadline::default(),
        }));
    }
}

impl<F: Future<Output = ()>> Future for Task<F> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let is_over = self.stall.is_over(cx);
        if self.running.as_mut().poll(cx).is_ready() {
            return Poll::Ready(());
        }
        let waits = self
            .pace
            .as_ref()
            .is_some_and(|pace| pace.waits_for_client.load(Ordering::Relaxed));
        if waits && is_over {
            // Dropped, the stream is reset.
            tracing::debug!("a client stopped reading an answer; its stream is reset");
            return Poll::Ready(());
        }
        // Whatever else woke it was the client's window, or the answer's next part.
        self.stall.disarm();
        let stall_max = self.stall_max;
        if waits && self.stall.expired(cx, stall_max) {
            return Poll::Ready(());
        }
        Poll::Pending
    }
}

// === impl Paced ===

impl Paced {
    pub(super) fn new(body: ResponseBody, pace: Arc<Pace>) -> Paced {
        Paced { body, pace }
    }
}

impl Body for Paced {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let next = Pin::new(&mut self.body).poll_frame(cx);
        let gave = matches!(next, Poll::Ready(Some(Ok(_))));
        self.pace.waits_for_client.store(gave, Ordering::Relaxed);
        next
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
