//! The facts of a request, borrowed from its head, plus the address it came from.

use std::{
    borrow::Cow,
    net::{IpAddr, Ipv6Addr},
};

use http::{HeaderMap, HeaderValue, Method, request::Parts};
use percent_encoding::percent_decode_str;

use crate::address;

/// The facts of one request. Everything later is decided from these and nothing else.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'r> {
    /// The method.
    pub method: &'r Method,
    /// The path, in the one form that is also forwarded.
    pub path: &'r str,
    /// The query, without `?`.
    pub query: Option<&'r str>,
    /// The header fields as received.
    pub headers: &'r HeaderMap,
    /// The client's address, IPv4-mapped and NAT64 forms unwrapped.
    pub client: IpAddr,
}

/// The reason why a request can be read in two ways; answered 400 before any limit, and charged to none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Ambiguous {
    /// RFC 9112 3.2: a request has exactly one Host.
    #[error("a request needs exactly one Host field")]
    HostCount,
    /// RFC 9112 3.2: the Host is a host and an optional port.
    #[error("the Host field is not a host name with an optional port")]
    HostForm,
    /// RFC 9112 3.2.2: a target in absolute form names the same host.
    #[error("the request target and the Host field name different hosts")]
    HostDiffers,
    /// RFC 9112 6.1: a length and a coding at once are two lengths.
    #[error("Content-Length and Transfer-Encoding together are ambiguous")]
    LengthAndCoding,
    /// RFC 9112 6.3: one number, in digits.
    #[error("Content-Length is not one number")]
    Length,
    /// Only `chunked`, once, is a coding both sides read alike.
    #[error("the only transfer coding accepted is `chunked`")]
    Coding,
    /// RFC 9110 10.1.1: only `100-continue` is defined.
    #[error("the only expectation accepted is `100-continue`")]
    Expectation,
    /// Some servers read `_` as `-`: such a field would be two fields.
    #[error("a field name contains an underscore")]
    Underscore,
    /// The path has two readings: `//`, dot segments, a backslash, a semicolon, a raw non-ASCII byte, or an escape that
    /// is broken or hides a letter, digit, slash or NUL.
    #[error(
        "the path can be read in two ways: it has `//`, a `.` or `..` segment, a backslash, a semicolon, a raw non-ASCII byte, or an escape of a letter, digit, slash or NUL"
    )]
    Path,
    /// CONNECT and `*` address a proxy or a server as a whole; there is nothing here for them, nor for a fragment.
    #[error("the request target is not a path, or holds a byte that must be written as an escape")]
    Target,
    /// RFC 9112 2.2: a lone CR or LF ends a line for some servers and not for others.
    #[error("a line of the head does not end with CR LF")]
    LineEnd,
    /// RFC 9112 3: one space each, and a version that is served here over this connection.
    #[error("the first line is not a method, a target and `HTTP/1.1` or `HTTP/1.0`, with one space between them")]
    RequestLine,
    /// RFC 9112 5: a space before the colon, a folded line or a control character makes two fields of one.
    #[error("a header line is not a name, a colon and a value of printable characters")]
    FieldLine,
    /// RFC 9112 7.1: a size in hexadecimal digits alone, and each line ended by CR LF.
    #[error("the body is not in well-formed chunks")]
    Chunks,
}

impl<'r> Facts<'r> {
    /// Reads the facts from a head, or says why it has two readings.
    pub fn read(head: &'r Parts, peer: IpAddr) -> Result<Facts<'r>, Ambiguous> {
        check_host(head)?;
        check_framing(&head.headers)?;
        let path = head.uri.path();
        if head.method == Method::CONNECT || !path.starts_with('/') {
            return Err(Ambiguous::Target);
        }
        check_path(path)?;
        if head.uri.query().is_some_and(|query| !query.is_ascii()) {
            return Err(Ambiguous::Path);
        }
        Ok(Facts {
            method: &head.method,
            path,
            query: head.uri.query(),
            headers: &head.headers,
            client: address::unwrap(peer),
        })
    }

    /// The Host field: who was asked, with the port if one was written.
    pub fn host(&self) -> &'r str {
        let field = self.headers.get(http::header::HOST);
        field.and_then(|field| field.to_str().ok()).unwrap_or_default()
    }

    /// The decoded values of a query parameter, in order. `+` is a space, as forms write it.
    pub fn query_values(&self, name: &str) -> impl Iterator<Item = Cow<'r, str>> {
        query_values(self.query, name)
    }
}

/// The decoded values of a parameter of this query, in order. `+` is a space, as forms write it.
pub fn query_values<'q>(query: Option<&'q str>, name: &str) -> impl Iterator<Item = Cow<'q, str>> {
    query_pairs(query)
        .filter(move |(key, _)| key == name)
        .map(|(_, value)| value)
}

/// All parameters of a query, decoded, in order.
pub fn query_pairs(query: Option<&str>) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    query
        .into_iter()
        .flat_map(|query| query.split('&'))
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(key, value)| (decode(key), decode(value)))
}

fn decode(text: &str) -> Cow<'_, str> {
    if text.contains('+') {
        let spaced = text.replace('+', " ");
        return Cow::Owned(percent_decode_str(&spaced).decode_utf8_lossy().into_owned());
    }
    percent_decode_str(text).decode_utf8_lossy()
}

fn check_host(head: &Parts) -> Result<(), Ambiguous> {
    let mut hosts = head.headers.get_all(http::header::HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return Err(Ambiguous::HostCount);
    };
    let host = host.to_str().map_err(|_| Ambiguous::HostForm)?;
    if !is_host(host) {
        return Err(Ambiguous::HostForm);
    }
    match head.uri.authority() {
        Some(target) if !target.as_str().eq_ignore_ascii_case(host) => Err(Ambiguous::HostDiffers),
        _ => Ok(()),
    }
}

/// A name or address and an optional port. Narrower than RFC 3986, which lets a name hold escapes, `;` and `@`'s
/// neighbours: no real name does, and two parsers may part them differently.
fn is_host(text: &str) -> bool {
    let (host_is_good, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((v6, after)) => (v6.parse::<Ipv6Addr>().is_ok(), after),
        None => {
            let (name, after) = text.split_at(text.find(':').unwrap_or(text.len()));
            (
                !name.is_empty()
                    && name
                        .bytes()
                        .all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)),
                after,
            )
        }
    };
    let port_is_good = match port.strip_prefix(':') {
        Some(digits) => digits.bytes().all(|byte| byte.is_ascii_digit()) && digits.parse::<u16>().is_ok(),
        None => port.is_empty(),
    };
    host_is_good && port_is_good
}

fn check_framing(headers: &HeaderMap) -> Result<(), Ambiguous> {
    use http::header::{CONTENT_LENGTH, EXPECT, TRANSFER_ENCODING};
    if headers
        .keys()
        .any(|name| name.as_str().bytes().any(|byte| byte == b'_'))
    {
        return Err(Ambiguous::Underscore);
    }
    let mut codings = headers.get_all(TRANSFER_ENCODING).iter();
    if let Some(coding) = codings.next() {
        if codings.next().is_some() || !coding.as_bytes().eq_ignore_ascii_case(b"chunked") {
            return Err(Ambiguous::Coding);
        }
        if headers.contains_key(CONTENT_LENGTH) {
            return Err(Ambiguous::LengthAndCoding);
        }
    }
    let mut lengths = headers.get_all(CONTENT_LENGTH).iter();
    if lengths
        .next()
        .is_some_and(|length| lengths.next().is_some() || !is_length(length.as_bytes()))
    {
        return Err(Ambiguous::Length);
    }
    let known = |expect: &HeaderValue| expect.as_bytes().eq_ignore_ascii_case(b"100-continue");
    if headers.get_all(EXPECT).iter().all(known) {
        Ok(())
    } else {
        Err(Ambiguous::Expectation)
    }
}

/// Digits and nothing else: `parse` alone would read `+2`.
fn is_length(text: &[u8]) -> bool {
    text.iter().all(u8::is_ascii_digit) && std::str::from_utf8(text).is_ok_and(|digits| digits.parse::<u64>().is_ok())
}

fn check_path(path: &str) -> Result<(), Ambiguous> {
    let bytes = path.as_bytes();
    // One look at each byte: every request has a path.
    let is_doubtful = |at: usize| match bytes[at] {
        b'/' => matches!(
            &bytes[at + 1..],
            [b'/', ..] | [b'.'] | [b'.', b'/', ..] | [b'.', b'.'] | [b'.', b'.', b'/', ..]
        ),
        // `;x=1` is part of the segment here and dropped by many servers in Java: `/..;/` and `/1;x=1` would pass a grant
        // or a limit of one path and be served as another.
        b'\\' | b';' => true,
        // An encoded letter, digit, dot, dash, underscore or tilde is the same path to an upstream and another one
        // to a matcher of text: a way round a limit. RFC 3986 2.3 says nobody should write them so.
        b'%' => {
            escaped(&bytes[at + 1..]).is_none_or(|byte| byte.is_ascii_alphanumeric() || b"-._~/\\\0".contains(&byte))
        }
        byte => !byte.is_ascii(),
    };
    match (0..bytes.len()).any(is_doubtful) {
        true => Err(Ambiguous::Path),
        false => Ok(()),
    }
}

/// The byte that two hexadecimal digits stand for; `from_str_radix` on both at once would read `%+1`.
fn escaped(after: &[u8]) -> Option<u8> {
    let digit = |at: usize| char::from(*after.get(at)?).to_digit(16);
    u8::try_from(digit(0)? * 16 + digit(1)?).ok()
}

#[cfg(test)]
mod tests;
