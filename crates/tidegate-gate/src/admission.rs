//! Admission: the limits of a request, asked in one operation, to a ticket or to the refusal of those that are used up.

use std::sync::Arc;

use http::HeaderMap;
use tidegate_core::{
    limit::Limit,
    policy::Policy,
    refusal::{OverLimit, Refusal},
    socket::{SocketRefusal, SocketRules},
    time::Now,
};
use tidegate_engine::{
    engine::{Admission, Engine},
    sockets::SocketView,
    ticket::Ticket,
};

use crate::{
    cache_plan::CachePlan,
    evict_oldest_socket,
    received::Received,
    refused::{Refused, no_capacity},
    request_context::RequestContext,
    request_head::Head,
};

/// Admits a request under these limits, all or nothing. A socket may have the oldest one of its caller make room for it.
pub(crate) async fn admit<'p>(
    engine: &Engine,
    received: &Received,
    limits: impl Iterator<Item = &'p Limit> + Clone,
    socket: Option<&SocketRules>,
    head: &Head<'_>,
    context: RequestContext,
) -> Result<(Ticket, RequestContext), Box<Refused>> {
    let Received { snapshot, now, .. } = received;
    let caller = context.caller(&head.parts.headers);
    let mut admission = engine.admit(limits.clone(), snapshot, &caller, *now, head.recall);
    if let Some(rules) = socket {
        while Box::pin(evict_oldest_socket::made_room(
            engine,
            rules,
            &admission,
            &context.identity,
        ))
        .await
        {
            admission = engine.admit(limits.clone(), snapshot, &caller, engine.clock.now(), None);
        }
    }
    ticket_or_refusal(admission, context, |over, context| RefusalDetails {
        open_sockets: own_sockets(engine, &snapshot.policy, over, context, *now),
        by_frame: socket.filter(|rules| rules.refuse == SocketRefusal::Frame),
    })
}

/// Admits a request that the cache did not answer under the limits that count those. If they refuse, nothing is charged.
pub(crate) fn admit_on_miss(
    engine: &Engine,
    received: &Received,
    ticket: Ticket,
    plan: &CachePlan,
    headers: &HeaderMap,
    mut context: RequestContext,
) -> Result<(Ticket, RequestContext), Box<Refused>> {
    if plan.on_miss.is_empty() {
        return Ok((ticket, context));
    }
    let Received { snapshot, now, .. } = received;
    let limits = plan.on_miss.iter().map(|index| snapshot.policy.limit(*index));
    let caller = context.caller(headers);
    let admission = engine.admit_on_miss(ticket, limits, snapshot, &caller, *now);
    let edge = context.fields.take();
    let (ticket, mut context) = ticket_or_refusal(admission, context, |_, _| RefusalDetails::default())?;
    context.fields = match (edge, context.fields.take()) {
        (Some(edge), Some(miss)) => Some(edge.and(&miss)),
        (edge, miss) => edge.or(miss),
    };
    Ok((ticket, context))
}

/// The parts of a refusal beside the limits.
#[derive(Default)]
struct RefusalDetails<'p> {
    open_sockets: Vec<SocketView>,
    by_frame: Option<&'p SocketRules>,
}

/// From an answer of the counts to a ticket or a refusal, with its RateLimit fields.
fn ticket_or_refusal<'p>(
    admission: Admission,
    mut context: RequestContext,
    beside: impl FnOnce(&OverLimit, &RequestContext) -> RefusalDetails<'p>,
) -> Result<(Ticket, RequestContext), Box<Refused>> {
    match admission {
        Admission::Admitted(mut ticket) => {
            context.fields = ticket.take_fields();
            Ok((ticket, context))
        }
        Admission::NoCapacity => Err(Refused::new(context, no_capacity()).into()),
        Admission::Rejected { over, fields, cells } => {
            let RefusalDetails { open_sockets, by_frame } = beside(&over, &context);
            context.fields = fields;
            Err(Refused {
                cells,
                open_sockets,
                by_frame: by_frame.cloned().map(Box::new),
                ..Refused::new(context, Refusal::OverLimit(over))
            }
            .into())
        }
    }
}

/// A refusal for too many sockets lists which they are.
fn own_sockets(
    engine: &Engine,
    policy: &Policy,
    over: &OverLimit,
    context: &RequestContext,
    now: Now,
) -> Vec<SocketView> {
    let is_slots = |name: &Arc<str>| policy.limit_named(name).is_some_and(|limit| limit.quantity.is_slots());
    match context.identity.known() {
        Some(known) if over.violated.iter().any(is_slots) => engine.sockets.of_user(&known.token.subject, now),
        _ => Vec::new(),
    }
}
