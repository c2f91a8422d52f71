//! The body given to a client: a request ends with it, in one of three ways, and exactly once.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};

use crate::{body::BodyError, meter::MeteredBody};

/// The end of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The client was given all of the answer.
    Complete,
    /// The answer broke off.
    Failed,
    /// The client left.
    Cancelled,
}

/// A body that says when it ends, also when it is dropped. What must live until then is held by `at_end`.
pub(crate) struct ResponseBody {
    body: MeteredBody,
    at_end: Option<Box<dyn FnOnce(End) + Send>>,
}

impl ResponseBody {
    pub(crate) fn new(body: MeteredBody, at_end: impl FnOnce(End) + Send + 'static) -> ResponseBody {
        ResponseBody {
            body,
            at_end: Some(Box::new(at_end)),
        }
    }

    fn end(&mut self, how: End) {
        if let Some(at_end) = self.at_end.take() {
            at_end(how);
        }
    }
}

impl HttpBody for ResponseBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let next = std::task::ready!(Pin::new(&mut self.body).poll_frame(cx));
        match &next {
            Some(Ok(_)) => {}
            Some(Err(error)) => {
                tracing::debug!(%error, "an answer broke off");
                self.end(End::Failed);
            }
            None => self.end(End::Complete),
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

impl Drop for ResponseBody {
    /// hyper doesn't ask for a frame after the last one of a known length, so the end is known here.
    fn drop(&mut self) {
        let how = if self.body.is_end_stream() {
            End::Complete
        } else {
            End::Cancelled
        };
        self.end(how);
    }
}

#[cfg(test)]
mod tests;
