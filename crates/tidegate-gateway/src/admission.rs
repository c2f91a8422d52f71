//! From facts to a ticket, or to the first reason against a request.

use std::{net::IpAddr, sync::Arc};

use http::{HeaderMap, StatusCode, request::Parts};
use tidegate_core::{
    facts::Facts,
    limit_check::Caller,
    policy::Policy,
    refusal::{OverLimit, Refusal},
    socket::SocketRefusal,
    time::Now,
};
use tidegate_engine::{engine::Admission, snapshot::Snapshot, sockets::SocketView, ticket::Ticket};
use tokio::sync::oneshot;

use crate::{
    body::request::RequestBody,
    cache::Share,
    client, evict,
    gateway::Doors,
    handle::{Arrival, Asking},
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
    /// The request opens a socket. Few do.
    pub(crate) shake: Option<Box<Shake>>,
    /// What its route says of the cache.
    pub(crate) share: Share,
}

/// Admits a request, also when the client takes it back meanwhile: whoever resets what they sent has sent it, and it
/// counts (fault 51).
pub(crate) async fn admit_to_the_end(
    doors: &Arc<Doors>,
    snapshot: &Arc<Snapshot>,
    arrival: Arrival,
    mut asking: Box<Asking>,
    now: Now,
) -> (Result<Box<Passage>, Box<Refused>>, Box<Asking>) {
    let headers = &mut asking.head.headers;
    let client = client::find(arrival.peer, snapshot.policy.trust.as_ref(), headers);
    identify::strip_names(arrival.peer, &snapshot.policy, headers);
    if !arrival.may_be_reset {
        let admitted = admit(doors, snapshot, &arrival, client, &asking, now).await;
        return (admitted, asking);
    }
    let (doors, snapshot) = (doors.clone(), snapshot.clone());
    let (done, admitted) = oneshot::channel();
    // It ends by the bounds of a look-up; whoever waits for it may leave before.
    tokio::spawn(task::alone(async move {
        let admitted = admit(&doors, &snapshot, &arrival, client, &asking, now).await;
        let _ = done.send((admitted, asking));
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
    snapshot: &Arc<Snapshot>,
    arrival: &Arrival,
    client: IpAddr,
    Asking { head, body }: &Asking,
    now: Now,
) -> Result<Box<Passage>, Box<Refused>> {
    let policy = &*snapshot.policy;
    let early = |refusal| Seen::first(client, way::dialect_by_path(policy, head.uri.path())).refused(refusal);
    if !arrival.has_place || !may_be_used(doors, policy, head) {
        return Err(early(respond::no_capacity()).into());
    }
    let read = || Facts::read(head, client).map_err(Refusal::Ambiguous);
    let facts = arrival.fault.clone().map_or_else(read, Err).map_err(early)?;
    let way = way::find(policy, &facts);
    let mut seen = Seen::first(client, way.dialect(policy, facts.path));
    (seen.route, seen.page) = (way.route_name(), way.page_name(policy));
    let shake = shake(&way, head, body, arrival.has_more).map_err(|unfit| seen.refused(unfit))?;
    seen.instance = policy.tenants.at_host(facts.host()).map(|tenant| tenant.name.clone());
    seen.identity =
        match identify::identify(doors, way.identity_rules(policy), &facts, seen.instance.as_deref(), now).await {
            Ok(identity) => identity,
            Err(fault) => return Err(seen.refused(Refusal::Internal(fault.to_string().into())).into()),
        };
    let caller = Caller {
        identity: &seen.identity,
        client: seen.client,
        headers: facts.headers,
        instance: seen.instance.as_ref(),
        counts_whoever: way.counts_whoever(),
    };
    let limits = way.limits(policy, shake.is_some());
    let engine = &doors.engine;
    let mut admission = engine.admit(limits.clone(), snapshot, &caller, now, Some(&arrival.recall));
    if let Some(shake) = &shake {
        while Box::pin(evict::made_room(engine, shake, &admission, &seen.identity)).await {
            admission = engine.admit(limits.clone(), snapshot, &caller, engine.clock.now(), None);
        }
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
                by_frame: by_frame.map(|shake| *shake),
                ..seen.refused(Refusal::OverLimit(over))
            }
            .into());
        }
    };
    seen.fields = ticket.fields().cloned();
    if let Some(refusal) = objection::find(doors, &way, &seen.identity, &facts, body).await {
        return Err(seen.refused(refusal).into());
    }
    Ok(Box::new(Passage {
        ticket,
        to: To::of(&way, policy),
        share: way.share(policy, shake.is_some()),
        seen,
        shake,
    }))
}

/// What could not be written down is not to be used, where the operator says so: `[usage] on_failure`.
fn may_be_used(doors: &Doors, policy: &Policy, head: &Parts) -> bool {
    !doors.engine.usage.is_refusing() || way::is_to_pages(policy, head.uri.path())
}

/// Admits a request that the cache did not answer under the limits that count those. If they refuse, nothing is charged.
pub(crate) fn admit_on_miss(
    doors: &Doors,
    snapshot: &Snapshot,
    ticket: Ticket,
    share: &Share,
    seen: &mut Seen,
    headers: &HeaderMap,
    now: Now,
) -> Result<Ticket, Box<Refused>> {
    if share.on_miss.is_empty() {
        return Ok(ticket);
    }
    let caller = Caller {
        identity: &seen.identity,
        client: seen.client,
        headers,
        instance: seen.instance.as_ref(),
        counts_whoever: false,
    };
    let limits = share.on_miss.iter().map(|index| snapshot.policy.limit(*index));
    match doors.engine.admit_on_miss(ticket, limits, snapshot, &caller, now) {
        Admission::Admitted(ticket) => {
            seen.fields = ticket.fields().cloned();
            Ok(ticket)
        }
        Admission::NoCapacity => Err(seen.refused(respond::no_capacity()).into()),
        Admission::Rejected { over, fields, cells } => Err(Refused {
            fields,
            cells,
            ..seen.refused(Refusal::OverLimit(over))
        }
        .into()),
    }
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
fn shake(way: &Way<'_>, head: &Parts, body: &RequestBody, has_more: bool) -> Result<Option<Box<Shake>>, Refusal> {
    let Some(rules) = way.socket_rules().filter(|_| handshake::is_meant(&head.headers)) else {
        return Ok(None);
    };
    let behind = Behind {
        has_body: body.declared_bytes().is_some_and(|bytes| bytes > 0),
        has_more,
    };
    match handshake::check(head, behind) {
        Ok(asked) => Ok(Some(Box::new(Shake {
            asked,
            rules: rules.clone(),
        }))),
        Err(unfit) => Err(Refusal::BadHandshake {
            why: unfit.to_string().into(),
            upgrade_required: unfit.status() == StatusCode::UPGRADE_REQUIRED,
        }),
    }
}
