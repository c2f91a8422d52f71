//! One client connection that speaks HTTP/1.1, from its first byte to its close.

use std::{convert::Infallible, pin::pin, sync::Arc};

use http::{
    HeaderValue, Method, Request, Response, StatusCode, Version,
    header::{CONNECTION, CONTENT_LENGTH},
};
use http_body::Body as _;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tidegate_core::peer::Peer;
use tidegate_engine::check_cache::CheckCache;
use tokio::sync::{OwnedSemaphorePermit, watch};

use super::response_body::ResponseBody;
use crate::{
    body::request::RequestBody,
    inbound::{Arrival, InboundRequest},
    meter::MeteredBody,
    net::{OverTls, client_stream::ClientStream, connection_state::ConnectionState, stream::Stream},
    request_handler::{self, Handler},
};

/// Serves one connection until either side closes it. A drain lets its request finish.
pub(super) async fn serve(handler: Arc<Handler>, stream: Stream, peer: Peer, mut draining: watch::Receiver<bool>) {
    let state = Arc::new(ConnectionState::default());
    let stream = ClientStream::new(stream, state.clone(), &handler.bounds);
    let http = builder(&handler);
    let is_secure = stream.is_secure();
    let recall = Arc::new(CheckCache::default());
    let service = service_fn(|request| {
        let begun = begin(&handler, &state, &recall, peer, is_secure, request);
        let (handler, state) = (handler.clone(), state.clone());
        async move { Ok::<_, Infallible>(answer(&handler, state, begun).await) }
    });
    let mut connection = pin!(http.serve_connection(TokioIo::new(stream), service).with_upgrades());
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = drained(&mut draining) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, %peer, "a client connection ended");
    }
}

/// Resolves when the listener drains, also when it is simply gone.
pub(super) async fn drained(draining: &mut watch::Receiver<bool>) {
    let _ = draining.wait_for(|draining| *draining).await;
}

fn builder(handler: &Handler) -> http1::Builder {
    let bounds = &handler.bounds;
    let mut http = http1::Builder::new();
    // How long a head may take, and how long a client may rest, the socket knows.
    http.header_read_timeout(None);
    http.max_buf_size(bounds.header_bytes_max.max(8192))
        .max_header_size(bounds.header_bytes_max);
    // hyper's own default is 100 and costs no allocation.
    if bounds.header_fields_max != 100 {
        http.max_headers(bounds.header_fields_max);
    }
    http
}

/// A request that has its place among those in flight, or none.
struct BegunRequest {
    request: Box<InboundRequest>,
    arrival: Arrival,
    place: Option<OwnedSemaphorePermit>,
    is_head: bool,
}

/// Takes a request from hyper. What is made of it here is smaller than what hyper gave, and moves on with the future.
fn begin(
    handler: &Arc<Handler>,
    state: &Arc<ConnectionState>,
    recall: &Arc<CheckCache>,
    peer: Peer,
    is_secure: bool,
    request: Request<Incoming>,
) -> BegunRequest {
    let fault = state.begin();
    if request.version() == Version::HTTP_11 {
        state.interim.open();
    }
    let place = handler.in_flight.clone().try_acquire_owned().ok();
    let is_head = request.method() == Method::HEAD;
    let (mut head, incoming) = request.into_parts();
    if is_secure {
        head.extensions.insert(OverTls);
    }
    let body = RequestBody::new(incoming, &head.headers, state.clone(), &handler.bounds);
    let arrival = Arrival {
        peer,
        fault,
        has_more: state.has_more(),
        has_place: place.is_some(),
        may_be_reset: false,
        recall: recall.clone(),
    };
    BegunRequest {
        request: Box::new(InboundRequest { head, body }),
        arrival,
        place,
        is_head,
    }
}

/// Takes one request its way, and holds its place among those in flight until the answer's end.
async fn answer(handler: &Arc<Handler>, state: Arc<ConnectionState>, begun: BegunRequest) -> Response<ResponseBody> {
    let BegunRequest {
        request,
        arrival,
        place,
        is_head,
    } = begun;
    let response = request_handler::handle(handler, arrival, request).await;
    state.interim.close();
    let mut response = if is_head { without_body(response) } else { response };
    if state.is_left_unread() {
        // The connection ends after this answer; a client that is told so does not send its next request into the close.
        response
            .headers_mut()
            .insert(CONNECTION, HeaderValue::from_static("close"));
    }
    // Behind a 101 no head follows, and what the client sends is the relay's.
    let goes_on = response.status() != StatusCode::SWITCHING_PROTOCOLS;
    response.map(|body| {
        ResponseBody::new(body, move |how| {
            tracing::trace!(?how, "a request ended");
            drop(place);
            if goes_on {
                state.end();
            }
        })
    })
}

/// An answer to HEAD says how long the body would be, and has none.
pub(super) fn without_body(response: Response<MeteredBody>) -> Response<MeteredBody> {
    let exact = response.body().size_hint().exact().filter(|bytes| *bytes > 0);
    let mut response = response.map(|_| MeteredBody::default());
    if let Some(bytes) = exact {
        response.headers_mut().insert(CONTENT_LENGTH, bytes.into());
    }
    response
}
