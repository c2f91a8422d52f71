//! What one request asks and carries, against the limits of its route: what its head says before it goes on, and its body
//! while it streams.

use http::request::Parts;
use tidegate_core::{
    payload::{
        Bounded, PayloadKind, bounded,
        excess::{Excess, Of},
        points::{self, RangeRule, Series},
        upload::UploadFormat,
    },
    policy::Policy,
    refusal::Refusal,
    route::Route,
    time::Now,
};
use tidegate_engine::snapshot::Snapshot;

use crate::{
    body::request::RequestBody, gateway::Doors, inside::Question, inspect::Looked, onwards::To, respond::Seen,
};

/// Looks at an admitted request, and has its body looked at as it streams. It has cost its one unit by now.
pub(crate) async fn look(
    doors: &Doors,
    snapshot: &Snapshot,
    seen: &Seen,
    to: &To,
    head: &Parts,
    body: &mut RequestBody,
    now: Now,
) -> Result<(), Refusal> {
    let Some(route) = looked_at(&snapshot.policy, seen) else {
        return Ok(());
    };
    let shapes = route
        .payload_limits
        .iter()
        .map(|index| snapshot.policy.payload_limit(*index));
    let looked = Looked {
        limits: bounded(
            shapes,
            &seen.identity,
            seen.instance.as_ref(),
            &snapshot.overrides,
            now.wall_ms,
        ),
        format: route.body,
    };
    declared(&looked.limits, body)?;
    if let Some(range) = &route.range {
        asked(doors, &looked.limits, range, seen, to, head, now).await?;
    }
    let mut samples = 0;
    if let Some(format) = looked.format {
        samples = in_query(&looked, format, head, now)?;
    }
    body.fate().add_samples(samples);
    if !body.is_end() {
        let inspection = looked.body(&head.headers, doors.bounds.body_bytes_max, &doors.decoders, now)?;
        body.inspect(inspection);
    }
    Ok(())
}

/// The route, where anything looks at its requests.
fn looked_at<'p>(policy: &'p Policy, seen: &Seen) -> Option<&'p Route> {
    let route = policy.route_named(seen.route.as_ref()?)?;
    (!route.payload_limits.is_empty() || route.body.is_some()).then_some(route)
}

/// A limit in the shadow says what it would do.
fn unless_shadow(bounded: &Bounded, excess: Option<Excess>) -> Result<(), Refusal> {
    match excess {
        None => Ok(()),
        Some(excess) if bounded.limit.shadow => {
            tracing::info!(limit = %excess.limit, "a limit in the shadow would refuse: {}", excess.sentence());
            Ok(())
        }
        Some(excess) => Err(Refusal::TooMuch(excess.into())),
    }
}

/// The length that a body says it has.
fn declared(limits: &[Bounded], body: &RequestBody) -> Result<(), Refusal> {
    let Some(bytes) = body.declared_bytes() else {
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
async fn asked(
    doors: &Doors,
    limits: &[Bounded],
    range: &RangeRule,
    seen: &Seen,
    to: &To,
    head: &Parts,
    now: Now,
) -> Result<(), Refusal> {
    let of_points = |bounded: &&Bounded| matches!(bounded.limit.kind, PayloadKind::Points { .. });
    if !limits.iter().any(|bounded| of_points(&bounded)) {
        return Ok(());
    }
    let question = range.question(head.uri.query(), now.wall_ms);
    let known = known(doors, seen, to, head, question.start_ms.is_some()).await?;
    for bounded in limits.iter().filter(of_points) {
        let excess = points::excess(bounded, range, &question, known.as_deref());
        unless_shadow(bounded, excess)?;
    }
    Ok(())
}

/// What the API inside knows of the streams; nobody asks one elsewhere.
async fn known(
    doors: &Doors,
    seen: &Seen,
    to: &To,
    head: &Parts,
    has_start: bool,
) -> Result<Option<Vec<Series>>, Refusal> {
    let To::Streams = to else { return Ok(None) };
    let question = Question {
        identity: &seen.identity,
        uri: &head.uri,
        has_start,
    };
    let waited = doors.bounds.upstream_timeout;
    let answer = tokio::time::timeout(waited, doors.streams.describe(question)).await;
    answer.map_err(|_| Refusal::UpstreamSilent { waited })
}

/// The samples of a query that stands for a body.
fn in_query(looked: &Looked, format: &UploadFormat, head: &Parts, now: Now) -> Result<u64, Refusal> {
    let mut shadow = looked.upload(true);
    if let Err(excess) = (format.read_query)(head.uri.query(), now.wall_ms, &mut shadow) {
        tracing::info!(limit = %excess.limit, "a limit in the shadow would refuse: {}", excess.sentence());
    }
    let mut upload = looked.upload(false);
    (format.read_query)(head.uri.query(), now.wall_ms, &mut upload).map_err(Refusal::TooMuch)?;
    Ok(upload.samples())
}
