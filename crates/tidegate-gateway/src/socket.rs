//! Opening a socket: an admitted handshake becomes a relay that runs by itself and ends by itself.
//!
//! Whatever was taken for the socket is held by its entry in the registry. It is given back when the entry is dropped:
//! here, where anything fails before the relay begins, and by the relay at the first sign of an end.

mod close_notifier;
mod limit_warning;
mod message_limits;
mod relay_rules;

use std::sync::Arc;

use http::{HeaderMap, Request, Response, StatusCode, Uri, header::HOST, request::Parts};
use http_body_util::BodyExt;
use hyper::upgrade::OnUpgrade;
use tidegate_core::{refusal::Refusal, socket::SocketRules, time::Now, upstream::Remote};
use tidegate_engine::{
    engine::Engine,
    sockets::{CloseReason, SocketEntry, SocketFacts},
    ticket::Ticket,
};
use tidegate_gate::{Destination, Received, RequestContext, no_capacity};
use tokio::sync::Semaphore;

use crate::{
    body::Body,
    bounds::Bounds,
    embedded_upstream::{EmbeddedUpstream, SocketCall},
    hop_by_hop,
    meter::{Meter, MeteredBody},
    relay::{
        self, RelayHandle, Transport,
        dial::{self, DialFault, Dialed},
        embedded_socket,
        handover::{self, HANDOVER_TIMEOUT},
        handshake::{self, UpgradeRequest},
    },
    task,
    upstream::{Upstreams, header_rewrite},
};
use close_notifier::CloseNotifier;
pub use limit_warning::ResourceWarning;
use message_limits::MessageLimits;

/// Texts that wait in either direction between the relay and a session inside.
const INSIDE_TEXTS_MAX: usize = 16;

/// A handshake that may be granted.
#[derive(Clone, Debug)]
pub(crate) struct Handshake {
    pub(crate) asked: UpgradeRequest,
    pub(crate) rules: SocketRules,
}

/// An admitted handshake, besides its head.
pub(crate) struct Opening<'a> {
    pub(crate) handshake: Handshake,
    pub(crate) ticket: Ticket,
    pub(crate) destination: Destination,
    pub(crate) context: &'a RequestContext,
    pub(crate) received: &'a Received,
}

/// Opens sockets, with what they need.
pub(crate) struct SocketOpener {
    engine: Arc<Engine>,
    streams: Arc<dyn EmbeddedUpstream>,
    upstreams: Arc<Upstreams>,
    pub(crate) refusals_by_frame: Arc<Semaphore>,
    bounds: Arc<Bounds>,
}

impl SocketOpener {
    pub(crate) fn new(
        engine: Arc<Engine>,
        streams: Arc<dyn EmbeddedUpstream>,
        upstreams: Arc<Upstreams>,
        bounds: &Bounds,
    ) -> SocketOpener {
        SocketOpener {
            engine,
            streams,
            upstreams,
            refusals_by_frame: Arc::new(Semaphore::new(REFUSALS_BY_FRAME_MAX)),
            bounds: Arc::new(bounds.clone()),
        }
    }

    /// Opens an admitted socket: registers it, has its upstream agree, grants it and lets the relay run. Its future is
    /// large; whoever awaits it within that of every request puts it on the heap.
    ///
    /// # Errors
    /// The refusal, when nothing was opened and everything taken is free again.
    pub(crate) async fn open(
        &self,
        opening: Opening<'_>,
        mut head: Parts,
        meter: &mut Meter,
    ) -> Result<Response<Body>, Refusal> {
        let Opening {
            handshake,
            ticket,
            destination,
            context,
            received,
        } = opening;
        let upgrade = head.extensions.remove::<OnUpgrade>().ok_or_else(lost)?;
        let warnings = limit_warning::texts(&handshake.rules, &received.snapshot.policy, ticket.warnings());
        let entry = register(&self.engine, ticket, context, received.now)?;
        let (response, upstream) = match destination {
            Destination::Embedded | Destination::Pages => {
                let (session, end) = embedded_socket::pair(INSIDE_TEXTS_MAX);
                let call = SocketCall {
                    path: head.uri.path().into(),
                    identity: context.identity.clone(),
                    rules: handshake.rules.clone(),
                };
                let session = self.streams.socket(call, entry.handle(), session);
                tokio::spawn(task::alone(session.ok_or(Refusal::NoRoute)?));
                (
                    handshake.asked.grant(HeaderMap::new(), handshake.rules.extensions),
                    Ok(end),
                )
            }
            Destination::Remote(remote) => match self.dial(&handshake, &remote, head, context).await? {
                Dialed::Refused(response) => return Ok(passed_down(response)),
                Dialed::Opened { wire, mut headers } => {
                    hop_by_hop::strip(&mut headers);
                    (handshake.asked.grant(headers, handshake.rules.extensions), Err(wire))
                }
            },
        };
        let running = OpenSocket {
            upgrade,
            entry,
            meter: meter.granted(),
            rules: handshake.rules,
            warnings,
            engine: self.engine.clone(),
            bounds: self.bounds.clone(),
        };
        match upstream {
            // A session inside follows by itself what it listens to.
            Ok(end) => tokio::spawn(task::alone(running.run(end, false))),
            Err(wire) => tokio::spawn(task::alone(running.run(wire, true))),
        };
        Ok(response)
    }

    /// Refuses a socket in a way that a browser can read: accepts it, says why in a text, and closes with 1013. Past
    /// [`REFUSALS_BY_FRAME_MAX`] at once the handshake is refused instead.
    pub(crate) async fn refuse_by_frame(
        &self,
        handshake: &Handshake,
        head: &mut Parts,
        refusal: Response<MeteredBody>,
    ) -> Response<MeteredBody> {
        let Ok(place) = self.refusals_by_frame.clone().try_acquire_owned() else {
            return refusal;
        };
        let Some(upgrade) = head.extensions.remove::<OnUpgrade>() else {
            return refusal;
        };
        let (parts, body) = refusal.into_parts();
        let document = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
        let text = String::from_utf8_lossy(&document).into_owned();
        let (session, end) = embedded_socket::pair(1);
        let _ = session.try_send(text);
        session.close(TRY_AGAIN_LATER, "a limit is used up");
        let rules = relay_rules::of(&handshake.rules, &self.bounds);
        tokio::spawn(task::alone(async move {
            if let Ok(client) = handover::take(upgrade, HANDOVER_TIMEOUT).await {
                let _ = relay::relay(client, end, (), &rules, RelayHandle::new(), None).await;
                drop(place);
            }
        }));
        let mut granted: Response<MeteredBody> = handshake.asked.grant(HeaderMap::new(), false);
        for name in ["tidegate-decision", "ratelimit", "ratelimit-policy", "retry-after"] {
            if let Some(value) = parts.headers.get(name) {
                granted.headers_mut().insert(name, value.clone());
            }
        }
        granted
    }

    async fn dial(
        &self,
        handshake: &Handshake,
        remote: &Arc<Remote>,
        head: Parts,
        context: &RequestContext,
    ) -> Result<Dialed, Refusal> {
        let upwards = header_rewrite::up(head, Body::empty(), &remote.first.base, context.client).ok_or_else(lost)?;
        let (mut upwards, _) = upwards.into_parts();
        handshake::ask(&mut upwards.headers, handshake.rules.extensions);
        // The pool sends the whole address; a connection of its own is sent the path.
        if let Some(path) = upwards.uri.path_and_query().cloned() {
            upwards.uri = Uri::from(path);
        }
        let (stream, host) = self.upstreams.stream(remote).await?;
        upwards.headers.insert(HOST, host);
        let request = Request::from_parts(upwards, ());
        let answer_max = self.bounds.upstream_timeout;
        let dialed = dial::dial_on(
            stream,
            request,
            &handshake.asked,
            handshake.rules.extensions,
            answer_max,
        )
        .await;
        dialed.map_err(|fault| match fault {
            DialFault::Silent { waited } => Refusal::UpstreamSilent { waited },
            other => Refusal::UpstreamFailed(other.to_string().into()),
        })
    }
}

/// Most sockets at once that are open only to be told that they are not.
pub(crate) const REFUSALS_BY_FRAME_MAX: usize = 64;

/// RFC 6455 7.4, as registered by IANA: try again later.
const TRY_AGAIN_LATER: u16 = 1013;

fn register(engine: &Engine, mut ticket: Ticket, context: &RequestContext, now: Now) -> Result<SocketEntry, Refusal> {
    let token = context.identity.known().map(|known| &known.token);
    let about = SocketFacts {
        // No name of a user has a space, so an address is nobody's name.
        subject: token.map_or_else(
            || format!("ip {}", context.client).into(),
            |token| token.subject.clone(),
        ),
        user: token.map(|token| token.user.clone()),
        token: token.map(|token| token.id.clone()),
        token_ends_ms: token.and_then(|token| token.expires_ms),
        tenant: token.map(|token| token.tenant.clone()),
        peer: context.client,
        route: context.route.clone().unwrap_or_else(|| "".into()),
    };
    let lease = ticket.take_lease();
    let entry = engine.sockets.register(about, lease, now).map_err(|_| {
        ticket.give_back();
        no_capacity()
    })?;
    engine.stats.socket_opened(engine.sockets.len(), now);
    Ok(entry)
}

/// An upstream that does not agree is passed on with its status and fields; its body was left unread.
fn passed_down(response: Response<()>) -> Response<Body> {
    let status = match response.status() {
        // A success without an upgrade is none: the client asked for a socket and would wait for frames.
        status if status.is_success() || status.is_informational() => StatusCode::BAD_GATEWAY,
        status => status,
    };
    let mut down = header_rewrite::down(response.map(|()| Body::empty()));
    *down.status_mut() = status;
    down.headers_mut().remove(http::header::CONTENT_LENGTH);
    down
}

fn lost() -> Refusal {
    Refusal::Internal("a handshake on a connection that cannot be upgraded".into())
}

/// A socket on its own.
struct OpenSocket {
    upgrade: OnUpgrade,
    entry: SocketEntry,
    meter: Meter,
    rules: SocketRules,
    /// The texts that warn the client of the limits its handshake met.
    warnings: Vec<String>,
    engine: Arc<Engine>,
    /// Shared, and the relay's rules are made of it late: all that stands here is held for as long as the socket is open.
    bounds: Arc<Bounds>,
}

impl OpenSocket {
    async fn run(self, upstream: impl Transport, follows: bool) {
        let handle = self.entry.handle();
        let client = match handover::take(self.upgrade, HANDOVER_TIMEOUT).await {
            Ok(client) if client.early.is_empty() => client,
            // Bytes behind the handshake were sent before it was granted: nobody knows what they are.
            Ok(_) => return,
            Err(error) => return tracing::debug!(%error, "a socket could not be opened"),
        };
        let control = RelayHandle::new();
        let relay_rules = relay_rules::of(&self.rules, &self.bounds);
        for text in self.warnings {
            // There are fewer limits on a route than texts may wait.
            let _ = control.send_behind_first(text);
        }
        let hook = MessageLimits::new(self.rules, handle.clone(), control.clone(), self.engine, follows);
        CloseNotifier::register(handle, control.clone(), self.bounds.drain_timeout);
        let end = relay::relay(
            client,
            upstream,
            self.entry,
            &relay_rules,
            control,
            Some(Box::new(hook)),
        )
        .await;
        self.meter.relayed(end.up.bytes, end.down.bytes);
        tracing::debug!(?end, "a socket ended");
    }
}

/// Tells all sockets to go, and waits until they are gone.
pub(crate) async fn drain(engine: &Engine) {
    let mut tick = tokio::time::interval(DRAIN_LOOK_EVERY);
    while !engine.sockets.is_empty() {
        // Again at each look: one that was on its way in comes late, and one that was told keeps its first reason.
        engine.sockets.close_where(|_| true, CloseReason::Drain);
        tick.tick().await;
    }
}

/// The time between two looks of a drain whether all sockets are gone.
const DRAIN_LOOK_EVERY: std::time::Duration = std::time::Duration::from_millis(20);
