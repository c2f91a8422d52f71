//! An upstream's body: watched for silence, and holding the upstream's connection until its end.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Body as _, Frame, SizeHint};
use hyper::body::Incoming;

use super::BodyError;
use crate::{deadline::Deadline, upstream::lease::Lease};

/// The body of an upstream's answer.
pub(crate) struct ReplyBody {
    incoming: Incoming,
    silence_max: Duration,
    silence: Deadline,
    /// Given back at the end; dropped with the body before it, which closes the connection.
    lease: Option<Lease>,
}

impl ReplyBody {
    pub(crate) fn new(incoming: Incoming, lease: Lease, silence_max: Duration) -> ReplyBody {
        let mut body = ReplyBody {
            incoming,
            silence_max,
            silence: Deadline::default(),
            lease: Some(lease),
        };
        if body.is_end() {
            body.complete();
        }
        body
    }

    pub(crate) fn is_end(&self) -> bool {
        self.incoming.is_end_stream()
    }

    pub(crate) fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }

    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match Pin::new(&mut self.incoming).poll_frame(cx) {
            Poll::Pending if self.silence.expired(cx, self.silence_max) => {
                self.lease = None;
                Poll::Ready(Some(Err(BodyError::UpstreamSilent)))
            }
            Poll::Pending => Poll::Pending,
            Poll::Ready(next) => {
                self.silence.disarm();
                Poll::Ready(self.pass(next))
            }
        }
    }

    fn pass(&mut self, next: Option<Result<Frame<Bytes>, hyper::Error>>) -> Option<Result<Frame<Bytes>, BodyError>> {
        match next {
            Some(Err(error)) => {
                self.lease = None;
                Some(Err(BodyError::Upstream(error.to_string())))
            }
            Some(Ok(frame)) => {
                if self.is_end() {
                    self.complete();
                }
                Some(Ok(frame))
            }
            None => {
                self.complete();
                None
            }
        }
    }

    fn complete(&mut self) {
        if let Some(lease) = self.lease.take() {
            lease.give_back();
        }
    }
}
