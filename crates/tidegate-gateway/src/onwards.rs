//! Where an admitted request goes: to a server elsewhere, or inside.

use std::{net::IpAddr, pin::pin, sync::Arc};

use http::{Request, Response, Uri};
use tidegate_core::{
    policy::{Policy, Upstream},
    time::Now,
    upstream::Remote,
};
use tidegate_engine::{snapshot::Snapshot, ticket::Ticket};

use crate::{
    body::{Body, patience, request::Fate},
    deadline::Deadline,
    gateway::Doors,
    handle::Asking,
    inside::{Call, Inside, SocketCall},
    respond::Seen,
    socket::{Far, Shake},
    upstream::head,
    upstream_fault::Fault,
    way::Way,
};

/// Where it goes.
#[derive(Clone, Debug)]
pub(crate) enum To {
    /// The callers' pages.
    Pages,
    /// The streams API inside.
    Streams,
    /// A server elsewhere.
    Remote(Arc<Remote>),
}

impl To {
    pub(crate) fn of(way: &Way<'_>, policy: &Policy) -> To {
        match way.upstream(policy) {
            None => To::Pages,
            Some(Upstream::Embedded) => To::Streams,
            Some(Upstream::Remote(remote)) => To::Remote(remote.clone()),
        }
    }

    /// The same for a socket, with what whoever carries it must know.
    pub(crate) fn far(self, path: &str, seen: &Seen, shake: &Shake) -> Far {
        match self {
            To::Remote(remote) => Far::Remote(remote),
            To::Streams | To::Pages => Far::Inside(SocketCall {
                path: path.into(),
                identity: seen.identity.clone(),
                rules: shake.rules.clone(),
            }),
        }
    }
}

/// An admitted request on its way, besides its bytes.
pub(crate) struct Onwards<'a> {
    pub(crate) to: To,
    pub(crate) seen: &'a Seen,
    pub(crate) snapshot: &'a Arc<Snapshot>,
    pub(crate) now: Now,
}

impl<'a> Onwards<'a> {
    pub(crate) fn of(to: To, seen: &'a Seen, snapshot: &'a Arc<Snapshot>, now: Now) -> Onwards<'a> {
        Onwards {
            to,
            seen,
            snapshot,
            now,
        }
    }
}

/// Sends an admitted request on and waits for the head of its answer. The ticket is spent by it.
pub(crate) async fn send(
    doors: &Doors,
    ticket: Ticket,
    onwards: Onwards<'_>,
    asking: Box<Asking>,
    fate: &Arc<Fate>,
) -> Result<Response<Body>, Fault> {
    let Onwards {
        to,
        seen,
        snapshot,
        now,
    } = onwards;
    let inside: &dyn Inside = match to {
        To::Remote(remote) => {
            let upwards = upwards(asking, &remote.first.base, seen.client).ok_or(Fault::Scheme)?;
            return doors.upstreams.call(ticket, &remote, upwards, fate).await;
        }
        To::Pages => &*doors.pages,
        To::Streams => &*doors.streams,
    };
    let Asking { head, body } = *asking;
    let call = Call {
        request: Request::from_parts(head, Body::request(body)),
        identity: seen.identity.clone(),
        client: seen.client,
        route: seen.route.clone(),
        instance: seen.instance.clone(),
        now,
        snapshot: snapshot.clone(),
    };
    let silence_max = doors.bounds.upstream_timeout;
    let mut silence = Deadline::default();
    patience::wait(pin!(inside.call(ticket, call)), fate, &mut silence, silence_max)
        .await
        .ok_or(Fault::Silent { waited: silence_max })
}

fn upwards(asking: Box<Asking>, base: &Uri, client: IpAddr) -> Option<Box<Request<Body>>> {
    let Asking { head, body } = *asking;
    head::up(head, Body::request(body), base, client).map(Box::new)
}
