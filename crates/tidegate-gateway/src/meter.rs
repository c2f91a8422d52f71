//! The use of one request or socket, from its head to its end, recorded exactly once however it ends.
//!
//! A [`Meter`] is owned: by the way of the request, then by the body of the answer or by the socket. Whoever drops it ends
//! it, so that no way out, a panic among them, leaves a request uncounted (docs/semantics.md rule 23, docs/adr/0064).

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::Response;
use http_body::{Body as HttpBody, Frame, SizeHint};
use tidegate_core::usage::{self, Amounts, Answer, Day, End, Payer};
use tidegate_engine::{engine::Engine, meter::InProgress};
use tidegate_gate::RequestContext;

use crate::body::{Body, BodyError, upload_progress::UploadProgress};

/// The meter of one request or socket. Dropped, it has ended and is recorded.
#[derive(Default)]
#[must_use = "a meter that is dropped has ended"]
pub(crate) struct Meter(Option<Box<Running>>);

/// Samples that an answer from inside wrote or read, as an extension of the response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Samples(pub u64);

struct Running {
    engine: Arc<Engine>,
    payer: Payer,
    answer: Answer,
    upload: Option<Arc<UploadProgress>>,
    amounts: Amounts,
    /// Dropped last, so that who waits until nobody is open waits until all is recorded.
    _open: InProgress,
}

impl Meter {
    /// Begins with a request. The callers' pages are read by nobody's bill: there it counts nothing.
    pub(crate) fn begin(engine: &Arc<Engine>, is_for_pages: bool) -> Meter {
        if is_for_pages {
            return Meter(None);
        }
        Meter(Some(Box::new(Running {
            engine: engine.clone(),
            payer: Payer::default(),
            answer: Answer::None,
            upload: None,
            amounts: Amounts::default(),
            _open: engine.usage.begin(),
        })))
    }

    /// Says whose it is, as far as is known.
    pub(crate) fn is_of(&mut self, context: &RequestContext) {
        if let Some(running) = &mut self.0 {
            running.payer = Payer::of(&context.identity, context.instance.as_ref(), context.route.as_ref());
        }
    }

    /// Says which body is sent up.
    pub(crate) fn sends(&mut self, upload: &Arc<UploadProgress>) {
        if let Some(running) = &mut self.0 {
            running.upload = Some(upload.clone());
        }
    }

    /// The gate answers by itself. The meter ends with the answer's body.
    pub(crate) fn own(self, response: Response<Body>) -> Response<MeteredBody> {
        let status = response.status().as_u16();
        self.until_end_of(response, Answer::Own { status })
    }

    /// The upstream answered. The meter ends with the answer's body.
    pub(crate) fn upstream(self, response: Response<Body>) -> Response<MeteredBody> {
        let status = response.status().as_u16();
        self.until_end_of(response, Answer::Upstream { status })
    }

    /// The cache answered, and no upstream was asked for it. The meter ends with the answer's body.
    pub(crate) fn cached(self, response: Response<Body>) -> Response<MeteredBody> {
        self.until_end_of(response, Answer::Cached)
    }

    /// The upstream granted a socket: what is left here has nothing to record, and what is returned goes on until the
    /// socket ends.
    pub(crate) fn granted(&mut self) -> Meter {
        let mut meter = Meter(self.0.take());
        meter.answered(Answer::Upstream { status: 101 });
        meter
    }

    /// The socket ended, after so many bytes from the client and to it. A grant is an answer, and it was whole, whoever ends the socket and how.
    pub(crate) fn relayed(mut self, bytes_in: u64, bytes_out: u64) {
        if let Some(running) = &mut self.0 {
            running.amounts.bytes_in = bytes_in;
            running.amounts.bytes_out = bytes_out;
        }
        self.end(End::Complete);
    }

    fn answered(&mut self, answer: Answer) {
        if let Some(running) = &mut self.0 {
            running.answer = answer;
        }
    }

    fn until_end_of(mut self, response: Response<Body>, answer: Answer) -> Response<MeteredBody> {
        self.answered(answer);
        if let (Some(running), Some(Samples(samples))) = (&mut self.0, response.extensions().get()) {
            running.amounts.samples = *samples;
        }
        if response.body().is_end_stream() {
            self.end(End::Complete);
        }
        response.map(|body| MeteredBody { body, meter: self })
    }

    fn gave(&mut self, bytes: usize) {
        if let Some(running) = &mut self.0 {
            running.amounts.bytes_out += bytes as u64;
        }
    }

    fn end(&mut self, how: End) {
        let Some(mut running) = self.0.take() else { return };
        let mut how = how;
        if let Some(upload) = &running.upload {
            running.amounts.bytes_in = upload.bytes();
            // Where the gate reads samples itself, it knows better than the API inside says.
            if upload.samples() > 0 {
                running.amounts.samples = upload.samples();
            }
            // The upstream broke off because the caller did.
            if how == End::Failed && upload.refusal().is_some() {
                how = End::Cancelled;
            }
        }
        let sums = usage::charge(running.answer, how, running.amounts);
        let day = Day::of(running.engine.clock.now().wall_ms);
        let payer = std::mem::take(&mut running.payer);
        running.engine.usage.add(payer, day, &sums);
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        // Whoever makes the answer panicked: that is not the caller's leaving.
        self.end(if std::thread::panicking() {
            End::Failed
        } else {
            End::Cancelled
        });
    }
}

/// The body of an answer, and what it uses. Empty by default, with nothing to record.
#[derive(Default)]
pub(crate) struct MeteredBody {
    body: Body,
    meter: Meter,
}

impl MeteredBody {
    /// A body with nothing to record.
    #[cfg(test)]
    pub(crate) fn unmetered(body: Body) -> MeteredBody {
        MeteredBody {
            body,
            meter: Meter(None),
        }
    }
}

impl HttpBody for MeteredBody {
    type Data = Bytes;
    type Error = BodyError;

    /// The end is recorded with the last frame, before the client has it: who has read an answer finds it counted.
    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let next = std::task::ready!(Pin::new(&mut self.body).poll_frame(cx));
        match &next {
            Some(Ok(frame)) => {
                self.meter.gave(frame.data_ref().map_or(0, Bytes::len));
                if self.body.is_end_stream() {
                    self.meter.end(End::Complete);
                }
            }
            Some(Err(_)) => self.meter.end(End::Failed),
            None => self.meter.end(End::Complete),
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

#[cfg(test)]
mod tests;
