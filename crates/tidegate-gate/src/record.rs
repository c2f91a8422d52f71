//! The record of an answer: a count in the statistics, and of a refusal a line of the log and a place in the memory behind
//! `explain`.

use http::{Method, StatusCode, Uri, request::Parts};
use tidegate_core::{refusal::Refusal, time::Now};
use tidegate_engine::{
    engine::Engine,
    refusals::{DecisionId, PATH_BYTES_MAX, Remembered},
    stats::{Answered, CacheOutcome, RefusalKind},
};

use crate::{refused::Refused, request_context::RequestContext};

/// The request's first line, for those who explain a refusal later. It shares the request's bytes, and so its secrets:
/// nothing prints it but `RequestLine::without_query`.
pub struct RequestLine {
    method: Method,
    uri: Uri,
}

/// Records a refusal under its decision id. Once of each request, when its answer is written.
pub(crate) fn refused(engine: &Engine, decision: DecisionId, refused: Refused, line: &RequestLine, now: Now) {
    let status = refused.status();
    let Refused {
        refusal,
        context,
        cells,
        ..
    } = refused;
    if let Refusal::Internal(why) = &refusal {
        tracing::error!(%decision, %why, "a request failed inside");
    }
    answered(engine, &context, status, None, Some(&refusal), now);
    log(engine, decision, &context, status, &refusal, now);
    engine.refusals.remember(Remembered {
        decision,
        at_ms: now.wall_ms,
        user: context.identity.known().map(|known| known.token.subject.clone()),
        client: context.client,
        route: context.route,
        request: line.without_query(),
        status: status.as_u16(),
        refusal,
        cells,
    });
}

/// Counts an answer. Once of each request, when its head is known.
pub(crate) fn answered(
    engine: &Engine,
    context: &RequestContext,
    status: StatusCode,
    cache: Option<CacheOutcome>,
    refusal: Option<&Refusal>,
    now: Now,
) {
    let answered = Answered {
        route: context.route.as_ref(),
        page: context.page.as_ref(),
        identity: &context.identity,
        client: context.client,
        status: status.as_u16(),
        took_ns: engine.clock.mono_ns().saturating_sub(now.mono_ns),
        refusal,
        cache,
    };
    engine.stats.answered(&answered, now);
}

/// Says in the log that a request was refused, where somebody listens: the target is `tidegate_refusals`, the level debug.
/// A flood of refusals is so many lines a second, and how many were left out.
fn log(
    engine: &Engine,
    decision: DecisionId,
    context: &RequestContext,
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
    let subject = context.identity.known().map_or("", |known| &*known.token.subject);
    // What callers or other systems chose is written as Rust writes texts, so that it begins no line of its own.
    tracing::debug!(
        target: "tidegate_refusals",
        %decision,
        kind = RefusalKind::from(refusal).as_str(),
        status = status.as_u16(),
        route = context.route.as_deref().unwrap_or(""),
        limit,
        ?subject,
        client = %context.client,
        left_out,
        "refused"
    );
}

impl RequestLine {
    /// Takes the line of this head.
    pub fn of(head: &Parts) -> RequestLine {
        RequestLine {
            method: head.method.clone(),
            uri: head.uri.clone(),
        }
    }

    /// Method and path as they are remembered; never the query, which may hold a credential.
    fn without_query(&self) -> String {
        let path = self.uri.path();
        format!("{} {}", self.method, &path[..path.floor_char_boundary(PATH_BYTES_MAX)])
    }
}

#[cfg(test)]
mod tests;
