//! Bodies of requests and answers: one type for all, bounded where they come in, watched until they end.

pub(crate) mod answer_timeout;
pub(crate) mod drain;
pub(crate) mod request;
pub(crate) mod upload_progress;
pub(crate) mod upstream_body;

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::{BodyExt, combinators::UnsyncBoxBody};

use request::RequestBody;
use upstream_body::UpstreamBody;

/// A body on its way through the doors, in either direction. Nothing is held back: a frame is passed on as it comes.
pub struct Body(Kind);

/// The reason why a body ended before its end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// The caller sent more than is let through.
    #[error("the request body is larger than {allowed_bytes} bytes")]
    TooLarge {
        /// Most bytes a body may have.
        allowed_bytes: u64,
    },
    /// The caller's body is past a limit, or cannot be read.
    #[error("the request body is refused: {0}")]
    Refused(String),
    /// The caller sent nothing for too long, or too little.
    #[error("the request body arrived too slowly")]
    Stalled,
    /// The caller broke off.
    #[error("the request body broke off: {0}")]
    Downstream(String),
    /// The upstream broke off.
    #[error("the upstream's body broke off: {0}")]
    Upstream(String),
    /// The upstream sent nothing for too long.
    #[error("the upstream's body stood still")]
    UpstreamSilent,
    /// An upstream inside failed while it answered.
    #[error("the answer broke off: {0}")]
    Inside(String),
}

enum Kind {
    Full(Option<Bytes>),
    Request(RequestBody),
    Upstream(UpstreamBody),
    Boxed(UnsyncBoxBody<Bytes, BodyError>),
    Behind(Option<Bytes>, Box<Body>),
}

impl Body {
    /// No body.
    pub fn empty() -> Body {
        Body(Kind::Full(None))
    }

    /// A body of bytes at hand.
    pub fn full(bytes: impl Into<Bytes>) -> Body {
        let bytes = bytes.into();
        Body(Kind::Full(if bytes.is_empty() { None } else { Some(bytes) }))
    }

    /// Somebody else's body.
    pub fn boxed<B>(body: B) -> Body
    where
        B: HttpBody<Data = Bytes> + Send + 'static,
        B::Error: std::fmt::Display,
    {
        Body(Kind::Boxed(
            body.map_err(|error| BodyError::Inside(error.to_string()))
                .boxed_unsync(),
        ))
    }

    /// One of the doors' own bodies around another.
    pub(crate) fn watched<B>(body: B) -> Body
    where
        B: HttpBody<Data = Bytes, Error = BodyError> + Send + 'static,
    {
        Body(Kind::Boxed(body.boxed_unsync()))
    }

    /// The rest of a body behind what was already read of it.
    pub(crate) fn behind(read: Bytes, rest: Body) -> Body {
        Body(Kind::Behind(Some(read), Box::new(rest)))
    }

    pub(crate) fn request(body: RequestBody) -> Body {
        Body(Kind::Request(body))
    }

    pub(crate) fn upstream(body: UpstreamBody) -> Body {
        Body(Kind::Upstream(body))
    }
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match &mut self.0 {
            Kind::Full(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Kind::Request(body) => body.poll_next(cx),
            Kind::Upstream(body) => body.poll_next(cx),
            Kind::Boxed(body) => Pin::new(body).poll_frame(cx),
            Kind::Behind(read, rest) => match read.take() {
                Some(read) => Poll::Ready(Some(Ok(Frame::data(read)))),
                None => Pin::new(&mut **rest).poll_frame(cx),
            },
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Kind::Full(bytes) => bytes.is_none(),
            Kind::Request(body) => body.is_end(),
            Kind::Upstream(body) => body.is_end(),
            Kind::Boxed(body) => body.is_end_stream(),
            Kind::Behind(read, rest) => read.is_none() && rest.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Full(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            Kind::Request(body) => body.size_hint(),
            Kind::Upstream(body) => body.size_hint(),
            Kind::Boxed(body) => body.size_hint(),
            Kind::Behind(read, rest) => {
                let read = read.as_ref().map_or(0, |read| read.len() as u64);
                match rest.size_hint().exact() {
                    Some(left) => SizeHint::with_exact(read + left),
                    None => SizeHint::default(),
                }
            }
        }
    }
}

impl Default for Body {
    fn default() -> Body {
        Body::empty()
    }
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Body")
            .field("size", &self.size_hint())
            .finish_non_exhaustive()
    }
}
