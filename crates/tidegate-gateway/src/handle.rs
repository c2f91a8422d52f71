//! The one way of a request, from its head to its answer. Each step returns; none reaches back.

use std::sync::Arc;

use http::{Response, request::Parts};
use tidegate_core::{peer::Peer, refusal::Refusal};

use crate::{
    admission::{self, Passage},
    body::{Body, request::RequestBody},
    gateway::Doors,
    onwards::{self, Onwards},
    respond::{self, Asked},
    socket,
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

/// Takes a request its way. A body that is dropped on it unread is read away or ends the connection by itself.
pub(crate) async fn handle(doors: &Arc<Doors>, arrival: Arrival, head: Parts, body: RequestBody) -> Response<Body> {
    let now = doors.engine.clock.now();
    let snapshot = doors.engine.current.load();
    let asked = Asked::of(&head);
    let (admitted, mut head, body) = admission::admit_to_the_end(doors, &snapshot, arrival, head, body, now).await;
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
        let far = to.far(head.uri.path(), &seen, &shake);
        return match Box::pin(socket::open(doors, shake, ticket, far, head, &seen, now)).await {
            Ok(response) => respond::pass(&doors.engine, &seen, response, now),
            Err(refusal) => respond::refuse(&doors.engine, seen.refused(refusal), &asked, now),
        };
    }
    let fate = body.fate();
    let onwards = Onwards {
        to,
        seen: &seen,
        snapshot: &snapshot,
        now,
    };
    let answered = onwards::send(doors, ticket, onwards, head, body).await;
    // A body that was too large or too slow is why an upstream gave up, not what it did wrong.
    match (fate.refusal(), answered) {
        (Some(refusal), _) => respond::refuse(&doors.engine, seen.refused(refusal), &asked, now),
        (None, Err(fault)) => respond::refuse(&doors.engine, seen.refused(fault.into()), &asked, now),
        (None, Ok(response)) => respond::pass(&doors.engine, &seen, response, now),
    }
}
