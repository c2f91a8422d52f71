//! The client's address, from what listed proxies say of it: `X-Forwarded-For`, or `Forwarded` (RFC 7239).
//!
//! Proxies write to the right end, so the field is read from there: whoever the peer names is the client, unless that is
//! a listed proxy itself, which is then believed about the one before it. The first address that is no listed proxy
//! ends it; nobody to the left of that is believed, as a client may have written all of it. An entry that is no address
//! ends it too, and the nearest proxy that was named rightly counts: behind garbage nothing is known, and everything
//! that would be chosen there could be chosen by the client.

use std::{borrow::Cow, net::IpAddr};

use http::{HeaderMap, HeaderName, header::FORWARDED};

use crate::{
    address,
    peer::Peer,
    trust::{AddressSource, Trust},
};

/// `X-Forwarded-For`, which the http crate does not name.
pub const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Most entries that are looked at, from the right; then the farthest of them counts. Real chains have under ten.
pub const ENTRIES_MAX: usize = 64;

/// The client that made the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client<'h> {
    /// The address it counts as, unwrapped.
    pub address: IpAddr,
    /// The part of `X-Forwarded-For` left of that address, which the client itself wrote there, spaces at its
    /// ends apart. `None` where no listed proxy wrote into that field: then all of it is the client's.
    pub left: Option<Cow<'h, [u8]>>,
    /// The reason why a listed proxy's own address counts, where one said something that could not be used.
    pub doubt: Option<Doubt>,
}

/// The mistake in the words of a listed proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Doubt {
    /// The field is not there.
    #[error("a listed proxy sent no word of its client")]
    Missing,
    /// An entry names no address: it is garbage, `unknown`, or hidden (RFC 7239 6.2 and 6.3).
    #[error("a listed proxy named a client that is no address")]
    NotAnAddress,
    /// More than [`ENTRIES_MAX`] listed proxies in a row.
    #[error("too many listed proxies in a row")]
    TooMany,
}

/// Finds the client. Fields are read only where the peer is listed, and only the one of the list's source.
pub fn client<'h>(peer: Peer, trust: Option<&Trust>, headers: &'h HeaderMap) -> Client<'h> {
    let itself = Client {
        address: peer.address(),
        left: None,
        doubt: None,
    };
    let Some(trust) = trust.filter(|trust| trust.proxies.lists(peer)) else {
        return itself;
    };
    match trust.source {
        AddressSource::ProxyProtocol => itself,
        AddressSource::XForwardedFor => {
            let mut lines = lines(headers, &X_FORWARDED_FOR);
            let (address, doubt) = walk(trust, itself.address, &mut lines, split_last, forwarded_for);
            let left = Some(joined(&lines));
            Client { address, left, doubt }
        }
        AddressSource::Forwarded => {
            let mut lines = lines(headers, &FORWARDED);
            let (address, doubt) = walk(trust, itself.address, &mut lines, split_last_unquoted, forwarded);
            Client {
                address,
                doubt,
                ..itself
            }
        }
    }
}

/// Parts a line into what stands before its last entry, and that entry.
type SplitLast = fn(&[u8]) -> (Option<&[u8]>, &[u8]);

/// Takes entries off the right end of the lines until one is the client.
fn walk(
    trust: &Trust,
    peer: IpAddr,
    lines: &mut Vec<&[u8]>,
    split_last: SplitLast,
    read: fn(&str) -> Option<IpAddr>,
) -> (IpAddr, Option<Doubt>) {
    if lines.is_empty() {
        return (peer, Some(Doubt::Missing));
    }
    let mut nearest = peer;
    for _ in 0..ENTRIES_MAX {
        let Some(line) = lines.pop() else {
            return (nearest, None);
        };
        let (before, entry) = split_last(line);
        let Some(named) = std::str::from_utf8(entry).ok().and_then(read) else {
            lines.push(line);
            return (nearest, Some(Doubt::NotAnAddress));
        };
        lines.extend(before);
        nearest = named;
        if !trust.proxies.lists_address(named) {
            return (named, None);
        }
    }
    (nearest, (!lines.is_empty()).then_some(Doubt::TooMany))
}

/// Several lines are one list (RFC 9110 5.3).
fn lines<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Vec<&'h [u8]> {
    headers.get_all(name).iter().map(|line| line.as_bytes()).collect()
}

fn joined<'h>(lines: &[&'h [u8]]) -> Cow<'h, [u8]> {
    match lines {
        [] => Cow::Borrowed(b""),
        [line] => Cow::Borrowed(line.trim_ascii()),
        lines => Cow::Owned(lines.join(&b", "[..]).trim_ascii().to_vec()),
    }
}

fn split_last(line: &[u8]) -> (Option<&[u8]>, &[u8]) {
    parted(line, line.iter().rposition(|byte| *byte == b','))
}

/// Splits off the last entry where a comma in quotes is part of an entry. Quotes are counted from the right end too:
/// one that a client opened and never closed takes in nothing of what a proxy wrote behind it.
fn split_last_unquoted(line: &[u8]) -> (Option<&[u8]>, &[u8]) {
    let mut is_quoted = false;
    let comma = (0..line.len()).rev().find(|at| match line[*at] {
        b'"' => {
            let escapes = line[..*at].iter().rev().take_while(|byte| **byte == b'\\').count();
            is_quoted ^= escapes % 2 == 0;
            false
        }
        b',' => !is_quoted,
        _ => false,
    });
    parted(line, comma)
}

fn parted(line: &[u8], comma: Option<usize>) -> (Option<&[u8]>, &[u8]) {
    match comma {
        Some(at) => (Some(&line[..at]), &line[at + 1..]),
        None => (None, line),
    }
}

fn forwarded_for(entry: &str) -> Option<IpAddr> {
    node(entry.trim_ascii())
}

/// The `for` of one element, which stands there once: `for="[2001:db8::1]:80";proto=https`.
fn forwarded(element: &str) -> Option<IpAddr> {
    let between = [';', ' ', '\t'];
    let mut found = None;
    let mut rest = element.trim_matches(between);
    while !rest.is_empty() {
        let (name, after) = rest.split_once('=')?;
        let (value, after) = parameter(after)?;
        if name.eq_ignore_ascii_case("for") && found.replace(node(&value)?).is_some() {
            return None;
        }
        if !after.is_empty() && !after.trim_start_matches([' ', '\t']).starts_with(';') {
            return None;
        }
        rest = after.trim_start_matches(between);
    }
    found
}

/// A parameter's value, and what stands behind it. Outside of quotes more is taken than RFC 7239 lets a token hold, as
/// many write `for=192.0.2.1:80`; whether it is an address is looked at all the same.
fn parameter(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let (value, rest) = text.split_at(text.find(';').unwrap_or(text.len()));
        return (!value.contains('"')).then(|| (Cow::Borrowed(value.trim_ascii_end()), rest));
    };
    let mut value = String::new();
    let mut chars = quoted.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((Cow::Owned(value), &quoted[at + 1..])),
            '\\' => value.push(chars.next()?.1),
            _ => value.push(c),
        }
    }
    None
}

/// `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:80`.
fn node(text: &str) -> Option<IpAddr> {
    let (address, port) = if let Some(bracketed) = text.strip_prefix('[') {
        let (v6, port) = bracketed.split_once(']')?;
        (IpAddr::V6(v6.parse().ok()?), port)
    } else if let Ok(address) = text.parse() {
        (address, "")
    } else {
        let (v4, port) = text.split_at(text.find(':')?);
        (IpAddr::V4(v4.parse().ok()?), port)
    };
    is_port(port).then(|| address::unwrap(address))
}

/// Nothing, a port, or a hidden one (RFC 7239 6: `obfport`).
fn is_port(text: &str) -> bool {
    let Some(port) = text.strip_prefix(':') else {
        return text.is_empty();
    };
    match port.strip_prefix('_') {
        Some(hidden) => {
            !hidden.is_empty()
                && hidden
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
        }
        None => port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok(),
    }
}

#[cfg(test)]
mod tests;
