//! An upstream's body: watched for silence, and holding the upstream's connection until its end.

use std::{
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Frame, SizeHint};

use super::BodyError;
use crate::{deadline::Deadline, upstream::lease::Lease};

/// The body of an upstream's answer.
pub(crate) struct ReplyBody {
    silence_max: Duration,
    silence: Deadline,
    /// Given back at the end; dropped with the body before it, which closes the connection.
    lease: Option<Lease>,
    ended: bool,
}

impl ReplyBody {
    pub(crate) fn new(lease: Lease, silence_max: Duration) -> ReplyBody {
        let mut body = ReplyBody {
            silence_max,
            silence: Deadline::default(),
            lease: Some(lease),
            ended: false,
        };
        body.end_if_whole();
        body
    }

    pub(crate) fn is_end(&self) -> bool {
        self.ended
    }

    pub(crate) fn size_hint(&self) -> SizeHint {
        let exact = match &self.lease {
            Some(lease) => lease.connection.exact(),
            None => self.ended.then_some(0),
        };
        exact.map_or_else(SizeHint::default, SizeHint::with_exact)
    }

    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let Some(lease) = &mut self.lease else {
            return Poll::Ready(None);
        };
        let Poll::Ready(next) = lease.connection.poll_content(cx) else {
            if self.silence.expired(cx, self.silence_max) {
                self.lease = None;
                return Poll::Ready(Some(Err(BodyError::UpstreamSilent)));
            }
            return Poll::Pending;
        };
        self.silence.disarm();
        if let Some(Err(_)) = next {
            self.lease = None;
        }
        self.end_if_whole();
        Poll::Ready(next)
    }

    fn end_if_whole(&mut self) {
        if let Some(lease) = self.lease.take_if(|lease| lease.connection.is_end()) {
            self.ended = true;
            lease.give_back();
        }
    }
}
