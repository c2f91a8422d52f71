//! The writer of answers: the only place where status and fields of a refusal are written.

use http::{
    HeaderMap, HeaderName, HeaderValue, Response, StatusCode,
    header::{
        ACCEPT_ENCODING, CACHE_CONTROL, CONNECTION, CONTENT_TYPE, RETRY_AFTER, SEC_WEBSOCKET_VERSION, UPGRADE,
        WWW_AUTHENTICATE,
    },
};
use tidegate_core::fields::RateLimitFields;
use tidegate_engine::refusals::DecisionId;
use tidegate_gate::Refused;

use crate::{body::Body, cache::status::Outcome, document};

/// `Tidegate-Decision`: names one refusal, for `tidegate explain`.
const DECISION: HeaderName = HeaderName::from_static("tidegate-decision");
const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Writes a refusal under its decision id.
pub(crate) fn refuse(refused: &mut Refused, decision: DecisionId) -> Response<Body> {
    let status = refused.status();
    let (dialect, open) = (refused.context.dialect, &refused.open_sockets);
    let (content_type, document) = document::of(dialect, &refused.refusal, status, decision, open);
    let mut response = Response::new(Body::full(document));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(DECISION, text(decision.to_string()));
    if let Some(wait_s) = refused.retry_after_s() {
        headers.insert(RETRY_AFTER, wait_s.into());
    }
    if status == StatusCode::UPGRADE_REQUIRED {
        // RFC 9110 15.5.22 and RFC 6455 4.4: what would have been right.
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
    }
    if status == StatusCode::UNSUPPORTED_MEDIA_TYPE {
        // RFC 9110 15.5.16 and 12.5.3: the codings that would be read.
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip, br, zstd"));
    }
    if let Some(challenge) = refused.challenge() {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    }
    if refused.ends_connection() {
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    rate_limit(headers, refused.context.fields.take());
    response
}

/// Passes an upstream's answer on, with what the gate has to say beside it.
pub(crate) fn pass(mut response: Response<Body>, fields: Option<RateLimitFields>, outcome: Outcome) -> Response<Body> {
    rate_limit(response.headers_mut(), fields);
    outcome.write(response.headers_mut());
    response
}

/// Writes our own fields alone where a limit of ours applied: an upstream's would contradict them.
fn rate_limit(headers: &mut HeaderMap, fields: Option<RateLimitFields>) {
    let Some(fields) = fields else { return };
    // An answer from inside or from an upstream that is a gate itself; few are, so nothing is made for the others.
    while let Some(theirs) = headers
        .keys()
        .find(|name| name.as_str().starts_with("ratelimit"))
        .cloned()
    {
        headers.remove(theirs);
    }
    headers.insert(RATE_LIMIT_POLICY, fields.policy);
    headers.insert(RATE_LIMIT, fields.limit);
}

/// Structured fields and decision ids are ASCII; were one not, it is left empty rather than the answer lost.
fn text(value: String) -> HeaderValue {
    HeaderValue::try_from(value).unwrap_or(HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests;
