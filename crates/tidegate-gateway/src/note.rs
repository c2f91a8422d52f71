//! What is noted of every answer: for the statistics, and of a refusal a line for the log.

use http::StatusCode;
use tidegate_core::{refusal::Refusal, time::Now};
use tidegate_engine::{
    engine::Engine,
    refusals::DecisionId,
    stats::{Answered, CacheOutcome, Kind},
};

use crate::respond::Seen;

/// Notes an answer. Once of each request, when its head is known.
pub(crate) fn answered(
    engine: &Engine,
    seen: &Seen,
    status: StatusCode,
    cache: Option<CacheOutcome>,
    refusal: Option<&Refusal>,
    now: Now,
) {
    let answered = Answered {
        route: seen.route.as_ref(),
        page: seen.page.as_ref(),
        identity: &seen.identity,
        client: seen.client,
        status: status.as_u16(),
        took_ns: engine.clock.mono_ns().saturating_sub(now.mono_ns),
        refusal,
        cache,
    };
    engine.stats.answered(&answered, now);
}

/// Says in the log that a request was refused, where somebody listens: the target is `tidegate_refusals`, the level debug.
/// A flood of refusals is so many lines a second, and how many were left out.
pub(crate) fn refused(
    engine: &Engine,
    decision: DecisionId,
    seen: &Seen,
    status: StatusCode,
    refusal: &Refusal,
    now: Now,
) {
    if !tracing::enabled!(target: "tidegate_refusals", tracing::Level::DEBUG) {
        return;
    }
    let Some(left_out) = engine.stats.refusal_lines.take(now) else {
        return;
    };
    let limit = match refusal {
        Refusal::OverLimit(over) => &*over.worst.limit,
        _ => "",
    };
    let subject = seen.identity.known().map_or("", |known| &*known.token.subject);
    // What callers or other systems chose is written as Rust writes texts, so that it begins no line of its own.
    tracing::debug!(
        target: "tidegate_refusals",
        %decision,
        kind = Kind::from(refusal).as_str(),
        status = status.as_u16(),
        route = seen.route.as_deref().unwrap_or(""),
        limit,
        ?subject,
        client = %seen.client,
        left_out,
        "refused"
    );
}
