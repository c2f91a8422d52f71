//! The request handler: the steps of a request from its head to its answer. Each step returns; none reaches back.

use std::sync::Arc;

use http::{Response, StatusCode, request::Parts};
use tidegate_core::{refusal::Refusal, socket::SocketRules};
use tidegate_engine::engine::Engine;
use tidegate_gate::{
    Admitted, Authority, CheckHandshake, Decision, Gate, HandshakeCheck, Head, Received, Refused, RequestContext,
    RequestLine, StreamCatalog,
};
use tokio::sync::{Semaphore, oneshot};

use crate::{
    answer_writer,
    body::Body,
    bounds::Bounds,
    cache::{self, Cache, Turn, status::Outcome},
    embedded_upstream::EmbeddedUpstream,
    forward::{Forward, Forwarder},
    inbound::{Arrival, InboundRequest},
    inspect,
    meter::{Meter, MeteredBody},
    payload,
    relay::handshake::{self, Behind},
    socket::{Handshake, Opening, SocketOpener},
    task,
    upstream::Upstreams,
};

/// Handles the requests of all connections, with what they share.
pub(crate) struct Handler {
    pub(crate) gate: Gate,
    pub(crate) engine: Arc<Engine>,
    pub(crate) upstreams: Arc<Upstreams>,
    pub(crate) cache: Arc<Cache>,
    forwarder: Forwarder,
    pub(crate) sockets: SocketOpener,
    pub(crate) connections: Arc<Semaphore>,
    pub(crate) in_flight: Arc<Semaphore>,
    /// Coded bodies that are decoded.
    pub(crate) decoders: Arc<Semaphore>,
    pub(crate) bounds: Bounds,
}

impl Handler {
    pub(crate) fn new(
        engine: Arc<Engine>,
        authority: Arc<dyn Authority>,
        streams: Arc<impl EmbeddedUpstream + StreamCatalog>,
        pages: Arc<dyn EmbeddedUpstream>,
        bounds: Bounds,
    ) -> Handler {
        let upstreams = Arc::new(Upstreams::new(engine.clone(), &bounds));
        let gate_bounds = tidegate_gate::Bounds {
            body_bytes_max: bounds.body_bytes_max,
            describe_wait_max: bounds.upstream_timeout,
        };
        Handler {
            gate: Gate::new(engine.clone(), authority, streams.clone(), gate_bounds),
            cache: Arc::new(Cache::new(&bounds)),
            forwarder: Forwarder {
                upstreams: upstreams.clone(),
                streams: streams.clone(),
                pages,
                silence_max: bounds.upstream_timeout,
            },
            sockets: SocketOpener::new(engine.clone(), streams, upstreams.clone(), &bounds),
            connections: Arc::new(Semaphore::new(bounds.connections_max)),
            in_flight: Arc::new(Semaphore::new(bounds.in_flight_max)),
            decoders: Arc::new(Semaphore::new(inspect::DECODERS_MAX)),
            engine,
            upstreams,
            bounds,
        }
    }
}

/// An answer that is none of the gate's own.
struct Answer {
    context: RequestContext,
    response: Response<Body>,
    by: AnsweredBy,
    outcome: Outcome,
}

impl Answer {
    fn new(context: RequestContext, response: Response<Body>, by: AnsweredBy, outcome: Outcome) -> Answer {
        Answer {
            context,
            response,
            by,
            outcome,
        }
    }
}

enum AnsweredBy {
    Cache,
    Upstream,
}

/// The end of a request's way.
type Handled = Result<Answer, Box<Refused>>;

/// Takes a request its way. A body that is dropped on it unread is read away or ends the connection by itself.
pub(crate) async fn handle(
    handler: &Arc<Handler>,
    arrival: Arrival,
    mut request: Box<InboundRequest>,
) -> Response<MeteredBody> {
    let received = handler.gate.receive(arrival.peer, &mut request.head);
    let line = RequestLine::of(&request.head);
    let mut meter = Meter::begin(&handler.engine, received.is_for_pages);
    let has_more = arrival.has_more;
    let (decision, request) = decide_to_the_end(handler, &received, arrival, request).await;
    let mut by_frame = None;
    let handled = match decision {
        Ok(mut admitted) => {
            meter.is_of(&admitted.context);
            match handshake_of(&request, has_more, admitted.socket.take()) {
                Some(handshake) => {
                    Box::pin(open_socket(
                        handler, &received, admitted, handshake, request, &mut meter,
                    ))
                    .await
                }
                None => carry(handler, &received, admitted, request, &mut meter).await,
            }
        }
        Err(mut refused) => {
            meter.is_of(&refused.context);
            let handshake = handshake_of(&request, has_more, refused.by_frame.take());
            by_frame = handshake.map(|handshake| (handshake, request));
            Err(refused)
        }
    };
    let response = finish(handler, &received, &line, meter, handled);
    match by_frame {
        Some((handshake, mut request)) => {
            Box::pin(handler.sockets.refuse_by_frame(&handshake, &mut request.head, response)).await
        }
        None => response,
    }
}

/// Has the gate decide, also when the client takes the request back meanwhile: whoever resets what they sent has sent it,
/// and it counts (fault 51).
async fn decide_to_the_end(
    handler: &Arc<Handler>,
    received: &Received,
    arrival: Arrival,
    request: Box<InboundRequest>,
) -> (Decision, Box<InboundRequest>) {
    if !arrival.may_be_reset {
        let behind = behind(&request, arrival.has_more);
        let check_handshake = |head: &Parts| check_handshake(head, behind);
        let head = head_of(&arrival, &check_handshake, &request);
        return (handler.gate.decide(received, &head).await, request);
    }
    let (handler, received) = (handler.clone(), received.clone());
    let (done, decided) = oneshot::channel();
    // It ends by the bounds of a look-up; whoever waits for it may leave before.
    tokio::spawn(task::alone(async move {
        let behind = behind(&request, arrival.has_more);
        let check_handshake = |head: &Parts| check_handshake(head, behind);
        let head = head_of(&arrival, &check_handshake, &request);
        let decision = handler.gate.decide(&received, &head).await;
        let _ = done.send((decision, request));
    }));
    match decided.await {
        Ok(decided) => decided,
        // It was cut off by a panic, which ends this stream too and no other.
        Err(cut) => std::panic::resume_unwind(Box::new(cut)),
    }
}

/// A request as the gate is asked about it.
fn head_of<'r>(arrival: &'r Arrival, check_handshake: &'r CheckHandshake<'r>, request: &'r InboundRequest) -> Head<'r> {
    Head {
        parts: &request.head,
        declared_bytes: request.body.declared_bytes(),
        check_handshake,
        fault: arrival.fault.as_ref(),
        has_place: arrival.has_place,
        recall: Some(&arrival.recall),
    }
}

/// Returns the facts about a request that its connection knows and a handshake depends on.
fn behind(request: &InboundRequest, has_more: bool) -> Behind {
    Behind {
        has_body: request.body.declared_bytes().is_some_and(|bytes| bytes > 0),
        has_more,
    }
}

/// Judges the handshake of a head, if it means one.
fn check_handshake(head: &Parts, behind: Behind) -> HandshakeCheck {
    if !handshake::is_meant(&head.headers) {
        return HandshakeCheck::Absent;
    }
    match handshake::check(head, behind) {
        Ok(_) => HandshakeCheck::Valid,
        Err(unfit) => HandshakeCheck::Invalid {
            why: unfit.to_string().into(),
            upgrade_required: unfit.status() == StatusCode::UPGRADE_REQUIRED,
        },
    }
}

/// Returns the handshake of a request that opens a socket under these rules. The gate found it valid.
fn handshake_of(request: &InboundRequest, has_more: bool, rules: Option<Box<SocketRules>>) -> Option<Handshake> {
    let rules = rules?;
    let asked = handshake::check(&request.head, behind(request, has_more)).ok()?;
    Some(Handshake { asked, rules: *rules })
}

/// Carries an admitted request to what answers it: the cache or an upstream.
async fn carry(
    handler: &Handler,
    received: &Received,
    admitted: Box<Admitted>,
    mut request: Box<InboundRequest>,
    meter: &mut Meter,
) -> Handled {
    let InboundRequest { head, body } = &mut *request;
    let declared_bytes = body.declared_bytes();
    let checked = match handler
        .gate
        .check_payload(received, &admitted, head, declared_bytes)
        .await
    {
        Ok(None) => Ok(()),
        Ok(Some(limits)) => {
            let body_bytes_max = handler.bounds.body_bytes_max;
            payload::inspect(limits, head, body, body_bytes_max, &handler.decoders, received.now)
        }
        Err(refusal) => Err(refusal),
    };
    let Admitted {
        ticket,
        context,
        destination,
        cache: plan,
        ..
    } = *admitted;
    if let Err(refusal) = checked {
        // Where we are short of capacity nothing is charged.
        if let Refusal::NoCapacity { .. } = refusal {
            ticket.give_back();
        }
        return Err(Refused::new(context, refusal).into());
    }
    let (cache, clock) = (&handler.cache, &handler.engine.clock);
    let recorder = match cache::take_turn(cache, clock, &plan, &context, head, !body.is_end(), received.now).await {
        Turn::Answered(response, outcome) => {
            return Ok(Answer::new(context, response, AnsweredBy::Cache, outcome));
        }
        Turn::Failed(fault) => return Err(Refused::new(context, fault.into()).into()),
        Turn::Forward(recorder) => recorder,
    };
    let gate = &handler.gate;
    let (ticket, context) = gate.admit_on_miss(received, ticket, &plan, &head.headers, context)?;
    let upload = body.progress();
    meter.sends(&upload);
    let forward = Forward {
        destination,
        context: &context,
        received,
    };
    let sending = handler.forwarder.send(ticket, forward, request, &upload);
    let (answered, outcome) = recorder.keep(sending).await;
    // A body that was too large or too slow is why an upstream gave up, not what it did wrong.
    match (upload.refusal(), answered) {
        (Some(refusal), _) => Err(Refused::new(context, refusal).into()),
        (None, Err(fault)) => Err(Refused::new(context, fault.into()).into()),
        (None, Ok(response)) => Ok(Answer::new(context, response, AnsweredBy::Upstream, outcome)),
    }
}

/// Opens the socket of an admitted handshake.
async fn open_socket(
    handler: &Handler,
    received: &Received,
    admitted: Box<Admitted>,
    handshake: Handshake,
    request: Box<InboundRequest>,
    meter: &mut Meter,
) -> Handled {
    let Admitted {
        ticket,
        context,
        destination,
        ..
    } = *admitted;
    let opening = Opening {
        handshake,
        ticket,
        destination,
        context: &context,
        received,
    };
    match handler.sockets.open(opening, request.head, meter).await {
        Ok(response) => Ok(Answer::new(context, response, AnsweredBy::Upstream, Outcome::Apart)),
        Err(refusal) => Err(Refused::new(context, refusal).into()),
    }
}

/// Writes and records the answer, once of each request. The meter ends with its body.
fn finish(
    handler: &Handler,
    received: &Received,
    line: &RequestLine,
    meter: Meter,
    handled: Handled,
) -> Response<MeteredBody> {
    match handled {
        Ok(answer) => {
            let Answer {
                mut context,
                response,
                by,
                outcome,
            } = answer;
            let response = answer_writer::pass(response, context.fields.take(), outcome);
            handler
                .gate
                .record_answer(&context, response.status(), outcome.noted(), received);
            match by {
                AnsweredBy::Cache => meter.cached(response),
                AnsweredBy::Upstream => meter.upstream(response),
            }
        }
        Err(mut refused) => {
            let decision = handler.gate.decision_id(&refused);
            let response = answer_writer::refuse(&mut refused, decision);
            handler.gate.record_refusal(decision, *refused, line, received);
            meter.own(response)
        }
    }
}
