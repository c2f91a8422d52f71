//! Limits on what one request asks and carries, as far as its head says it: the declared length and the points of a read.

use std::time::Duration;

use http::request::Parts;
use tidegate_core::{
    payload::{
        Bounded, PayloadKind, bounded,
        excess::{Excess, Of},
        points::{self, RangeRule, Series},
        upload::UploadFormat,
    },
    refusal::Refusal,
};
use tokio::time::timeout;

use crate::{
    destination::Destination,
    received::Received,
    request_context::RequestContext,
    route_match::RouteMatch,
    stream_catalog::{StreamCatalog, StreamQuestion},
};

/// The limits in force on what a request carries, for whoever reads its body.
#[derive(Clone, Debug)]
pub struct PayloadLimits {
    /// Each with the quota in force.
    pub limits: Vec<Bounded>,
    /// The format in which the body carries samples, if it does.
    pub format: Option<&'static UploadFormat>,
}

/// The length that a body says it has, against what is let through of any.
pub(crate) fn let_through(declared_bytes: Option<u64>, allowed_bytes: u64) -> Result<(), Refusal> {
    match declared_bytes.filter(|bytes| *bytes > allowed_bytes) {
        None => Ok(()),
        asked_bytes => Err(Refusal::BodyTooLarge {
            asked_bytes,
            allowed_bytes,
        }),
    }
}

/// The limits in force on a request's payload; `None` where its route has none and nothing reads its bodies.
pub(crate) fn in_force(matched: RouteMatch, received: &Received, context: &RequestContext) -> Option<PayloadLimits> {
    let Received { snapshot, now, .. } = received;
    let route = matched.route(&snapshot.policy)?;
    if route.payload_limits.is_empty() && route.body.is_none() {
        return None;
    }
    let limits = route
        .payload_limits
        .iter()
        .map(|index| snapshot.policy.payload_limit(*index));
    Some(PayloadLimits {
        limits: bounded(
            limits,
            &context.identity,
            context.instance.as_ref(),
            &snapshot.overrides,
            now.wall_ms,
        ),
        format: route.body,
    })
}

/// A limit in the shadow says what it would do.
fn unless_shadow(bounded: &Bounded, excess: Option<Excess>) -> Result<(), Refusal> {
    match excess {
        None => Ok(()),
        Some(excess) if bounded.limit.shadow => {
            tracing::info!(limit = %excess.limit, "a shadow limit would refuse: {}", excess.sentence());
            Ok(())
        }
        Some(excess) => Err(Refusal::TooMuch(excess.into())),
    }
}

/// The length that a body says it has, against the limits on it.
pub(crate) fn declared_length(limits: &[Bounded], declared_bytes: Option<u64>) -> Result<(), Refusal> {
    let Some(bytes) = declared_bytes else {
        return Ok(());
    };
    for bounded in limits
        .iter()
        .filter(|bounded| bounded.limit.kind == PayloadKind::BodyBytes)
    {
        let allowed = u64::from(bounded.quota);
        let of = Of::BodyBytes { decoded: false };
        let excess = (bytes > allowed).then(|| Excess::new(bounded, Some(bytes), allowed, of));
        unless_shadow(bounded, excess)?;
    }
    Ok(())
}

/// The points that a read asks for, by what is known of its streams.
pub(crate) async fn points(
    catalog: &Catalog<'_>,
    limits: &[Bounded],
    matched: RouteMatch,
    received: &Received,
    context: &RequestContext,
    head: &Parts,
) -> Result<(), Refusal> {
    let of_points = |bounded: &&Bounded| matches!(bounded.limit.kind, PayloadKind::Points { .. });
    let Some(range) = range(matched, received).filter(|_| limits.iter().any(|bounded| of_points(&bounded))) else {
        return Ok(());
    };
    let question = range.question(head.uri.query(), received.now.wall_ms);
    let known = catalog.known(context, head, question.start_ms.is_some()).await?;
    for bounded in limits.iter().filter(of_points) {
        let excess = points::excess(bounded, range, &question, known.as_deref());
        unless_shadow(bounded, excess)?;
    }
    Ok(())
}

fn range(matched: RouteMatch, received: &Received) -> Option<&RangeRule> {
    matched.route(&received.snapshot.policy)?.range.as_ref()
}

/// The catalog that is asked about streams, and the bound of that.
pub(crate) struct Catalog<'a> {
    pub(crate) streams: &'a dyn StreamCatalog,
    pub(crate) destination: &'a Destination,
    pub(crate) wait_max: Duration,
}

impl Catalog<'_> {
    /// Asks the API inside about the streams; nobody asks one elsewhere.
    async fn known(
        &self,
        context: &RequestContext,
        head: &Parts,
        has_start: bool,
    ) -> Result<Option<Vec<Series>>, Refusal> {
        let Destination::Embedded = self.destination else {
            return Ok(None);
        };
        let question = StreamQuestion {
            identity: &context.identity,
            uri: &head.uri,
            has_start,
        };
        let waited = self.wait_max;
        let answer = timeout(waited, self.streams.describe(question)).await;
        answer.map_err(|_| Refusal::UpstreamSilent { waited })
    }
}
