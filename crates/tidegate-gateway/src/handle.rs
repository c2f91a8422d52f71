//! The one way of a request, from its head to its answer. Each step returns; none reaches back.

use std::{net::IpAddr, sync::Arc};

use http::{Request, Response, StatusCode, request::Parts};
use tidegate_core::{
    ask::Asker,
    facts::Facts,
    peer::Peer,
    policy::{Policy, Upstream},
    refusal::{OverLimit, Refusal},
    socket::SocketRefusal,
    time::Now,
    upstream::Remote,
};
use tidegate_engine::{engine::Admission, snapshot::Snapshot, sockets::SocketView, ticket::Ticket};
use tokio::sync::oneshot;

use crate::{
    body::{Body, patience, request::RequestBody},
    client, evict,
    gateway::Doors,
    identify,
    inside::{Call, Inside, SocketCall},
    objection,
    relay::handshake::{self, Behind},
    respond::{self, Asked, Refused, Seen},
    socket::{self, Far, Shake},
    task,
    upstream::{fault::Fault, head},
    way::{self, Way},
};

/// What the connection knows of a request besides its bytes.
pub(crate) struct Arrival {
    /// The other end of the connection.
    pub(crate) peer: Peer,
    /// Why it is refused, where the socket found that and this is a stand-in.
    pub(crate) fault: Option<Refusal>,
    /// Bytes came behind the request already.
    pub(crate) has_more: bool,
    /// There was room among the requests in flight.
    pub(crate) has_place: bool,
    /// The client may take the request back at any moment, and send the next one on the same connection.
    pub(crate) may_be_reset: bool,
}

/// A request that may go on, and where.
struct Passage {
    ticket: Ticket,
    to: To,
    seen: Seen,
    /// The request opens a socket.
    shake: Option<Shake>,
}

enum To {
    Pages,
    Streams,
    Remote(Arc<Remote>),
}

impl To {
    fn of(way: &Way<'_>, policy: &Policy) -> To {
        match way.upstream(policy) {
            None => To::Pages,
            Some(Upstream::Embedded) => To::Streams,
            Some(Upstream::Remote(remote)) => To::Remote(remote.clone()),
        }
    }
}

/// Takes a request its way. A body that is dropped on it unread is read away or ends the connection by itself.
pub(crate) async fn handle(doors: &Arc<Doors>, arrival: Arrival, head: Parts, body: RequestBody) -> Response<Body> {
    let now = doors.engine.clock.now();
    let snapshot = doors.engine.current.load();
    let asked = Asked::of(&head);
    let (admitted, mut head, body) = admit_to_the_end(doors, &snapshot, arrival, head, body, now).await;
    let Passage {
        ticket,
        to,
        seen,
        shake,
    } = match admitted {
        Ok(passage) => passage,
        Err(mut refused) => {
            let by_frame = refused.by_frame.take();
            let refusal = respond::refuse(&doors.engine, *refused, &asked, now);
            return match by_frame {
                Some(shake) => socket::refuse_by_frame(doors, &shake, &mut head, refusal).await,
                None => refusal,
            };
        }
    };
    if let Some(shake) = shake {
        let far = match to {
            To::Remote(remote) => Far::Remote(remote),
            To::Streams | To::Pages => Far::Inside(SocketCall {
                path: head.uri.path().into(),
                identity: seen.identity.clone(),
                rules: shake.rules.clone(),
            }),
        };
        return match Box::pin(socket::open(doors, shake, ticket, far, head, &seen, now)).await {
            Ok(response) => respond::pass(response, seen.fields.as_ref()),
            Err(refusal) => respond::refuse(&doors.engine, seen.refused(refusal), &asked, now),
        };
    }
    let fate = body.fate();
    let body = Body::request(body);
    let answered = match to {
        To::Remote(remote) => match head::up(head, body, &remote.first.base, seen.client) {
            Some(upwards) => doors.upstreams.call(ticket, &remote, upwards, &fate).await,
            None => Err(Fault::Scheme),
        },
        inside => {
            let inside: &dyn Inside = if let To::Pages = inside {
                &*doors.pages
            } else {
                &*doors.streams
            };
            let call = Call {
                request: Request::from_parts(head, body),
                identity: seen.identity.clone(),
                client: seen.client,
                route: seen.route.clone(),
                instance: seen.instance.clone(),
                now,
                snapshot: snapshot.clone(),
            };
            let silence_max = doors.bounds.upstream_timeout;
            patience::wait(inside.call(ticket, call), &fate, silence_max)
                .await
                .ok_or(Fault::Silent { waited: silence_max })
        }
    };
    // A body that was too large or too slow is why an upstream gave up, not what it did wrong.
    match (fate.refusal(), answered) {
        (Some(refusal), _) => respond::refuse(&doors.engine, seen.refused(refusal), &asked, now),
        (None, Err(fault)) => respond::refuse(&doors.engine, seen.refused(fault.into()), &asked, now),
        (None, Ok(response)) => respond::pass(response, seen.fields.as_ref()),
    }
}

/// Admits a request, also when the client takes it back meanwhile: whoever resets what they sent has sent it, and it
/// counts (fault 51).
async fn admit_to_the_end(
    doors: &Arc<Doors>,
    snapshot: &Arc<Snapshot>,
    arrival: Arrival,
    mut head: Parts,
    body: RequestBody,
    now: Now,
) -> (Result<Passage, Box<Refused>>, Parts, RequestBody) {
    let client = client::find(arrival.peer, snapshot.policy.trust.as_ref(), &mut head.headers);
    identify::strip_names(arrival.peer, &snapshot.policy, &mut head.headers);
    if !arrival.may_be_reset {
        let admitted = admit(doors, snapshot, &arrival, client, &head, &body, now).await;
        return (admitted, head, body);
    }
    let (doors, snapshot) = (doors.clone(), snapshot.clone());
    let (done, admitted) = oneshot::channel();
    // It ends by the bounds of a look-up; whoever waits for it may leave before.
    tokio::spawn(task::alone(async move {
        let admitted = admit(&doors, &snapshot, &arrival, client, &head, &body, now).await;
        let _ = done.send((admitted, head, body));
    }));
    match admitted.await {
        Ok(admitted) => admitted,
        // It was cut off by a panic, which ends this stream too and no other.
        Err(cut) => std::panic::resume_unwind(Box::new(cut)),
    }
}

/// From facts to a ticket, or to the first reason against it (SEMANTICS rules 1 and 6: limits first, then the rest).
async fn admit(
    doors: &Doors,
    snapshot: &Snapshot,
    arrival: &Arrival,
    client: IpAddr,
    head: &Parts,
    body: &RequestBody,
    now: Now,
) -> Result<Passage, Box<Refused>> {
    let policy = &*snapshot.policy;
    let early = |refusal| Seen::first(client, way::profile_by_path(policy, head.uri.path())).refused(refusal);
    if !arrival.has_place {
        return Err(early(respond::no_capacity()).into());
    }
    let read = || Facts::read(head, client).map_err(Refusal::Ambiguous);
    let facts = match arrival.fault.clone().map_or_else(read, Err) {
        Ok(facts) => facts,
        Err(why) => return Err(early(why).into()),
    };
    let way = way::find(policy, &facts);
    let mut seen = Seen::first(client, way.profile(policy, facts.path));
    seen.route = way.route_name();
    let shake = shake(&way, head, body, arrival.has_more).map_err(|unfit| seen.refused(unfit))?;
    seen.instance = policy.tenants.at_host(facts.host()).map(|tenant| tenant.name.clone());
    seen.identity =
        match identify::identify(doors, way.identity_rules(policy), &facts, seen.instance.as_deref(), now).await {
            Ok(identity) => identity,
            Err(fault) => return Err(seen.refused(Refusal::Internal(fault.to_string().into())).into()),
        };
    let asker = Asker {
        identity: &seen.identity,
        client: seen.client,
        headers: facts.headers,
        instance: seen.instance.as_ref(),
        counts_whoever: way.counts_whoever(),
    };
    let limits = way.limits(policy, shake.is_some());
    let mut admission = doors.engine.admit(limits.iter().copied(), snapshot, &asker, now);
    while evict::made_room(&doors.engine, shake.as_ref(), &admission, &seen.identity).await {
        admission = doors
            .engine
            .admit(limits.iter().copied(), snapshot, &asker, doors.engine.clock.now());
    }
    let ticket = match admission {
        Admission::Admitted(ticket) => ticket,
        Admission::NoCapacity => return Err(seen.refused(respond::no_capacity()).into()),
        Admission::Rejected { over, fields, cells } => {
            let by_frame = shake.filter(|shake| shake.rules.refuse == SocketRefusal::Frame);
            let open = own_sockets(doors, policy, &over, &seen, now);
            return Err(Refused {
                fields,
                cells,
                open,
                by_frame,
                ..seen.refused(Refusal::OverLimit(over))
            }
            .into());
        }
    };
    seen.fields = ticket.fields().cloned();
    if let Some(refusal) = objection::find(doors, &way, &seen.identity, &facts, body).await {
        return Err(seen.refused(refusal).into());
    }
    Ok(Passage {
        ticket,
        to: To::of(&way, policy),
        seen,
        shake,
    })
}

/// A refusal for too many sockets lists which they are.
fn own_sockets(doors: &Doors, policy: &Policy, over: &OverLimit, seen: &Seen, now: Now) -> Vec<SocketView> {
    let is_slots = |name: &Arc<str>| policy.limit_named(name).is_some_and(|limit| limit.quantity.is_slots());
    match seen.identity.known() {
        Some(known) if over.violated.iter().any(is_slots) => doors.engine.sockets.of_user(&known.token.subject, now),
        _ => Vec::new(),
    }
}

/// The handshake of a request on a route that carries sockets; one that is none is refused before anything is taken.
fn shake(way: &Way<'_>, head: &Parts, body: &RequestBody, has_more: bool) -> Result<Option<Shake>, Refusal> {
    let Some(rules) = way.socket_rules().filter(|_| handshake::is_meant(&head.headers)) else {
        return Ok(None);
    };
    let behind = Behind {
        has_body: body.declared_bytes().is_some_and(|bytes| bytes > 0),
        has_more,
    };
    match handshake::check(head, behind) {
        Ok(asked) => Ok(Some(Shake {
            asked,
            rules: rules.clone(),
        })),
        Err(unfit) => Err(Refusal::BadHandshake {
            why: unfit.to_string().into(),
            upgrade_required: unfit.status() == StatusCode::UPGRADE_REQUIRED,
        }),
    }
}
