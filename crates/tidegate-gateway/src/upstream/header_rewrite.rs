//! Heads on their way: the request that goes up, and the answer that comes down.
//!
//! Up: the path and query exactly as received, `Host` the upstream's own (whoever sends the request knows the server
//! and writes it), since `--upstream URL` may name any server and most pick a site by it; the client's goes into `X-Forwarded-Host`. `X-Forwarded-For` is what the
//! client wrote, without what listed proxies added, and the client's address on its right: on GroveStreams routes
//! what a caller wrote there is a sub-key the platform reads, and the last entry is the only one that anybody may
//! trust. `X-Real-IP` is that address too, where one was sent. `X-Forwarded-Proto` and `X-Forwarded-Host` are ours
//! alone, and `Forwarded` is dropped, for a half-true one helps nobody.

use std::net::IpAddr;

use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, Uri, Version,
    header::{CONTENT_LENGTH, EXPECT, FORWARDED, HOST, TRAILER, TRANSFER_ENCODING},
    request::Parts,
    uri::PathAndQuery,
};
use http_body::Body as _;
use tidegate_core::forwarded::X_FORWARDED_FOR;

use crate::{body::Body, hop_by_hop, net::OverTls};

const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const REAL_IP: HeaderName = HeaderName::from_static("x-real-ip");

/// The request as it goes up, but for its `Host`. `None` where the upstream's base and the path are no address together.
pub(crate) fn up(head: Parts, body: Body, base: &Uri, client: IpAddr) -> Option<Request<Body>> {
    let mut headers = head.headers;
    hop_by_hop::strip(&mut headers);
    // Trailers are not passed on; `Expect` is answered here, when the body is first read.
    hop_by_hop::remove_any(&mut headers, &[TRAILER, EXPECT, FORWARDED]);
    forwarded(&mut headers, client);
    let scheme = if head.extensions.get::<OverTls>().is_some() {
        "https"
    } else {
        "http"
    };
    headers.insert(FORWARDED_PROTO, HeaderValue::from_static(scheme));
    frame(&mut headers, &body);
    let mut request = Request::new(body);
    *request.method_mut() = head.method;
    *request.uri_mut() = target(base, head.uri.path_and_query()?)?;
    *request.headers_mut() = headers;
    Some(request)
}

/// The answer as it comes down.
pub(crate) fn down(mut response: Response<Body>) -> Response<Body> {
    let coded = response.headers().contains_key(TRANSFER_ENCODING);
    let bodiless = matches!(response.status(), StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    let exact = response
        .body()
        .size_hint()
        .exact()
        .filter(|bytes| *bytes > 0 && !bodiless);
    let headers = response.headers_mut();
    hop_by_hop::strip(headers);
    let own: Vec<HeaderName> = headers
        .keys()
        .filter(|name| name.as_str().starts_with("tidegate-"))
        .cloned()
        .collect();
    for name in own {
        headers.remove(name);
    }
    if coded {
        // RFC 9112 6.3: the coding is the length, and what stands beside it is nothing or an attack.
        headers.remove(CONTENT_LENGTH);
    } else if let Some(bytes) = exact
        && !is_plain(headers)
    {
        headers.insert(CONTENT_LENGTH, bytes.into());
    }
    *response.version_mut() = Version::HTTP_11;
    response
}

/// Is true when the length stands there once and as one number. The reader of the answer has refused anything else.
fn is_plain(headers: &HeaderMap) -> bool {
    let mut lengths = headers.get_all(CONTENT_LENGTH).iter().map(HeaderValue::as_bytes);
    let is_number = |length: &[u8]| !length.starts_with(b"0") && length.iter().all(u8::is_ascii_digit);
    lengths.next().is_some_and(is_number) && lengths.next().is_none()
}

fn forwarded(headers: &mut HeaderMap, client: IpAddr) {
    let mut chain = Vec::with_capacity(CHAIN_BYTES);
    for sent in headers.get_all(X_FORWARDED_FOR) {
        if !sent.is_empty() {
            chain.extend_from_slice(sent.as_bytes());
            chain.extend_from_slice(b", ");
        }
    }
    let sent_bytes = chain.len();
    write_address(&mut chain, client);
    if headers.contains_key(REAL_IP)
        && let Ok(client) = HeaderValue::from_bytes(&chain[sent_bytes..])
    {
        headers.insert(REAL_IP, client);
    }
    // Values that came as fields and an address are a field again.
    if let Ok(chain) = HeaderValue::from_maybe_shared(Bytes::from(chain)) {
        headers.insert(X_FORWARDED_FOR, chain);
    }
    if let Some(host) = headers.remove(HOST) {
        headers.insert(FORWARDED_HOST, host);
    }
}

/// Bytes of an address, without others before it.
const CHAIN_BYTES: usize = 40;

/// Each request writes one, and the formatter takes ten times as long for IPv4.
fn write_address(text: &mut Vec<u8>, address: IpAddr) {
    let IpAddr::V4(v4) = address else {
        return text.extend_from_slice(address.to_string().as_bytes());
    };
    for (at, octet) in v4.octets().into_iter().enumerate() {
        if at > 0 {
            text.push(b'.');
        }
        if octet >= 100 {
            text.push(b'0' + octet / 100);
        }
        if octet >= 10 {
            text.push(b'0' + octet / 10 % 10);
        }
        text.push(b'0' + octet % 10);
    }
}

/// Writes the body's one length: hyper takes a GET of unknown length for one without a body.
fn frame(headers: &mut HeaderMap, body: &Body) {
    match body.size_hint().exact() {
        Some(0) => {
            // `Content-Length: 0` goes on as it came; without one, there is none to add.
            if headers.contains_key(CONTENT_LENGTH) {
                headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
            }
        }
        Some(bytes) => {
            headers.insert(CONTENT_LENGTH, bytes.into());
        }
        None => {
            headers.remove(CONTENT_LENGTH);
            headers.insert(TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
        }
    }
}

fn target(base: &Uri, asked: &PathAndQuery) -> Option<Uri> {
    let prefix = base.path().trim_end_matches('/');
    if prefix.is_empty() {
        return Some(Uri::from(asked.clone()));
    }
    format!("{prefix}{asked}").parse::<PathAndQuery>().ok().map(Uri::from)
}

#[cfg(test)]
mod tests;
