//! One kept answer.

use std::time::Duration;

use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, Method, Response, StatusCode,
    header::{
        AGE, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_LOCATION, CONTENT_RANGE, CONTENT_TYPE, DATE,
        ETAG, EXPIRES, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, TRANSFER_ENCODING, VARY,
    },
};
use tidegate_core::{
    freshness::{self, Lifetime},
    partition::CellId,
    time::Now,
};

use super::key::Keys;
use crate::body::Body;

/// One kept answer.
#[derive(Debug)]
pub(super) struct StoredAnswer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// The fields that selected it, and what the request had there.
    pub(super) selects: Vec<(HeaderName, CellId)>,
    pub(super) lifetime: Lifetime,
    /// The time it was asked for, which is before it was made.
    pub(super) since_ns: u64,
    /// The tags of what it was made from.
    pub(super) tags: Vec<CellId>,
    /// The last change before it was asked for.
    pub(super) begun: u64,
    /// Its size in memory, about.
    pub(super) bytes: usize,
}

/// Bytes of an answer beside its body and the text of its fields.
const OVERHEAD_BYTES: usize = 512;
/// Bytes of a field beside its text.
const FIELD_BYTES: usize = 64;

/// Time for which a stale answer is kept to be asked about, where it can be.
const STALE_MAX: Duration = Duration::from_secs(60);
/// Fields of a 304 that are about a body, which it has not.
const OF_BODY: [HeaderName; 5] = [
    CONTENT_LENGTH,
    CONTENT_ENCODING,
    CONTENT_RANGE,
    CONTENT_TYPE,
    TRANSFER_ENCODING,
];
/// Fields of an answer that go with a 304 (RFC 9110 15.4.5).
const WITH_304: [HeaderName; 7] = [
    CACHE_CONTROL,
    CONTENT_LOCATION,
    DATE,
    ETAG,
    EXPIRES,
    LAST_MODIFIED,
    VARY,
];

impl StoredAnswer {
    pub(super) fn size(headers: &HeaderMap, body: &Bytes) -> usize {
        let fields = headers
            .iter()
            .map(|(name, value)| name.as_str().len() + value.len() + FIELD_BYTES);
        OVERHEAD_BYTES + body.len() + fields.sum::<usize>()
    }

    /// Is true when this request has the values that selected the answer.
    pub(super) fn is_for(&self, keys: &Keys, headers: &HeaderMap) -> bool {
        let has = |(name, value): &(HeaderName, CellId)| keys.field(name, headers) == *value;
        self.selects.iter().all(has)
    }

    /// Returns its age, by the clock that only goes forward.
    pub(super) fn age(&self, now: Now) -> Duration {
        let here = Duration::from_nanos(now.mono_ns.saturating_sub(self.since_ns));
        self.lifetime.age.saturating_add(here)
    }

    /// Returns the time for which it is still fresh.
    pub(super) fn left(&self, now: Now) -> Duration {
        self.lifetime.fresh_for.saturating_sub(self.age(now))
    }

    /// It as an answer to a GET or HEAD with these fields.
    pub(super) fn answer(&self, method: &Method, asked: &HeaderMap, now: Now) -> Response<Body> {
        let mut response = match self.status == StatusCode::OK && freshness::is_not_modified(asked, &self.headers) {
            true => not_modified(&self.headers),
            false => self.whole(method),
        };
        response.headers_mut().insert(AGE, self.age(now).as_secs().into());
        response
    }

    /// Is true when it is not fresh any more, and has not been for so long that nobody will ask about it.
    pub(super) fn is_of_no_use(&self, now: Now) -> bool {
        let has_validator = self.headers.contains_key(ETAG) || self.headers.contains_key(LAST_MODIFIED);
        let stays = if has_validator { STALE_MAX } else { Duration::ZERO };
        self.age(now) >= self.lifetime.fresh_for.saturating_add(stays)
    }

    /// Has a request ask whether it still holds, instead of for all of it.
    pub(super) fn ask_about(&self, headers: &mut HeaderMap) {
        for (name, of) in [(IF_NONE_MATCH, ETAG), (IF_MODIFIED_SINCE, LAST_MODIFIED)] {
            if let Some(value) = self.headers.get(of) {
                headers.insert(name, value.clone());
            }
        }
    }

    /// It once more, as the upstream said that it still holds (RFC 9111 4.3.4).
    pub(super) fn again(&self, said: &HeaderMap) -> Response<Body> {
        let mut response = self.whole(&Method::GET);
        let headers = response.headers_mut();
        headers.remove(AGE);
        for name in said.keys().filter(|name| !OF_BODY.contains(name)) {
            headers.remove(name);
            for value in said.get_all(name) {
                headers.append(name.clone(), value.clone());
            }
        }
        response
    }

    fn whole(&self, method: &Method) -> Response<Body> {
        let is_head = *method == Method::HEAD;
        let body = if is_head { Bytes::new() } else { self.body.clone() };
        let mut response = Response::new(Body::full(body));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers.clone();
        if is_head && self.status != StatusCode::NO_CONTENT {
            response.headers_mut().insert(CONTENT_LENGTH, self.body.len().into());
        }
        response
    }
}

/// Makes the answer that the caller has it already.
pub(super) fn not_modified(headers: &HeaderMap) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    for (name, value) in headers.iter().filter(|(name, _)| WITH_304.contains(name)) {
        response.headers_mut().append(name.clone(), value.clone());
    }
    response
}
