//! A request's body: capped in bytes, in silence and in slowness, and never left unread on a connection in use.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, header::EXPECT};
use http_body::{Body as _, Frame, SizeHint};
use hyper::body::Incoming;
use tidegate_core::refusal::Refusal;

use super::{
    BodyError, drain,
    upload_progress::{UploadEnd, UploadProgress},
};
use crate::{bounds::Bounds, deadline::Deadline, net::connection_state::ConnectionState, task};

/// Looks at each chunk of a request's body before it is passed on.
pub(crate) trait Inspector: Send + Sync {
    /// Looks at the next bytes.
    fn push(&mut self, bytes: &[u8]) -> Result<(), Refusal>;

    /// The body is over.
    fn end(&mut self) -> Result<(), Refusal>;

    /// Samples so far.
    fn samples(&mut self) -> u64;
}

/// The body of a request as it comes from a client.
pub(crate) struct RequestBody {
    incoming: Option<Incoming>,
    left_bytes: u64,
    rules: Rules,
    silence: Deadline,
    pace: Deadline,
    /// `100-continue` was asked for and nobody has read yet: reading would send for the body.
    awaits_continue: bool,
    /// The inspector that each chunk is shown before it is passed on.
    inspector: Option<Box<dyn Inspector>>,
    progress: Arc<UploadProgress>,
    connection: Arc<ConnectionState>,
}

#[derive(Clone, Copy)]
struct Rules {
    bytes_max: u64,
    silence_max: Duration,
    bytes_per_s_min: u64,
    unread_bytes_max: u64,
    unread_wait_max: Duration,
}

impl RequestBody {
    pub(crate) fn new(
        incoming: Incoming,
        headers: &HeaderMap,
        connection: Arc<ConnectionState>,
        bounds: &Bounds,
    ) -> RequestBody {
        let ended = incoming.is_end_stream();
        let progress = UploadProgress::begin(connection.clone(), ended, bounds.body_bytes_max);
        RequestBody {
            incoming: (!ended).then_some(incoming),
            left_bytes: bounds.body_bytes_max,
            rules: Rules::of(bounds),
            silence: Deadline::default(),
            pace: Deadline::default(),
            awaits_continue: headers.contains_key(EXPECT),
            inspector: None,
            progress: Arc::new(progress),
            connection,
        }
    }

    /// Returns the progress of this body, for when the body has moved on.
    pub(crate) fn progress(&self) -> Arc<UploadProgress> {
        self.progress.clone()
    }

    /// Counts samples that the request carries outside of its body.
    pub(crate) fn add_samples(&self, samples: u64) {
        self.progress.add_samples(samples);
    }

    /// Has each chunk inspected before it is passed on.
    pub(crate) fn inspect(&mut self, inspector: Option<impl Inspector + 'static>) {
        self.inspector = inspector.map(|inspector| Box::new(inspector) as Box<dyn Inspector>);
    }

    /// The length the client declared, of what is still to come.
    pub(crate) fn declared_bytes(&self) -> Option<u64> {
        self.size_hint().exact()
    }

    pub(crate) fn is_end(&self) -> bool {
        self.incoming.as_ref().is_none_or(|incoming| incoming.is_end_stream())
    }

    pub(crate) fn size_hint(&self) -> SizeHint {
        self.incoming
            .as_ref()
            .map_or(SizeHint::with_exact(0), |incoming| incoming.size_hint())
    }

    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let Some(incoming) = &mut self.incoming else {
            return Poll::Ready(None);
        };
        self.awaits_continue = false;
        let Poll::Ready(next) = Pin::new(incoming).poll_frame(cx) else {
            return self.wait(cx);
        };
        self.silence.disarm();
        self.progress.frame_came();
        match next.map(|frame| frame.map(Frame::into_data)) {
            Some(Ok(Ok(data))) => self.pass(data),
            Some(Err(error)) => {
                let why = self.connection.body_fault().cloned();
                self.fail(UploadEnd::Broken(why), BodyError::Downstream(error.to_string()))
            }
            // Trailers come after every decision was taken; no caller of these APIs sends them, and none are passed on.
            None | Some(Ok(Err(_))) => {
                if let Err(refusal) = self.look(None, true) {
                    return self.turn_down(refusal);
                }
                self.complete();
                Poll::Ready(None)
            }
        }
    }

    fn pass(&mut self, data: Bytes) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let length = data.len() as u64;
        if length > self.left_bytes {
            return self.fail(
                UploadEnd::TooLarge,
                BodyError::TooLarge {
                    allowed_bytes: self.rules.bytes_max,
                },
            );
        }
        self.left_bytes -= length;
        self.progress.add_bytes(length);
        self.pace.extend(Duration::from_millis(
            length.saturating_mul(1000) / self.rules.bytes_per_s_min.max(1),
        ));
        let is_last = self.is_end();
        if let Err(refusal) = self.look(Some(&data), is_last) {
            return self.turn_down(refusal);
        }
        if is_last {
            self.complete();
        }
        Poll::Ready(Some(Ok(Frame::data(data))))
    }

    /// Inspects these bytes before they are passed on. A fault of the whole is found before its last
    /// byte is.
    fn look(&mut self, data: Option<&Bytes>, is_last: bool) -> Result<(), Refusal> {
        let Some(inspector) = &mut self.inspector else {
            return Ok(());
        };
        let before = inspector.samples();
        let mut looked = data.map_or(Ok(()), |data| inspector.push(data));
        if looked.is_ok() && is_last {
            looked = inspector.end();
        }
        self.progress.add_samples(inspector.samples() - before);
        looked
    }

    fn turn_down(&mut self, refusal: Refusal) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let why = refusal.sentence();
        tracing::debug!(samples = self.progress.samples(), %why, "a request body is refused");
        self.inspector = None;
        self.fail(UploadEnd::Refused(refusal), BodyError::Refused(why))
    }

    fn wait(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        self.progress.await_client();
        let silence_max = self.rules.silence_max;
        if self.silence.expired(cx, silence_max) || self.pace.expired(cx, silence_max) {
            return self.fail(UploadEnd::Stalled, BodyError::Stalled);
        }
        Poll::Pending
    }

    fn complete(&mut self) {
        self.progress.end(UploadEnd::Complete);
        self.incoming = None;
        self.inspector = None;
    }

    fn fail(&mut self, how: UploadEnd, error: BodyError) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        self.progress.end(how);
        self.connection.leave_unread();
        self.incoming = None;
        Poll::Ready(Some(Err(error)))
    }
}

impl Drop for RequestBody {
    /// Bytes left on the wire would be read as the next request: they are read away, or the connection ends (fault 44).
    fn drop(&mut self) {
        self.progress.free_place();
        let Some(incoming) = self.incoming.take() else { return };
        let small = incoming.size_hint().lower() <= self.rules.unread_bytes_max;
        let Some(runtime) = tokio::runtime::Handle::try_current()
            .ok()
            .filter(|_| small && !self.awaits_continue)
        else {
            // Dropping it makes hyper close the connection once the answer is out.
            self.connection.leave_unread();
            return;
        };
        runtime.spawn(task::alone(drain::drain(
            incoming,
            self.rules.unread_bytes_max,
            self.rules.unread_wait_max,
            self.connection.clone(),
        )));
    }
}

// === impl Rules ===

impl Rules {
    fn of(bounds: &Bounds) -> Rules {
        Rules {
            bytes_max: bounds.body_bytes_max,
            silence_max: bounds.body_progress_timeout,
            bytes_per_s_min: bounds.body_bytes_per_s_min,
            unread_bytes_max: bounds.unread_body_bytes_max,
            unread_wait_max: bounds.unread_body_timeout,
        }
    }
}
