//! A refusal as data: everything that an answer says of it, before anybody writes one.

use std::{
    collections::hash_map::RandomState,
    hash::{BuildHasher, Hasher},
    time::Duration,
};

use http::StatusCode;
use tidegate_core::{
    fields,
    partition::CellId,
    refusal::{HeadBound, Refusal},
    socket::SocketRules,
};
use tidegate_engine::sockets::SocketView;

use crate::request_context::RequestContext;

/// The wait asked of callers when we are short of capacity, before jitter.
const NO_CAPACITY_WAIT: Duration = Duration::from_secs(1);

/// Most jitter added to it: those who were refused together should not come back together.
const NO_CAPACITY_JITTER_MS: u64 = 4_000;

/// A refusal with all that its answer says.
#[derive(Clone, Debug)]
pub struct Refused {
    /// The reason.
    pub refusal: Refusal,
    /// The request, as far as it came; with the RateLimit fields of the answer.
    pub context: RequestContext,
    /// The cells that refused, for a pardon.
    pub cells: Vec<CellId>,
    /// The caller's open sockets, where there are too many.
    pub open_sockets: Vec<SocketView>,
    /// The rules of the socket that was asked for, where the refusal is to be said in a frame of it.
    pub by_frame: Option<Box<SocketRules>>,
}

impl Refused {
    /// A refusal of this request.
    pub fn new(mut context: RequestContext, refusal: Refusal) -> Refused {
        // Where we are short of capacity nothing is charged, and the fields would say that something was.
        if let Refusal::NoCapacity { .. } = refusal {
            context.fields = None;
        }
        Refused {
            refusal,
            context,
            cells: Vec::new(),
            open_sockets: Vec::new(),
            by_frame: None,
        }
    }

    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        status(&self.refusal)
    }

    /// The wait of `Retry-After`, in seconds.
    pub fn retry_after_s(&self) -> Option<u64> {
        self.refusal.retry_after().map(fields::retry_after_secs)
    }

    /// The challenge of `WWW-Authenticate`, where a credential would help.
    pub fn challenge(&self) -> Option<&'static str> {
        match self.refusal {
            Refusal::MissingCredential => Some("Bearer"),
            Refusal::BadCredential(_) => Some("Bearer error=\"invalid_token\""),
            Refusal::InsufficientScope => Some("Bearer error=\"insufficient_scope\""),
            _ => None,
        }
    }

    /// The connection ends behind the answer: nobody knows where the next request on it would begin, or wants to wait for
    /// it.
    pub fn ends_connection(&self) -> bool {
        match &self.refusal {
            Refusal::TooMuch(excess) => excess.is_of_body(),
            Refusal::Ambiguous(_)
            | Refusal::HeadTooLarge(_)
            | Refusal::BodyTooLarge { .. }
            | Refusal::BodyStalled
            | Refusal::Unreadable(_) => true,
            _ => false,
        }
    }
}

/// We are short of capacity: come back in a moment, and not all in the same one.
pub fn no_capacity() -> Refusal {
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

#[cfg(test)]
mod tests;
