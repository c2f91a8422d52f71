//! Answers as bytes.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use http_body_util::Full;
use std::{collections::BTreeSet, sync::Arc};

/// The body of every answer: one buffer, bounded by the record and sample caps of the dialects.
pub type ReplyBody = Full<Bytes>;

/// The number of samples a write stored: an extension of its answer, for a host that counts them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stored(pub u64);

/// The change a request made, for hosts that keep answers: stands among the extensions of its answer. Without it a
/// change may be to anything of the tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// The ids of the components whose streams were written to, each once.
    pub components: Vec<Arc<str>>,
}

impl Changed {
    pub(crate) fn of<'a>(components: impl Iterator<Item = &'a Arc<str>>) -> Changed {
        let once: BTreeSet<&Arc<str>> = components.collect();
        Changed {
            components: once.into_iter().cloned().collect(),
        }
    }
}

/// An answer with a JSON document.
pub(crate) fn json(status: StatusCode, document: &serde_json::Value) -> Response<ReplyBody> {
    bytes(status, "application/json", document.to_string())
}

/// An answer with a document that is already written.
pub(crate) fn bytes(status: StatusCode, content_type: &'static str, document: impl Into<Bytes>) -> Response<ReplyBody> {
    let mut response = Response::new(Full::new(document.into()));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
