//! An upstream's body: watched for silence, and holding the upstream's connection until its end.

use std::{
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Frame, SizeHint};

use super::BodyError;
use crate::deadline::Deadline;

/// A connection to an upstream while an answer's body comes over it. It is on the heap for as long as it is open, so an
/// answer that comes over it needs no place of its own there. Dropped before the body's end, it closes.
pub(crate) trait UpstreamBodySource: Send {
    /// Reads on in the body.
    fn poll_content(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>>;

    /// The body is at its end.
    fn is_end(&self) -> bool;

    /// Returns the number of bytes of the body still to come, where it is known.
    fn exact(&self) -> Option<u64>;

    /// The body is at its end: the connection may carry another answer.
    fn give_back(self: Box<Self>);
}

/// The body of an upstream's answer.
pub(crate) struct UpstreamBody {
    silence_max: Duration,
    silence: Deadline,
    /// Given back at the end; dropped with the body before it, which closes the connection.
    source: Option<Box<dyn UpstreamBodySource>>,
    ended: bool,
}

impl UpstreamBody {
    pub(crate) fn new(source: Box<dyn UpstreamBodySource>, silence_max: Duration) -> UpstreamBody {
        let mut body = UpstreamBody {
            silence_max,
            silence: Deadline::default(),
            source: Some(source),
            ended: false,
        };
        body.end_if_whole();
        body
    }

    pub(crate) fn is_end(&self) -> bool {
        self.ended
    }

    pub(crate) fn size_hint(&self) -> SizeHint {
        let exact = match &self.source {
            Some(source) => source.exact(),
            None => self.ended.then_some(0),
        };
        exact.map_or_else(SizeHint::default, SizeHint::with_exact)
    }

    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let Some(source) = &mut self.source else {
            return Poll::Ready(None);
        };
        let Poll::Ready(next) = source.poll_content(cx) else {
            if self.silence.expired(cx, self.silence_max) {
                self.source = None;
                return Poll::Ready(Some(Err(BodyError::UpstreamSilent)));
            }
            return Poll::Pending;
        };
        self.silence.disarm();
        if let Some(Err(_)) = next {
            self.source = None;
        }
        self.end_if_whole();
        Poll::Ready(next)
    }

    fn end_if_whole(&mut self) {
        if let Some(source) = self.source.take_if(|source| source.is_end()) {
            self.ended = true;
            source.give_back();
        }
    }
}
