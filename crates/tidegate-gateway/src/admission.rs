//! From facts to a ticket, or to the first reason against a request.

use std::{net::IpAddr, sync::Arc};

use http::{StatusCode, request::Parts};
use tidegate_core::{
    ask::Asker,
    facts::Facts,
    policy::Policy,
    refusal::{OverLimit, Refusal},
    socket::SocketRefusal,
    time::Now,
};
use tidegate_engine::{engine::Admission, snapshot::Snapshot, sockets::SocketView, ticket::Ticket};
use tokio::sync::oneshot;

use crate::{
    body::request::RequestBody,
    client, evict,
    gateway::Doors,
    handle::Arrival,
    identify, objection,
    onwards::To,
    relay::handshake::{self, Behind},
    respond::{self, Refused, Seen},
    socket::Shake,
    task,
    way::{self, Way},
};

/// A request that may go on, and where.
pub(crate) struct Passage {
    pub(crate) ticket: Ticket,
    pub(crate) to: To,
    pub(crate) seen: Seen,
    /// The request opens a socket.
    pub(crate) shake: Option<Shake>,
}

/// Admits a request, also when the client takes it back meanwhile: whoever resets what they sent has sent it, and it
/// counts (fault 51).
pub(crate) async fn admit_to_the_end(
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
    (seen.route, seen.page) = (way.route_name(), way.page_name(policy));
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
