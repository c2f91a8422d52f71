//! The embedded streams API as an upstream inside: who asks, translated, and logins, which are answered beside it.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use http::Response;
use parking_lot::Mutex;
use percent_encoding::percent_decode_str;
use tidegate_core::{
    identity::Token,
    payload::points::{Cycle, Series},
};
use tidegate_engine::{engine::Engine, sockets::SocketHandle, ticket::Ticket};
use tidegate_gate::{StreamCatalog, StreamQuestion};
use tidegate_gateway::{
    Body, Call, Concerns, EmbeddedUpstream, ResourceWarning, Samples, SocketCall, relay::InsideSocket,
};
use tidegate_streams::{Changed, SocketBounds, SocketEnd, SocketObserver, Stored, StreamShape, Streams, ValueKind};
use tokio::sync::mpsc;

use crate::{
    login::{self, Logins},
    stream_caller::caller,
    warden::Warden,
};

/// The streams behind the gate.
#[derive(Clone)]
pub struct Embedded {
    /// The streams.
    streams: Streams,
    /// Logs callers in and out, of which the streams know nothing.
    logins: Logins,
    /// Tells sessions what their caller may reach.
    warden: Arc<Warden>,
    /// Whose clock sessions read.
    engine: Arc<Engine>,
}

/// Messages that wait between a session and its socket, in either direction.
const MESSAGES_MAX: usize = 4;

impl EmbeddedUpstream for Embedded {
    fn call(&self, _ticket: Ticket, call: Call) -> BoxFuture<'_, Response<Body>> {
        Box::pin(async move {
            if login::is_meant(call.request.uri().path()) {
                return self.logins.answer(call).await;
            }
            let caller = caller(&call.identity);
            let component = component(call.request.uri().path());
            let mut answer = self.streams.call(call.request, &caller, call.now.wall_ms).await;
            if let Some(Stored(samples)) = answer.extensions_mut().remove() {
                answer.extensions_mut().insert(Samples(samples));
            }
            let changed = answer.extensions_mut().remove::<Changed>();
            let names = changed
                .map(|changed| changed.components)
                .or(component.map(|id| vec![id]));
            if let Some(names) = names {
                answer.extensions_mut().insert(Concerns { names: names.into() });
            }
            answer.map(Body::boxed)
        })
    }

    fn socket(&self, call: SocketCall, handle: SocketHandle, socket: InsideSocket) -> Option<BoxFuture<'static, ()>> {
        if call.path.trim_end_matches('/') != "/swd/data" {
            return None;
        }
        let token = call.identity.known()?.token.clone();
        Some(Box::pin(self.clone().session(token, call, handle, socket)))
    }
}

impl StreamCatalog for Embedded {
    fn describe<'a>(&'a self, question: StreamQuestion<'a>) -> BoxFuture<'a, Option<Vec<Series>>> {
        Box::pin(async move {
            let caller = caller(question.identity);
            let (path, query) = (question.uri.path(), question.uri.query());
            let firsts = !question.has_start;
            let shapes = self.streams.describe_read(&caller, path, query, firsts).await?;
            Some(series(shapes))
        })
    }
}

impl Embedded {
    /// Over these streams; the clock is the engine's.
    pub fn new(streams: Streams, logins: Logins, warden: Arc<Warden>, engine: Arc<Engine>) -> Embedded {
        Embedded {
            streams,
            logins,
            warden,
            engine,
        }
    }

    /// One session, until either side ends it.
    async fn session(self, token: Arc<Token>, call: SocketCall, handle: SocketHandle, socket: InsideSocket) {
        let (to_session, incoming) = mpsc::channel(MESSAGES_MAX);
        let (outgoing, mut from_session) = mpsc::channel(MESSAGES_MAX);
        let bounds = SocketBounds {
            devices_max: call.rules.resources_max as usize,
            // How often and how much a client says is the gate's to bound.
            message_bytes_max: usize::try_from(call.rules.message_bytes_max).unwrap_or(usize::MAX),
            commands_per_minute_max: u32::MAX,
            ..SocketBounds::default()
        };
        let callers = self.warden.watch(&token);
        let listed = Listed {
            handle,
            engine: self.engine.clone(),
            warning: Mutex::new(ResourceWarning::new(&call.rules)),
            outgoing: outgoing.clone(),
        };
        let engine = self.engine;
        let clock = move || engine.clock.now().wall_ms;
        let session = self
            .streams
            .tempest_socket(callers, incoming, outgoing, bounds, clock, Arc::new(listed));
        let heard = async {
            while let Some(text) = socket.recv().await {
                if to_session.send(text).await.is_err() {
                    break;
                }
            }
            drop(to_session);
        };
        let said = async {
            while let Some(text) = from_session.recv().await {
                if socket.send(text).await.is_err() {
                    break;
                }
            }
        };
        let (end, ()) = tokio::select! {
            ended = async { tokio::join!(session, said) } => ended,
            () = async { heard.await; std::future::pending().await } => return,
        };
        let code = match end {
            SocketEnd::Closed => 1000,
            SocketEnd::CallerGone | SocketEnd::TooManyErrors(_) => 1008,
        };
        socket.close(code, end.to_string());
    }
}

/// Streams as the gate reckons with them: those of one cycle share it.
fn series(shapes: Vec<StreamShape>) -> Vec<Series> {
    let mut cycles: Vec<Arc<Reckoned>> = Vec::new();
    let mut series = Vec::with_capacity(shapes.len());
    for shape in shapes {
        let cycle = shape.cycle();
        let known = cycles.iter().find(|known| known.0 == cycle).cloned();
        let shared = known.unwrap_or_else(|| {
            cycles.push(Arc::new(Reckoned(cycle)));
            cycles[cycles.len() - 1].clone()
        });
        series.push(Series {
            strings: shape.kind == ValueKind::Text,
            cycle: shared,
            first_ms: shape.first_ms,
        });
    }
    series
}

/// A cycle of the streams.
struct Reckoned(tidegate_streams::Cycle);

impl Cycle for Reckoned {
    fn count(&self, start_ms: i64, end_ms: i64) -> u64 {
        self.0.count(start_ms, end_ms)
    }
}

/// Shows which devices a socket carries, and says when there is room for few more.
struct Listed {
    handle: SocketHandle,
    engine: Arc<Engine>,
    warning: Mutex<ResourceWarning>,
    outgoing: mpsc::Sender<String>,
}

impl SocketObserver for Listed {
    fn devices(&self, listening: &[i64]) {
        self.handle.set_devices(listening.iter().map(ToString::to_string));
        let text = self.warning.lock().listens_to(listening.len(), self.engine.clock.now());
        if let Some(text) = text {
            // A client that reads too slowly for it is told no more.
            let _ = self.outgoing.try_send(text);
        }
    }
}

/// The component that a path of the simple GroveStreams API names by its id, so that a write to another one leaves its
/// kept answers fresh. Whatever else is read may be made from any of the tenant's.
fn component(path: &str) -> Option<Arc<str>> {
    let id = path.strip_prefix("/api/comp/")?.split('/').next()?;
    percent_decode_str(id).decode_utf8().ok().map(Arc::from)
}
