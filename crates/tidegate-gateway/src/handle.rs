//! The one way of a request, from its head to its answer. Each step returns; none reaches back.

use std::net::IpAddr;

use http::{Request, Response, request::Parts};
use tidegate_core::{
    ask::Asker,
    facts::{Ambiguous, Facts},
    policy::Upstream,
    refusal::Refusal,
    time::Now,
};
use tidegate_engine::{engine::Admission, snapshot::Snapshot, ticket::Ticket};

use crate::{
    body::{Body, patience, request::RequestBody},
    gateway::Doors,
    identify,
    inside::{Call, Inside},
    objection,
    respond::{self, Asked, Refused, Seen},
    upstream::{fault::Fault, head},
    way,
};

/// What the connection knows of a request besides its bytes.
pub(crate) struct Arrival {
    /// The other end of the connection.
    pub(crate) peer: IpAddr,
    /// Why the head has two readings, where only the socket could see that.
    pub(crate) fault: Option<Ambiguous>,
    /// There was room among the requests in flight.
    pub(crate) has_place: bool,
}

/// A request that may go on, and where.
struct Passage {
    ticket: Ticket,
    to: To,
    seen: Seen,
}

enum To {
    Pages,
    Streams,
    Remote(http::Uri),
}

/// Takes a request its way. A body that is dropped on it unread is read away or ends the connection by itself.
pub(crate) async fn handle(doors: &Doors, arrival: Arrival, head: Parts, body: RequestBody) -> Response<Body> {
    let now = doors.engine.clock.now();
    let snapshot = doors.engine.current.load();
    let asked = Asked::of(&head);
    let Passage { ticket, to, seen } = match admit(doors, &snapshot, &arrival, &head, &body, now).await {
        Ok(passage) => passage,
        Err(refused) => return respond::refuse(&doors.engine, *refused, &asked, now),
    };
    let fate = body.fate();
    let body = Body::request(body);
    let answered = match to {
        To::Remote(base) => match head::up(head, body, &base, seen.client) {
            Some(upwards) => doors.upstreams.call(ticket, &base, upwards, &fate).await,
            None => Err(Fault::Scheme),
        },
        inside => {
            let inside: &dyn Inside = if let To::Pages = inside {
                &*doors.pages
            } else {
                &*doors.streams
            };
            let request = Request::from_parts(head, body);
            let call = Call {
                request,
                identity: seen.identity.clone(),
                client: seen.client,
                route: seen.route.clone(),
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

/// From facts to a ticket, or to the first reason against it (SEMANTICS rules 1 and 6: limits first, then the rest).
async fn admit(
    doors: &Doors,
    snapshot: &Snapshot,
    arrival: &Arrival,
    head: &Parts,
    body: &RequestBody,
    now: Now,
) -> Result<Passage, Box<Refused>> {
    let policy = &*snapshot.policy;
    let early = |refusal| Seen::first(arrival.peer, way::profile_by_path(policy, head.uri.path())).refused(refusal);
    if !arrival.has_place {
        return Err(early(respond::no_capacity()).into());
    }
    let facts = match arrival.fault.map_or_else(|| Facts::read(head, arrival.peer), Err) {
        Ok(facts) => facts,
        Err(why) => return Err(early(Refusal::Ambiguous(why)).into()),
    };
    let way = way::find(policy, &facts);
    let mut seen = Seen::first(arrival.peer, way.profile(policy, facts.path));
    seen.route = way.route_name();
    seen.identity = match identify::identify(doors, way.identity_rules(policy), &facts, now).await {
        Ok(identity) => identity,
        Err(fault) => return Err(seen.refused(Refusal::Internal(fault.to_string().into())).into()),
    };
    let asker = Asker {
        identity: &seen.identity,
        client: seen.client,
        headers: facts.headers,
        counts_whoever: way.counts_whoever(),
    };
    let ticket = match doors.engine.admit(way.limits(policy), snapshot, &asker, now) {
        Admission::Admitted(ticket) => ticket,
        Admission::Rejected { over, fields, cells } => {
            return Err(Refused {
                fields,
                cells,
                ..seen.refused(Refusal::OverLimit(over))
            }
            .into());
        }
    };
    seen.fields = ticket.fields().cloned();
    if let Some(refusal) = objection::find(doors, &way, &seen.identity, &facts, body).await {
        return Err(seen.refused(refusal).into());
    }
    let to = match way.upstream(policy) {
        None => To::Pages,
        Some(Upstream::Embedded) => To::Streams,
        Some(Upstream::Remote(base)) => To::Remote(base.clone()),
    };
    Ok(Passage { ticket, to, seen })
}
