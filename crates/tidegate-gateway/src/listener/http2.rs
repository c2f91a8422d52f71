//! One client connection that speaks HTTP/2, from its preface to its close.
//!
//! Each stream is a request like any other: the same facts, limits and bounds, sent up as HTTP/1.1. What HTTP/2 adds is
//! many of them at once, and frames that ask for work and carry nothing; both have bounds here and in the codec.
//! CONNECT is refused, and WebSockets over HTTP/2 (RFC 8441) are not offered.

mod counted_stream;
mod flood;
mod frames;
mod http1_head;
mod pace;

use std::{
    convert::Infallible,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use http::{Method, Request, Response, header::CONNECTION};
use hyper::{body::Incoming, server::conn::http2, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tidegate_core::{
    peer::Peer,
    refusal::{HeadBound, Refusal},
};
use tidegate_engine::check_cache::CheckCache;
use tokio::sync::watch;

use super::{
    connection::{drained, without_body},
    response_body::ResponseBody,
};
use crate::{
    body::request::RequestBody,
    bounds::Bounds,
    inbound::{Arrival, InboundRequest},
    net::{OverTls, connection_state::ConnectionState, stream::Stream},
    request_handler::{self, Handler},
};
use counted_stream::CountedStream;
use flood::Flood;
use pace::{Pace, Paced, Paces};

/// The time that a connection which was told to go may take for it, where it was not a drain that told it.
const GOING_MAX: Duration = Duration::from_secs(1);

/// Streams that a client reset before they were looked at; with one more it is told to go (fault 51).
const UNSEEN_RESETS_MAX: usize = 20;

/// Streams that are reset for faults of the client; with one more it is told to go (fault 53).
const FAULTY_STREAMS_MAX: usize = 100;

/// Most bytes of one answer that are held for a client that does not take them.
const ANSWER_BYTES_HELD: usize = 64 * 1024;

/// The streams of one connection.
#[derive(Debug, Default)]
struct Streams {
    begun: AtomicU64,
    ended: AtomicU64,
}

/// A stream, until its answer's end.
struct OpenStream(Arc<Streams>);

/// Serves one connection until either side closes it. A drain lets its requests finish.
pub(super) async fn serve(handler: Arc<Handler>, stream: Stream, peer: Peer, mut draining: watch::Receiver<bool>) {
    let flood = Arc::new(Flood::new(handler.bounds.http2_idle_frames_max, handler.engine.clone()));
    let stream = CountedStream::new(stream, flood.clone(), &handler.bounds);
    let streams = Arc::new(Streams::default());
    let paces = Paces::new(handler.bounds.write_stall_timeout);
    let is_secure = stream.is_secure();
    let recall = Arc::new(CheckCache::default());
    let service = service_fn(|request| {
        let (handler, recall) = (handler.clone(), recall.clone());
        let (open, pace) = (OpenStream::new(&streams), paces.begin());
        async move { Ok::<_, Infallible>(answer(&handler, recall, peer, is_secure, request, open, pace).await) }
    });
    let mut connection = pin!(builder(&handler.bounds, paces.clone()).serve_connection(TokioIo::new(stream), service));
    let idle = async {
        let mut tick = tokio::time::interval(handler.bounds.idle_timeout);
        let mut begun = None;
        loop {
            tick.tick().await;
            if streams.are_all_ended() && begun == Some(streams.begun()) {
                return;
            }
            begun = Some(streams.begun());
        }
    };
    let why = tokio::select! {
        ended = connection.as_mut() => {
            if let Err(error) = ended {
                tracing::debug!(%error, %peer, "a client connection ended");
            }
            return;
        }
        () = drained(&mut draining) => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
            return;
        }
        () = flood.rises() => "too many empty frames",
        () = idle => "it was idle too long",
    };
    tracing::debug!(%peer, why, "a client connection is asked to close");
    connection.as_mut().graceful_shutdown();
    let _ = tokio::time::timeout(GOING_MAX, connection).await;
}

fn builder(bounds: &Bounds, paces: Paces) -> http2::Builder<Paces> {
    let mut http = http2::Builder::new(paces);
    http.timer(TokioTimer::new())
        .keep_alive_interval(bounds.ping_interval)
        .keep_alive_timeout(bounds.ping_interval)
        .max_concurrent_streams(bounds.http2_streams_max)
        .max_header_list_size(u32::try_from(bounds.header_bytes_max).unwrap_or(u32::MAX))
        .max_pending_accept_reset_streams(UNSEEN_RESETS_MAX)
        .max_local_error_reset_streams(FAULTY_STREAMS_MAX)
        .max_send_buf_size(ANSWER_BYTES_HELD);
    http
}

/// Takes one request its way, and holds its place among those in flight until the answer's end.
async fn answer(
    handler: &Arc<Handler>,
    recall: Arc<CheckCache>,
    peer: Peer,
    is_secure: bool,
    request: Request<Incoming>,
    open: OpenStream,
    pace: Arc<Pace>,
) -> Response<Paced> {
    let place = handler.in_flight.clone().try_acquire_owned().ok();
    let is_head = request.method() == Method::HEAD;
    let (mut head, incoming) = request.into_parts();
    let fields_max = handler.bounds.header_fields_max;
    let is_too_large = head.headers.len() > fields_max;
    http1_head::plain(&mut head);
    if is_secure {
        head.extensions.insert(OverTls);
    }
    // What is left unread is this stream's alone.
    let body = RequestBody::new(
        incoming,
        &head.headers,
        Arc::new(ConnectionState::default()),
        &handler.bounds,
    );
    let arrival = Arrival {
        peer,
        fault: is_too_large.then_some(Refusal::HeadTooLarge(HeadBound::Fields(fields_max))),
        has_more: false,
        has_place: place.is_some(),
        may_be_reset: true,
        recall,
    };
    let response = request_handler::handle(handler, arrival, Box::new(InboundRequest { head, body })).await;
    let mut response = if is_head { without_body(response) } else { response };
    // A connection of HTTP/2 is not ended by an answer (RFC 9113 8.2.2).
    response.headers_mut().remove(CONNECTION);
    response.map(|body| {
        let outgoing = ResponseBody::new(body, move |how| {
            tracing::trace!(?how, "a request ended");
            drop((place, open));
        });
        Paced::new(outgoing, pace)
    })
}

// === impl Streams ===

impl Streams {
    fn begun(&self) -> u64 {
        self.begun.load(Ordering::Acquire)
    }

    fn are_all_ended(&self) -> bool {
        self.ended.load(Ordering::Acquire) == self.begun()
    }
}

// === impl OpenStream ===

impl OpenStream {
    fn new(streams: &Arc<Streams>) -> OpenStream {
        streams.begun.fetch_add(1, Ordering::AcqRel);
        OpenStream(streams.clone())
    }
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        self.0.ended.fetch_add(1, Ordering::AcqRel);
    }
}
