//! The recording of an answer while it goes to whoever asked.

use std::{
    pin::Pin,
    sync::{Arc, atomic::Ordering},
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, StatusCode};
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt;
use tidegate_core::{freshness::Lifetime, partition::CellId};

use super::{
    Cache,
    in_flight::{Ended, Lead},
    stored_answer::StoredAnswer,
};
use crate::{
    body::{Body, BodyError},
    upstream_fault::UpstreamFault,
};

/// An answer being taken down.
pub(super) struct Recording {
    pub(super) draft: Draft,
    /// Whoever waits for it.
    pub(super) lead: Option<Lead>,
    room: RecordingBudget,
    taken: Vec<u8>,
}

/// The facts about an answer that its head tells.
pub(super) struct Draft {
    pub(super) key: CellId,
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) selects: Vec<(HeaderName, CellId)>,
    /// `None`: it is for those who wait for it now, and for nobody later.
    pub(super) lifetime: Option<Lifetime>,
    pub(super) since_ns: u64,
    pub(super) tags: Vec<CellId>,
    pub(super) begun: u64,
}

/// Bytes being taken down, of the share all of them have.
struct RecordingBudget {
    cache: Arc<Cache>,
    bytes: usize,
}

/// A body that is taken down as it is read.
pub(super) struct RecordedBody {
    body: Body,
    record: Option<Recording>,
}

impl Recording {
    pub(super) fn new(cache: Arc<Cache>, draft: Draft, lead: Option<Lead>) -> Recording {
        Recording {
            draft,
            lead,
            room: RecordingBudget { cache, bytes: 0 },
            taken: Vec::new(),
        }
    }

    /// Reads all of a body whose length is known and within the bound, so that nobody waits for a slow client.
    ///
    /// # Errors
    /// The upstream broke off: nobody was answered yet, so all are told.
    pub(super) async fn all(mut self, mut body: Body) -> Result<Body, UpstreamFault> {
        while let Some(frame) = body.frame().await {
            match frame {
                Ok(frame) if frame.is_data() => {
                    let data = frame.into_data().unwrap_or_default();
                    if !self.add(&data) {
                        return Ok(self.give_up(data, body));
                    }
                }
                // Trailers are for whoever asked; there is no place for them here.
                Ok(_) => {}
                Err(_) => {
                    self.fail();
                    return Err(UpstreamFault::BrokeOff);
                }
            }
        }
        let whole = self.finish();
        Ok(Body::full(whole))
    }

    /// No room for it all after all: what was taken goes on in front of the rest.
    fn give_up(mut self, next: Bytes, rest: Body) -> Body {
        let mut taken = std::mem::take(&mut self.taken);
        taken.extend_from_slice(&next);
        self.leave_alone();
        Body::behind(taken.into(), rest)
    }

    fn add(&mut self, data: &Bytes) -> bool {
        let fits = self.taken.len() + data.len() <= self.room.cache.bounds.body_bytes_max && self.room.take(data.len());
        if fits {
            self.taken.extend_from_slice(data);
        }
        fits
    }

    fn finish(self) -> Bytes {
        let Recording {
            draft,
            lead,
            room,
            taken,
        } = self;
        let cache = room.cache.clone();
        let body = Bytes::from(taken.into_boxed_slice());
        let stored = Arc::new(StoredAnswer {
            bytes: StoredAnswer::size(&draft.headers, &body),
            status: draft.status,
            headers: draft.headers,
            body: body.clone(),
            selects: draft.selects,
            lifetime: draft.lifetime.unwrap_or(NO_TIME),
            since_ns: draft.since_ns,
            tags: draft.tags,
            begun: draft.begun,
        });
        if draft.lifetime.is_some() {
            cache.store.lock().keep(draft.key, stored.clone());
        }
        if let Some(lead) = lead {
            lead.end(Ended::Answered(stored));
        }
        drop(room);
        body
    }

    fn fail(mut self) {
        if let Some(lead) = self.lead.take() {
            lead.end(Ended::Failed(UpstreamFault::BrokeOff));
        }
    }

    pub(super) fn leave_alone(mut self) {
        if let Some(lead) = self.lead.take() {
            lead.end(Ended::Alone);
        }
    }
}

/// The lifetime of what is for nobody later.
const NO_TIME: Lifetime = Lifetime {
    fresh_for: std::time::Duration::ZERO,
    age: std::time::Duration::ZERO,
};

// === impl RecordingBudget ===

impl RecordingBudget {
    fn take(&mut self, bytes: usize) -> bool {
        let max = self.cache.bounds.bytes_max;
        let grown = |taken: usize| Some(taken + bytes).filter(|taken| *taken <= max);
        let took = self
            .cache
            .recording
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, grown);
        self.bytes += took.map_or(0, |_| bytes);
        took.is_ok()
    }
}

impl Drop for RecordingBudget {
    fn drop(&mut self) {
        self.cache.recording.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

// === impl RecordedBody ===

impl RecordedBody {
    pub(super) fn new(body: Body, record: Recording) -> RecordedBody {
        RecordedBody {
            body,
            record: Some(record),
        }
    }

    fn take_down(&mut self, data: Option<&Bytes>) {
        let Some(mut record) = self.record.take() else { return };
        match data {
            Some(data) if record.add(data) => {}
            // Trailers, or more than there is room for: it goes on, and nothing of it is held.
            _ => return record.leave_alone(),
        }
        match self.body.is_end_stream() {
            true => drop(record.finish()),
            false => self.record = Some(record),
        }
    }
}

impl HttpBody for RecordedBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let next = std::task::ready!(Pin::new(&mut self.body).poll_frame(cx));
        match &next {
            Some(Ok(frame)) => self.take_down(frame.data_ref()),
            Some(Err(_)) => {
                if let Some(record) = self.record.take() {
                    record.fail();
                }
            }
            None => {
                if let Some(record) = self.record.take() {
                    record.finish();
                }
            }
        }
        Poll::Ready(next)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
