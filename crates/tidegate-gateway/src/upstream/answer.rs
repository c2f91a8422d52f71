//! The head of an upstream's answer, and how long the body behind it is (RFC 9112 4 to 6).
//!
//! A message that can be read in two ways is no answer: lengths that differ, a coding in HTTP/1.0. A coding rules
//! over a length (6.3), and `header_rewrite::down` then takes the length away.

pub mod content;

use std::mem::MaybeUninit;

use bytes::{Buf, Bytes, BytesMut};
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, Version,
    header::{CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING},
};
use hyper::ext::ReasonPhrase;

use content::Content;

/// A head that was read to its end.
#[derive(Debug)]
pub struct Head {
    /// Status and fields. [`ReasonPhrase`] stands among its extensions where it is not the usual one.
    pub response: Response<()>,
    /// The body behind it.
    pub content: Content,
    /// The connection may carry another request after it.
    pub keeps: bool,
}

/// Bytes that are not the answer of a server that speaks HTTP/1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no answer in HTTP/1")]
pub struct Unreadable;

/// Most bytes of a head, those of informational ones before it among them, or of one line within a body.
pub const HEAD_BYTES_MAX: usize = 128 * 1024;

/// Most fields of a head.
pub const FIELDS_MAX: usize = 100;

/// Room for the fields that an answer gets on its way down, so that their map need not grow.
const FIELDS_ADDED: usize = 4;

/// Takes the head that these bytes begin with off them; `None` where it is not whole yet. The head of an informational
/// answer is one like others.
///
/// # Errors
/// Fails when it is no head, or one that can be read in two ways.
pub fn take(held: &mut BytesMut, asked: &Method) -> Result<Option<Head>, Unreadable> {
    if held.is_empty() {
        return Ok(None);
    }
    let mut space = [const { MaybeUninit::uninit() }; FIELDS_MAX];
    let mut parsed = httparse::Response::new(&mut []);
    let read = httparse::ParserConfig::default().parse_response_with_uninit_headers(&mut parsed, held, &mut space);
    let end = match read.map_err(|_| Unreadable)? {
        httparse::Status::Complete(end) if end <= HEAD_BYTES_MAX => end,
        httparse::Status::Partial if held.len() < HEAD_BYTES_MAX => return Ok(None),
        _ => return Err(Unreadable),
    };
    let status = parsed.code.and_then(|code| StatusCode::from_u16(code).ok());
    let mut response = Response::new(());
    *response.status_mut() = status.ok_or(Unreadable)?;
    if parsed.version == Some(0) {
        *response.version_mut() = Version::HTTP_10;
    }
    let reason = parsed
        .reason
        .filter(|reason| response.status().canonical_reason() != Some(reason));
    if let Some(reason) = reason.and_then(|reason| ReasonPhrase::try_from(reason.as_bytes()).ok()) {
        response.extensions_mut().insert(reason);
    }
    // The values are slices of a copy: what else came is not held by them.
    let begin = held.as_ptr().addr();
    let head = Bytes::copy_from_slice(&held[..end]);
    let mut fields = HeaderMap::with_capacity(parsed.headers.len() + FIELDS_ADDED);
    for field in &*parsed.headers {
        let at = field.value.as_ptr().addr() - begin;
        let value = head.slice(at..at + field.value.len());
        let name = HeaderName::from_bytes(field.name.as_bytes()).map_err(|_| Unreadable)?;
        fields.append(name, HeaderValue::from_maybe_shared(value).map_err(|_| Unreadable)?);
    }
    held.advance(end);
    *response.headers_mut() = fields;
    let content = content(&response, asked)?;
    Ok(Some(Head {
        keeps: keeps(&response) && !is_tunnel(&response, asked) && !matches!(content, Content::UntilClose),
        content,
        response,
    }))
}

/// Finds the length of the body (RFC 9112 6.3).
fn content(response: &Response<()>, asked: &Method) -> Result<Content, Unreadable> {
    let status = response.status();
    let bodiless = matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    if status.is_informational() || bodiless || asked == Method::HEAD || is_tunnel(response, asked) {
        return Ok(Content::Ended);
    }
    let fields = response.headers();
    if let Some(coding) = fields.get_all(TRANSFER_ENCODING).iter().next_back() {
        if response.version() == Version::HTTP_10 {
            return Err(Unreadable);
        }
        let last = coding.to_str().ok().and_then(|codings| codings.rsplit(',').next());
        return Ok(match last {
            Some(last) if last.trim_ascii().eq_ignore_ascii_case("chunked") => Content::chunked(),
            _ => Content::UntilClose,
        });
    }
    let mut length = None;
    for line in fields.get_all(CONTENT_LENGTH) {
        for one in line.as_bytes().split(|byte| *byte == b',') {
            let one = number(one.trim_ascii()).ok_or(Unreadable)?;
            if *length.get_or_insert(one) != one {
                return Err(Unreadable);
            }
        }
    }
    Ok(match length {
        None => Content::UntilClose,
        Some(0) => Content::Ended,
        Some(bytes) => Content::Length(bytes),
    })
}

/// Is true when the connection is to be used again (RFC 9112 9.3). A field that asks to close is not undone by another one.
fn keeps(response: &Response<()>) -> bool {
    let says = |what: &[u8]| {
        let mut lines = response.headers().get_all(CONNECTION).iter();
        lines.any(|line| {
            let mut options = line.as_bytes().split(|byte| *byte == b',');
            options.any(|option| option.trim_ascii().eq_ignore_ascii_case(what))
        })
    };
    let is_upgrade = response.status() == StatusCode::SWITCHING_PROTOCOLS;
    !is_upgrade && !says(b"close") && (response.version() == Version::HTTP_11 || says(b"keep-alive"))
}

/// Behind it there is no HTTP any more (RFC 9110 9.3.6).
fn is_tunnel(response: &Response<()>, asked: &Method) -> bool {
    asked == Method::CONNECT && response.status().is_success()
}

/// Digits and nothing else, of a number that also fits where it is signed.
fn number(text: &[u8]) -> Option<u64> {
    if text.is_empty() {
        return None;
    }
    let number = text.iter().try_fold(0_i64, |number, byte| {
        let digit = char::from(*byte).to_digit(10)?;
        number.checked_mul(10)?.checked_add(i64::from(digit))
    })?;
    u64::try_from(number).ok()
}

#[cfg(test)]
mod tests;
