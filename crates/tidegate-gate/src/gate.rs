//! The gate: the steps from a request's head to a decision, each of which returns; none reaches back.

use std::{sync::Arc, time::Duration};

use http::{HeaderMap, StatusCode, request::Parts};
use tidegate_core::{facts::Facts, peer::Peer, refusal::Refusal, socket::SocketRules};
use tidegate_engine::{engine::Engine, refusals::DecisionId, stats::CacheOutcome, ticket::Ticket};

use crate::{
    admission,
    authority::Authority,
    authorize,
    cache_plan::CachePlan,
    client_address,
    context::RequestContext,
    destination::Destination,
    head::{Handshake, Head},
    identify,
    payload::{self, Catalog, PayloadLimits},
    received::Received,
    record::{self, RequestLine},
    refused::{Refused, no_capacity},
    route_match::{self, RouteMatch},
    stream_catalog::StreamCatalog,
};

/// Decides about requests. One for a program.
pub struct Gate {
    engine: Arc<Engine>,
    authority: Arc<dyn Authority>,
    streams: Arc<dyn StreamCatalog>,
    bounds: Bounds,
}

/// Bounds of a gate.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Most bytes of a request body; a body that says it has more is 413.
    pub body_bytes_max: u64,
    /// Longest time to ask what is known of streams; then 504.
    pub describe_wait_max: Duration,
}

/// The answer of [`Gate::decide`].
pub type Decision = Result<Box<Admitted>, Box<Refused>>;

/// A request that may go on, with its destination.
#[derive(Debug)]
pub struct Admitted {
    /// The proof. Dropped, it frees the slots it holds; the units it took stay taken.
    pub ticket: Ticket,
    /// The facts known of the request.
    pub context: RequestContext,
    /// The route that it matches.
    pub matched: RouteMatch,
    /// The upstream that it goes to.
    pub destination: Destination,
    /// Its route's rules about kept answers.
    pub cache: CachePlan,
    /// The rules of the socket that it opens. Few do.
    pub socket: Option<Box<SocketRules>>,
}

impl Gate {
    /// A gate over an engine, the authority for credentials, and the catalog of the streams inside.
    pub fn new(
        engine: Arc<Engine>,
        authority: Arc<dyn Authority>,
        streams: Arc<dyn StreamCatalog>,
        bounds: Bounds,
    ) -> Gate {
        Gate {
            engine,
            authority,
            streams,
            bounds,
        }
    }

    /// Fixes the facts that a request is decided by: policy, time, and client. From here on its fields are the client's own,
    /// and no proxy's.
    pub fn receive(&self, peer: Peer, head: &mut Parts) -> Received {
        let now = self.engine.clock.now();
        let snapshot = self.engine.current.load();
        let client = client_address::find(peer, snapshot.policy.trust.as_ref(), &mut head.headers);
        identify::strip_names(peer, &snapshot.policy, &mut head.headers);
        Received {
            is_for_pages: route_match::is_to_pages(&snapshot.policy, head.uri.path()),
            snapshot,
            now,
            client,
        }
    }

    /// Decides about a request: from facts to a ticket, or to the first reason against it (docs/semantics.md rules 1 and 6: limits
    /// first, then the rest).
    ///
    /// # Errors
    /// The refusal.
    pub async fn decide(&self, received: &Received, head: &Head<'_>) -> Decision {
        let policy = &*received.snapshot.policy;
        let facts = self.read_facts(received, head)?;
        let matched = match received.is_for_pages {
            true => RouteMatch::Pages,
            false => RouteMatch::find(&received.snapshot, &facts),
        };
        let mut context = RequestContext::new(received.client, matched.dialect(policy, facts.path));
        (context.route, context.page) = (matched.route_name(policy), matched.page_name(policy));
        let socket = match socket(matched.socket_rules(policy), &head.handshake) {
            Ok(socket) => socket,
            Err(unfit) => return Err(Refused::new(context, unfit).into()),
        };
        context.instance = policy.tenants.at_host(facts.host()).map(|tenant| tenant.name.clone());
        let (rules, instance) = (matched.identity_rules(policy), context.instance.as_deref());
        context.identity = match identify::identify(&*self.authority, rules, &facts, instance, received.now).await {
            Ok(identity) => identity,
            Err(fault) => return Err(Refused::new(context, Refusal::Internal(fault.to_string().into())).into()),
        };
        let limits = matched.limits(policy, socket.is_some());
        let (ticket, context) = admission::admit(&self.engine, received, limits, socket, head, context).await?;
        let identity = &context.identity;
        let authorized = authorize::authorize(&*self.authority, policy, matched, identity, &facts).await;
        let bytes_max = self.bounds.body_bytes_max;
        if let Err(refusal) = authorized.and_then(|()| payload::let_through(head.declared_bytes, bytes_max)) {
            return Err(Refused::new(context, refusal).into());
        }
        Ok(Box::new(Admitted {
            ticket,
            context,
            matched,
            destination: matched.destination(policy),
            cache: matched.cache_plan(policy, socket.is_some()),
            socket: socket.cloned().map(Box::new),
        }))
    }

    /// Holds an admitted request's head against the limits that count nothing, and returns those that are in force
    /// for its body. It has cost its one unit by now.
    ///
    /// # Errors
    /// The excess.
    pub async fn check_payload(
        &self,
        received: &Received,
        admitted: &Admitted,
        head: &Parts,
        declared_bytes: Option<u64>,
    ) -> Result<Option<PayloadLimits>, Refusal> {
        let (matched, context) = (admitted.matched, &admitted.context);
        let Some(in_force) = payload::in_force(matched, received, context) else {
            return Ok(None);
        };
        payload::declared_length(&in_force.limits, declared_bytes)?;
        let catalog = Catalog {
            streams: &*self.streams,
            destination: &admitted.destination,
            wait_max: self.bounds.describe_wait_max,
        };
        payload::points(&catalog, &in_force.limits, matched, received, context, head).await?;
        Ok(Some(in_force))
    }

    /// Admits a request that the cache did not answer under the limits that count those.
    ///
    /// # Errors
    /// The refusal; then nothing is charged.
    pub fn admit_on_miss(
        &self,
        received: &Received,
        ticket: Ticket,
        plan: &CachePlan,
        headers: &HeaderMap,
        context: RequestContext,
    ) -> Result<(Ticket, RequestContext), Box<Refused>> {
        admission::admit_on_miss(&self.engine, received, ticket, plan, headers, context)
    }

    /// The name of a refusal, under which it is recorded.
    pub fn decision_id(&self, refused: &Refused) -> DecisionId {
        let context = &refused.context;
        let caller = self.engine.caller(&context.identity, context.client);
        self.engine.refusals.next_id(caller)
    }

    /// Records a refusal. Once of each request that is refused, when its answer is written.
    pub fn record_refusal(&self, decision: DecisionId, refused: Refused, line: &RequestLine, received: &Received) {
        record::refused(&self.engine, decision, refused, line, received.now);
    }

    /// Records an answer that is none of the gate's own. Once of each request that has one, when its head is known.
    pub fn record_answer(
        &self,
        context: &RequestContext,
        status: StatusCode,
        cache: Option<CacheOutcome>,
        received: &Received,
    ) {
        record::answered(&self.engine, context, status, cache, None, received.now);
    }

    /// Reads the facts of a request that there is room for.
    fn read_facts<'r>(&self, received: &Received, head: &Head<'r>) -> Result<Facts<'r>, Box<Refused>> {
        let refused = |refusal| {
            let dialect = route_match::dialect_by_path(&received.snapshot.policy, head.parts.uri.path());
            Refused::new(RequestContext::new(received.client, dialect), refusal).into()
        };
        if !head.has_place || !self.may_be_used(received) {
            return Err(refused(no_capacity()));
        }
        match head.fault {
            Some(fault) => Err(refused(fault.clone())),
            None => Facts::read(head.parts, received.client).map_err(|why| refused(Refusal::Ambiguous(why))),
        }
    }

    /// Usage that could not be written down refuses requests, where the operator says so: `[usage] on_failure`.
    fn may_be_used(&self, received: &Received) -> bool {
        received.is_for_pages || !self.engine.usage.is_refusing()
    }
}

/// The rules of the socket that a request opens, if it does; a handshake that is none is refused before anything is taken.
fn socket<'p>(rules: Option<&'p SocketRules>, handshake: &Handshake) -> Result<Option<&'p SocketRules>, Refusal> {
    match (rules, handshake) {
        (None, _) | (_, Handshake::NotMeant) => Ok(None),
        (rules, Handshake::Fit) => Ok(rules),
        (Some(_), Handshake::Unfit { why, upgrade_required }) => Err(Refusal::BadHandshake {
            why: why.clone(),
            upgrade_required: *upgrade_required,
        }),
    }
}

#[cfg(test)]
mod tests;
