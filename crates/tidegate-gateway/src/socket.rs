//! Opening a socket: an admitted handshake becomes a relay that runs by itself and ends by itself.
//!
//! Whatever was taken for the socket is held by its entry in the registry. It is given back when the entry is dropped:
//! here, where anything fails before the relay begins, and by the relay at the first sign of an end.

mod close_notifier;
mod command;
mod rules;
mod warning;

use std::sync::Arc;

use http::{HeaderMap, Request, Response, StatusCode, Uri, header::HOST, request::Parts};
use http_body_util::BodyExt;
use hyper::upgrade::OnUpgrade;
use tidegate_core::{policy::Policy, refusal::Refusal, socket::SocketRules, time::Now, upstream::Remote};
use tidegate_engine::{
    engine::Engine,
    sockets::{About, CloseReason, SocketEntry},
    ticket::Ticket,
};

use crate::{
    body::Body,
    gateway::Doors,
    hop_by_hop,
    inside::SocketCall,
    meter::{Meter, MeteredBody},
    relay::{
        self, Control, Transport,
        dial::{self, DialFault, Dialed},
        handover::{self, HANDOVER_TIMEOUT},
        handshake::{self, UpgradeRequest},
        inside,
    },
    respond::{self, Seen},
    task,
    upstream::head,
};
use close_notifier::CloseNotifier;
use command::Commands;
pub use warning::ResourceWarning;

/// Texts that wait in either direction between the relay and a session inside.
const INSIDE_TEXTS_MAX: usize = 16;

/// A handshake that may be granted.
#[derive(Clone, Debug)]
pub(crate) struct Shake {
    pub(crate) asked: UpgradeRequest,
    pub(crate) rules: SocketRules,
}

/// Where an admitted socket leads.
pub(crate) enum Far {
    Inside(SocketCall),
    Remote(Arc<Remote>),
}

/// An admitted handshake, besides its head.
pub(crate) struct Admitted<'a> {
    pub(crate) shake: Shake,
    pub(crate) ticket: Ticket,
    pub(crate) far: Far,
    pub(crate) policy: &'a Policy,
    pub(crate) seen: &'a Seen,
    pub(crate) now: Now,
}

impl<'a> Admitted<'a> {
    pub(crate) fn of(
        shake: Shake,
        ticket: Ticket,
        far: Far,
        policy: &'a Policy,
        seen: &'a Seen,
        now: Now,
    ) -> Admitted<'a> {
        Admitted {
            shake,
            ticket,
            far,
            policy,
            seen,
            now,
        }
    }
}

/// Opens an admitted socket: registers it, has its upstream agree, grants it and lets the relay run. Its future is large;
/// whoever awaits it within that of every request puts it on the heap.
///
/// # Errors
/// The refusal, when nothing was opened and everything taken is free again.
pub(crate) async fn open(
    doors: &Arc<Doors>,
    admitted: Admitted<'_>,
    mut head: Parts,
    meter: &mut Meter,
) -> Result<Response<Body>, Refusal> {
    let Admitted {
        shake,
        ticket,
        far,
        policy,
        seen,
        now,
    } = admitted;
    let upgrade = head.extensions.remove::<OnUpgrade>().ok_or_else(lost)?;
    let warnings = warning::texts(&shake.rules, policy, ticket.warnings());
    let entry = register(doors, ticket, seen, now)?;
    let (response, upstream) = match far {
        Far::Inside(call) => {
            let (session, end) = inside::pair(INSIDE_TEXTS_MAX);
            let session = doors
                .streams
                .socket(call, entry.handle(), session)
                .ok_or(Refusal::NoRoute)?;
            tokio::spawn(task::alone(session));
            (shake.asked.grant(HeaderMap::new(), shake.rules.extensions), Ok(end))
        }
        Far::Remote(remote) => match dial(doors, &shake, &remote, head, seen).await? {
            Dialed::Refused(response) => return Ok(passed_down(response)),
            Dialed::Opened { wire, mut headers } => {
                hop_by_hop::strip(&mut headers);
                (shake.asked.grant(headers, shake.rules.extensions), Err(wire))
            }
        },
    };
    let running = Running {
        upgrade,
        entry,
        meter: meter.granted(),
        rules: shake.rules,
        warnings,
        doors: doors.clone(),
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
    doors: &Arc<Doors>,
    shake: &Shake,
    head: &mut Parts,
    refusal: Response<MeteredBody>,
) -> Response<MeteredBody> {
    let Ok(place) = doors.refusals_by_frame.clone().try_acquire_owned() else {
        return refusal;
    };
    let Some(upgrade) = head.extensions.remove::<OnUpgrade>() else {
        return refusal;
    };
    let (parts, body) = refusal.into_parts();
    let document = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let text = String::from_utf8_lossy(&document).into_owned();
    let (session, end) = inside::pair(1);
    let _ = session.try_send(text);
    session.close(TRY_AGAIN_LATER, "a limit is used up");
    let rules = rules::relay(&shake.rules, &doors.bounds);
    tokio::spawn(task::alone(async move {
        if let Ok(client) = handover::take(upgrade, HANDOVER_TIMEOUT).await {
            let _ = relay::relay(client, end, (), &rules, Control::new(), None).await;
            drop(place);
        }
    }));
    let mut granted: Response<MeteredBody> = shake.asked.grant(HeaderMap::new(), false);
    for name in ["tidegate-decision", "ratelimit", "ratelimit-policy", "retry-after"] {
        if let Some(value) = parts.headers.get(name) {
            granted.headers_mut().insert(name, value.clone());
        }
    }
    granted
}

/// Most sockets at once that are open only to be told that they are not.
pub(crate) const REFUSALS_BY_FRAME_MAX: usize = 64;

/// RFC 6455 7.4, as registered by IANA: try again later.
const TRY_AGAIN_LATER: u16 = 1013;

fn register(doors: &Doors, mut ticket: Ticket, seen: &Seen, now: Now) -> Result<SocketEntry, Refusal> {
    let token = seen.identity.known().map(|known| &known.token);
    let about = About {
        // No name of a user has a space, so an address is nobody's name.
        subject: token.map_or_else(|| format!("ip {}", seen.client).into(), |token| token.subject.clone()),
        user: token.map(|token| token.user.clone()),
        token: token.map(|token| token.id.clone()),
        token_ends_ms: token.and_then(|token| token.expires_ms),
        tenant: token.map(|token| token.tenant.clone()),
        peer: seen.client,
        route: seen.route.clone().unwrap_or_else(|| "".into()),
    };
    let lease = ticket.take_lease();
    let engine = &doors.engine;
    let entry = engine.sockets.register(about, lease, now).map_err(|_| {
        ticket.give_back();
        respond::no_capacity()
    })?;
    engine.stats.socket_opened(engine.sockets.len(), now);
    Ok(entry)
}

async fn dial(doors: &Doors, shake: &Shake, remote: &Arc<Remote>, head: Parts, seen: &Seen) -> Result<Dialed, Refusal> {
    let upwards = head::up(head, Body::empty(), &remote.first.base, seen.client).ok_or_else(lost)?;
    let (mut upwards, _) = upwards.into_parts();
    handshake::ask(&mut upwards.headers, shake.rules.extensions);
    // The pool sends the whole address; a connection of its own is sent the path.
    if let Some(path) = upwards.uri.path_and_query().cloned() {
        upwards.uri = Uri::from(path);
    }
    let (stream, host) = doors.upstreams.stream(remote).await?;
    upwards.headers.insert(HOST, host);
    let request = Request::from_parts(upwards, ());
    let answer_max = doors.bounds.upstream_timeout;
    let dialed = dial::dial_on(stream, request, &shake.asked, shake.rules.extensions, answer_max).await;
    dialed.map_err(|fault| match fault {
        DialFault::Silent { waited } => Refusal::UpstreamSilent { waited },
        other => Refusal::UpstreamFailed(other.to_string().into()),
    })
}

/// An upstream that does not agree is passed on with its status and fields; its body was left unread.
fn passed_down(response: Response<()>) -> Response<Body> {
    let status = match response.status() {
        // A success without an upgrade is none: the client asked for a socket and would wait for frames.
        status if status.is_success() || status.is_informational() => StatusCode::BAD_GATEWAY,
        status => status,
    };
    let mut down = head::down(response.map(|()| Body::empty()));
    *down.status_mut() = status;
    down.headers_mut().remove(http::header::CONTENT_LENGTH);
    down
}

fn lost() -> Refusal {
    Refusal::Internal("a handshake on a connection that cannot be upgraded".into())
}

/// A socket on its own.
struct Running {
    upgrade: OnUpgrade,
    entry: SocketEntry,
    meter: Meter,
    rules: SocketRules,
    /// What the client is told of the limits its handshake met.
    warnings: Vec<String>,
    doors: Arc<Doors>,
}

impl Running {
    async fn run(self, upstream: impl Transport, follows: bool) {
        let handle = self.entry.handle();
        let client = match handover::take(self.upgrade, HANDOVER_TIMEOUT).await {
            Ok(client) if client.early.is_empty() => client,
            // Bytes behind the handshake were sent before it was granted: nobody knows what they are.
            Ok(_) => return,
            Err(error) => return tracing::debug!(%error, "a socket did not begin"),
        };
        let control = Control::new();
        let rules = rules::relay(&self.rules, &self.doors.bounds);
        for text in self.warnings {
            // There are fewer limits on a route than texts may wait.
            let _ = control.send_behind_first(text);
        }
        let hook = Commands::new(
            self.rules,
            handle.clone(),
            control.clone(),
            self.doors.engine.clone(),
            follows,
        );
        CloseNotifier::register(handle, control.clone(), self.doors.bounds.drain_timeout);
        let end = relay::relay(client, upstream, self.entry, &rules, control, Some(Box::new(hook))).await;
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

/// How often a drain looks whether all sockets are gone.
const DRAIN_LOOK_EVERY: std::time::Duration = std::time::Duration::from_millis(20);
