//! A request's body: capped in bytes, in silence and in slowness, and never left unread on a connection in use.

use std::{
    pin::Pin,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, StatusCode, header::EXPECT};
use http_body::{Body as _, Frame, SizeHint};
use hyper::body::Incoming;
use parking_lot::Mutex;
use tidegate_core::refusal::Refusal;
use tokio::sync::OwnedSemaphorePermit;

use super::{BodyError, drain};
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
    /// What looks at each chunk before it is passed on.
    inspector: Option<Box<dyn Inspector>>,
    fate: Arc<Fate>,
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

/// How far a request's body came, for those who no longer hold it: it went to the upstream.
#[derive(Debug, Default)]
pub(crate) struct Fate {
    stage: AtomicU8,
    frames: AtomicU64,
    bytes: AtomicU64,
    samples: AtomicU64,
    waiting: AtomicBool,
    bytes_max: u64,
    /// Said once, by the socket.
    malformed: OnceLock<Box<Refusal>>,
    /// Said once, by who looked at it.
    inspected: OnceLock<Box<Refusal>>,
    /// The connection it came by.
    connection: Arc<ConnectionState>,
    /// A place that is only for requests whose bodies are coming.
    place: Mutex<Option<OwnedSemaphorePermit>>,
}

const OPEN: u8 = 0;
const COMPLETE: u8 = 1;
const TOO_LARGE: u8 = 2;
const STALLED: u8 = 3;
const BROKEN: u8 = 4;
const INSPECTED: u8 = 5;

impl RequestBody {
    pub(crate) fn new(
        incoming: Incoming,
        headers: &HeaderMap,
        connection: Arc<ConnectionState>,
        bounds: &Bounds,
    ) -> RequestBody {
        let ended = incoming.is_end_stream();
        let fate = Fate {
            stage: AtomicU8::new(if ended { COMPLETE } else { OPEN }),
            bytes_max: bounds.body_bytes_max,
            connection: connection.clone(),
            ..Fate::default()
        };
        RequestBody {
            incoming: (!ended).then_some(incoming),
            left_bytes: bounds.body_bytes_max,
            rules: Rules::of(bounds),
            silence: Deadline::default(),
            pace: Deadline::default(),
            awaits_continue: headers.contains_key(EXPECT),
            inspector: None,
            fate: Arc::new(fate),
            connection,
        }
    }

    /// What this body's end will be known by.
    pub(crate) fn fate(&self) -> Arc<Fate> {
        self.fate.clone()
    }

    /// Has each chunk looked at before it is passed on.
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
        self.fate.frames.fetch_add(1, Ordering::Relaxed);
        self.fate.waiting.store(false, Ordering::Relaxed);
        match next.map(|frame| frame.map(Frame::into_data)) {
            Some(Ok(Ok(data))) => self.pass(data),
            Some(Err(error)) => {
                if let Some(why) = self.connection.body_fault() {
                    let _ = self.fate.malformed.set(why.clone().into());
                }
                self.fail(BROKEN, BodyError::Downstream(error.to_string()))
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
                TOO_LARGE,
                BodyError::TooLarge {
                    allowed_bytes: self.rules.bytes_max,
                },
            );
        }
        self.left_bytes -= length;
        self.fate.bytes.fetch_add(length, Ordering::Relaxed);
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

    /// What is wrong with these bytes is said before they are passed on, and what is wrong with the whole before its last
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
        self.fate.add_samples(inspector.samples() - before);
        looked
    }

    fn turn_down(&mut self, refusal: Refusal) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let why = refusal.sentence();
        tracing::debug!(samples = self.fate.samples(), %why, "a body is refused");
        let _ = self.fate.inspected.set(refusal.into());
        self.inspector = None;
        self.fail(INSPECTED, BodyError::Refused(why))
    }

    fn wait(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        self.fate.waiting.store(true, Ordering::Relaxed);
        let silence_max = self.rules.silence_max;
        if self.silence.expired(cx, silence_max) || self.pace.expired(cx, silence_max) {
            return self.fail(STALLED, BodyError::Stalled);
        }
        Poll::Pending
    }

    fn complete(&mut self) {
        self.fate.stage.store(COMPLETE, Ordering::Release);
        self.fate.let_go();
        self.incoming = None;
        self.inspector = None;
    }

    fn fail(&mut self, stage: u8, error: BodyError) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        self.fate.stage.store(stage, Ordering::Release);
        self.fate.let_go();
        self.connection.leave_unread();
        self.incoming = None;
        Poll::Ready(Some(Err(error)))
    }
}

impl Drop for RequestBody {
    /// Bytes left on the wire would be read as the next request: they are read away, or the connection ends (fault 44).
    fn drop(&mut self) {
        self.fate.let_go();
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

// === impl Fate ===

impl Fate {
    /// All of the body was read.
    pub(crate) fn is_complete(&self) -> bool {
        self.stage.load(Ordering::Acquire) == COMPLETE
    }

    /// Keeps a place for a request whose body is coming, until the body has come or is given up.
    pub(crate) fn hold(&self, place: OwnedSemaphorePermit) {
        let kept = self.place.lock().replace(place);
        drop(kept);
        if self.is_complete() {
            self.let_go();
        }
    }

    fn let_go(&self) {
        let place = self.place.lock().take();
        drop(place);
    }

    /// What the caller did wrong with its body, if that is why the request failed.
    pub(crate) fn refusal(&self) -> Option<Refusal> {
        match self.stage.load(Ordering::Acquire) {
            TOO_LARGE => Some(Refusal::BodyTooLarge {
                asked_bytes: None,
                allowed_bytes: self.bytes_max,
            }),
            STALLED | BROKEN => Some(self.malformed.get().map_or(Refusal::BodyStalled, |why| (**why).clone())),
            INSPECTED => self.inspected.get().map(|why| (**why).clone()),
            _ => None,
        }
    }

    /// Samples it carried so far, where its route says how it carries some.
    pub(crate) fn samples(&self) -> u64 {
        self.samples.load(Ordering::Relaxed)
    }

    pub(crate) fn add_samples(&self, samples: u64) {
        self.samples.fetch_add(samples, Ordering::Relaxed);
    }

    /// The upstream says something before its answer: it goes down at once, where the client can be told.
    pub(crate) fn inform(&self, status: StatusCode, fields: &HeaderMap) {
        self.connection.interim.push(status, fields);
    }

    /// Frames passed so far: it grows while the request is on its way up.
    pub(crate) fn frames(&self) -> u64 {
        self.frames.load(Ordering::Relaxed)
    }

    /// Bytes passed so far.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// The client is waited for, not the upstream; the body's own bounds end that.
    pub(crate) fn awaits_client(&self) -> bool {
        self.stage.load(Ordering::Acquire) == OPEN && self.waiting.load(Ordering::Relaxed)
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
