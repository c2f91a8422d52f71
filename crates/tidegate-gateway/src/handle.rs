//! The one way of a request, from its head to its answer. Each step returns; none reaches back.

use std::sync::Arc;

use http::{Response, request::Parts};
use tidegate_core::{peer::Peer, refusal::Refusal};
use tidegate_engine::check_cache::CheckCache;

use crate::{
    admission::{self, Passage},
    body::request::RequestBody,
    cache::{self, Turn, status::Outcome},
    gateway::Doors,
    meter::{Meter, MeteredBody},
    onwards::{self, Onwards},
    payload,
    respond::{self, Asked},
    socket::{self, Admitted},
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
    /// What the connection's last request asked of the counts.
    pub(crate) recall: Arc<CheckCache>,
}

/// A request's bytes. It is handed on boxed: each step is a future within the one before, and each would have room for
/// it and move it there.
pub(crate) struct Asking {
    pub(crate) head: Parts,
    pub(crate) body: RequestBody,
}

/// Takes a request its way. A body that is dropped on it unread is read away or ends the connection by itself.
pub(crate) async fn handle(doors: &Arc<Doors>, arrival: Arrival, asking: Box<Asking>) -> Response<MeteredBody> {
    let now = doors.engine.clock.now();
    let snapshot = doors.engine.current.load();
    let asked = Asked::of(&asking.head);
    let mut meter = Meter::begin(&doors.engine, &snapshot.policy, &asking.head.uri);
    let (admitted, mut asking) = admission::admit_to_the_end(doors, &snapshot, arrival, asking, now).await;
    let Passage {
        ticket,
        to,
        mut seen,
        shake,
        share,
    } = match admitted {
        Ok(passage) => *passage,
        Err(mut refused) => {
            meter.is_of(&refused.seen);
            let by_frame = refused.by_frame.take();
            let refusal = meter.own(respond::refuse(&doors.engine, *refused, &asked, now));
            return match by_frame {
                Some(shake) => Box::pin(socket::refuse_by_frame(doors, &shake, &mut asking.head, refusal)).await,
                None => refusal,
            };
        }
    };
    meter.is_of(&seen);
    if let Some(shake) = shake {
        let far = to.far(asking.head.uri.path(), &seen, &shake);
        let admitted = Admitted::of(*shake, ticket, far, &snapshot.policy, &seen, now);
        return match Box::pin(socket::open(doors, admitted, asking.head, &mut meter)).await {
            Ok(response) => meter.upstream(respond::pass(&doors.engine, &seen, response, Outcome::Apart, now)),
            Err(refusal) => meter.own(respond::refuse(&doors.engine, seen.refused(refusal), &asked, now)),
        };
    }
    let Asking { head, body } = &mut *asking;
    if let Err(refusal) = payload::look(doors, &snapshot, &seen, &to, head, body, now).await {
        // Where we are short of capacity nothing is charged.
        if let Refusal::NoCapacity { .. } = refusal {
            ticket.give_back();
        }
        return meter.own(respond::refuse(&doors.engine, seen.refused(refusal), &asked, now));
    }
    let keeper = match cache::take_turn(doors, &share, &seen, head, !body.is_end(), now).await {
        Turn::Answered(response, outcome) => {
            return meter.cached(respond::pass(&doors.engine, &seen, response, outcome, now));
        }
        Turn::Failed(fault) => {
            return meter.own(respond::refuse(&doors.engine, seen.refused(fault.into()), &asked, now));
        }
        Turn::Onwards(keeper) => keeper,
    };
    let ticket = match admission::admit_on_miss(doors, &snapshot, ticket, &share, &mut seen, &head.headers, now) {
        Ok(ticket) => ticket,
        Err(refused) => return meter.own(respond::refuse(&doors.engine, *refused, &asked, now)),
    };
    let fate = body.fate();
    meter.sends(&fate);
    let onwards = Onwards::of(to, &seen, &snapshot, now);
    let (answered, outcome) = keeper.keep(onwards::send(doors, ticket, onwards, asking, &fate)).await;
    // A body that was too large or too slow is why an upstream gave up, not what it did wrong.
    match (fate.refusal(), answered) {
        (Some(refusal), _) => meter.own(respond::refuse(&doors.engine, seen.refused(refusal), &asked, now)),
        (None, Err(fault)) => meter.own(respond::refuse(&doors.engine, seen.refused(fault.into()), &asked, now)),
        (None, Ok(response)) => meter.upstream(respond::pass(&doors.engine, &seen, response, outcome, now)),
    }
}
