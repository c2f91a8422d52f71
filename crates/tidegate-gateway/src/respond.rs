//! The only place where status and fields of an answer are written.

use std::{
    collections::hash_map::RandomState,
    hash::{BuildHasher, Hasher},
    net::IpAddr,
    sync::Arc,
    time::Duration,
};

use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, Uri,
    header::{
        ACCEPT_ENCODING, CACHE_CONTROL, CONNECTION, CONTENT_TYPE, RETRY_AFTER, SEC_WEBSOCKET_VERSION, UPGRADE,
        WWW_AUTHENTICATE,
    },
    request::Parts,
};
use tidegate_core::{
    address,
    dialect::Dialect,
    fields::{self, RateLimitFields},
    identity::Identity,
    partition::CellId,
    refusal::{HeadBound, Refusal},
    time::Now,
};
use tidegate_engine::{
    engine::Engine,
    refusals::{PATH_BYTES_MAX, Remembered},
    sockets::SocketView,
};

use crate::{body::Body, cache::status::Outcome, document, note, socket::Shake};

/// `Tidegate-Decision`: names one refusal, for `tidegate explain`.
const DECISION: HeaderName = HeaderName::from_static("tidegate-decision");
const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// The wait asked of callers when we are short of capacity, before jitter.
const NO_CAPACITY_WAIT: Duration = Duration::from_secs(1);

/// Most jitter added to it: those who were refused together should not come back together.
const NO_CAPACITY_JITTER_MS: u64 = 4_000;

/// What is known of who asks, as far as the request came.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) identity: Identity,
    pub(crate) client: IpAddr,
    /// The tenant whose leased instance was asked.
    pub(crate) instance: Option<Arc<str>>,
    pub(crate) route: Option<Arc<str>>,
    /// The name of its page; of the callers' pages their prefix.
    pub(crate) page: Option<Arc<str>>,
    pub(crate) dialect: &'static Dialect,
    pub(crate) fields: Option<RateLimitFields>,
}

/// Which request it is, for those who explain a refusal later. It shares the request's bytes, and so its secrets:
/// nothing prints it but [`Asked::line`].
pub(crate) struct Asked {
    method: Method,
    uri: Uri,
}

/// A refusal with all that its answer says.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) refusal: Refusal,
    pub(crate) seen: Seen,
    pub(crate) fields: Option<RateLimitFields>,
    pub(crate) cells: Vec<CellId>,
    /// The caller's open sockets, where there are too many.
    pub(crate) open: Vec<SocketView>,
    /// It is to be said in a frame of the socket that was asked for.
    pub(crate) by_frame: Option<Shake>,
}

/// Writes a refusal, notes it, and remembers it under its decision id.
pub(crate) fn refuse(engine: &Engine, refused: Refused, asked: &Asked, now: Now) -> Response<Body> {
    let Refused {
        refusal,
        seen,
        fields,
        cells,
        by_frame: _,
        open,
    } = refused;
    let decision = engine.refusals.next_id(engine.caller(&seen.identity, seen.client));
    let status = status(&refusal);
    let (content_type, document) = document::of(seen.dialect, &refusal, status, decision, &open);
    let mut response = Response::new(Body::full(document));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(DECISION, text(decision.to_string()));
    if let Some(wait) = refusal.retry_after() {
        headers.insert(RETRY_AFTER, fields::retry_after_secs(wait).into());
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
    if let Some(challenge) = challenge(&refusal) {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    }
    if ends_connection(&refusal) {
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    rate_limit(headers, fields.as_ref());
    if let Refusal::Internal(why) = &refusal {
        tracing::error!(%decision, %why, "a request failed inside");
    }
    note::answered(engine, &seen, status, None, Some(&refusal), now);
    note::refused(engine, decision, &seen, status, &refusal, now);
    engine.refusals.remember(Remembered {
        decision,
        at_ms: now.wall_ms,
        user: seen.identity.known().map(|known| known.token.subject.clone()),
        client: seen.client,
        route: seen.route,
        request: asked.line(),
        status: status.as_u16(),
        refusal,
        cells,
    });
    response
}

/// Passes an upstream's answer on, with what the gate has to say beside it, and notes it.
pub(crate) fn pass(
    engine: &Engine,
    seen: &Seen,
    mut response: Response<Body>,
    outcome: Outcome,
    now: Now,
) -> Response<Body> {
    rate_limit(response.headers_mut(), seen.fields.as_ref());
    outcome.write(response.headers_mut());
    note::answered(engine, seen, response.status(), outcome.noted(), None, now);
    response
}

/// We are short of capacity: come back in a moment, and not all in the same one.
pub(crate) fn no_capacity() -> Refusal {
    // Each state is keyed afresh from the system's randomness, so its hash of nothing is a random number.
    let random = RandomState::new().build_hasher().finish();
    Refusal::NoCapacity {
        retry_after: NO_CAPACITY_WAIT + Duration::from_millis(random % (NO_CAPACITY_JITTER_MS + 1)),
    }
}

fn status(refusal: &Refusal) -> StatusCode {
    match refusal {
        Refusal::BadHandshake {
            upgrade_required: true, ..
        } => StatusCode::UPGRADE_REQUIRED,
        Refusal::Ambiguous(_) | Refusal::TwoCredentials(_) | Refusal::BadHandshake { .. } => StatusCode::BAD_REQUEST,
        Refusal::HeadTooLarge(HeadBound::Target(_)) => StatusCode::URI_TOO_LONG,
        Refusal::HeadTooLarge(_) => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
        Refusal::MissingCredential | Refusal::BadCredential(_) => StatusCode::UNAUTHORIZED,
        Refusal::NotYours(_) | Refusal::NotOfInstance | Refusal::InsufficientScope => StatusCode::FORBIDDEN,
        Refusal::NoSuch(_) | Refusal::NoRoute => StatusCode::NOT_FOUND,
        Refusal::BodyStalled => StatusCode::REQUEST_TIMEOUT,
        Refusal::BodyTooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
        Refusal::TooMuch(excess) if excess.is_too_large() => StatusCode::PAYLOAD_TOO_LARGE,
        Refusal::TooMuch(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Refusal::UnknownCoding(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Refusal::Unreadable(_) => StatusCode::BAD_REQUEST,
        Refusal::OverLimit(over) if over.worst.wait.is_never() => StatusCode::UNPROCESSABLE_ENTITY,
        Refusal::OverLimit(_) => StatusCode::TOO_MANY_REQUESTS,
        Refusal::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        Refusal::UpstreamFailed(_) => StatusCode::BAD_GATEWAY,
        Refusal::NoCapacity { .. } => StatusCode::SERVICE_UNAVAILABLE,
        Refusal::UpstreamSilent { .. } => StatusCode::GATEWAY_TIMEOUT,
    }
}

fn challenge(refusal: &Refusal) -> Option<&'static str> {
    match refusal {
        Refusal::MissingCredential => Some("Bearer"),
        Refusal::BadCredential(_) => Some("Bearer error=\"invalid_token\""),
        Refusal::InsufficientScope => Some("Bearer error=\"insufficient_scope\""),
        _ => None,
    }
}

/// After these nobody knows where the next request on the connection would begin, or wants to wait for it.
fn ends_connection(refusal: &Refusal) -> bool {
    match refusal {
        Refusal::TooMuch(excess) => excess.is_of_body(),
        Refusal::Ambiguous(_)
        | Refusal::HeadTooLarge(_)
        | Refusal::BodyTooLarge { .. }
        | Refusal::BodyStalled
        | Refusal::Unreadable(_) => true,
        _ => false,
    }
}

/// Where a limit of ours applied, it speaks alone: an upstream's own fields would contradict it.
fn rate_limit(headers: &mut HeaderMap, fields: Option<&RateLimitFields>) {
    let Some(fields) = fields else { return };
    // An answer from inside or from an upstream that is a gate itself; few are, so nothing is made for the others.
    while let Some(theirs) = headers
        .keys()
        .find(|name| name.as_str().starts_with("ratelimit"))
        .cloned()
    {
        headers.remove(theirs);
    }
    headers.insert(RATE_LIMIT_POLICY, fields.policy.clone());
    headers.insert(RATE_LIMIT, fields.limit.clone());
}

/// Structured fields and decision ids are ASCII; were one not, it is left empty rather than the answer lost.
fn text(value: String) -> HeaderValue {
    HeaderValue::try_from(value).unwrap_or(HeaderValue::from_static(""))
}

// === impl Asked ===

impl Asked {
    /// Of this head.
    pub(crate) fn of(head: &Parts) -> Asked {
        Asked {
            method: head.method.clone(),
            uri: head.uri.clone(),
        }
    }

    /// Method and path as they are remembered; never the query, which may hold a credential.
    fn line(&self) -> String {
        let path = self.uri.path();
        format!("{} {}", self.method, &path[..path.floor_char_boundary(PATH_BYTES_MAX)])
    }
}

// === impl Seen ===

impl Seen {
    /// What is known before anything was read: the address.
    pub(crate) fn first(peer: IpAddr, dialect: &'static Dialect) -> Seen {
        Seen {
            identity: Identity::Anonymous,
            client: address::unwrap(peer),
            instance: None,
            route: None,
            page: None,
            dialect,
            fields: None,
        }
    }

    /// A refusal of this request.
    pub(crate) fn refused(&self, refusal: Refusal) -> Refused {
        // Where we are short of capacity nothing is charged, and the fields still say that something was.
        let is_charged = !matches!(refusal, Refusal::NoCapacity { .. });
        Refused {
            refusal,
            seen: self.clone(),
            fields: self.fields.clone().filter(|_| is_charged),
            cells: Vec::new(),
            open: Vec::new(),
            by_frame: None,
        }
    }
}

#[cfg(test)]
mod tests;
