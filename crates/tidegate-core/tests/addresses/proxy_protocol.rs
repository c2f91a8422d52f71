//! A header of the PROXY protocol beside the letter of its specification. The fuzz target uses this file too.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use tidegate_core::proxy_protocol::{BINARY_BYTES_MAX, Malformed, Progress, ProxyHeader, TEXT_BYTES_MAX, read};

const SIGNATURE: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";

/// One input of the fuzz target: what comes on a connection.
pub fn judge(input: &[u8]) {
    let shown = input.escape_ascii();
    let (answer, read_bytes) = taken(input);
    assert!(read_bytes <= BINARY_BYTES_MAX, "it reads on: {shown}");
    if !input.starts_with(SIGNATURE) {
        assert!(read_bytes <= TEXT_BYTES_MAX, "it reads on: {shown}");
    }
    let by_letter = letter(input);
    match answer {
        Some(Ok(announcement)) => {
            assert_eq!(by_letter, Some((announcement, read_bytes)), "{shown}");
            for short in 0..read_bytes {
                assert_eq!(taken(&input[..short]).0, None, "whole at {short} already: {shown}");
            }
        }
        Some(Err(_)) | None => assert_eq!(by_letter, None, "{shown}"),
    }
}

/// As a connection is read: no byte more than is needed. What came of it, and how many bytes were taken.
fn taken(bytes: &[u8]) -> (Option<Result<ProxyHeader, Malformed>>, usize) {
    let mut taken = 0;
    loop {
        match read(&bytes[..taken]) {
            Ok(Progress::Whole(announcement)) => return (Some(Ok(announcement)), taken),
            Ok(Progress::Needs(0)) => panic!("it waits for nothing: {}", bytes.escape_ascii()),
            Ok(Progress::Needs(more)) if taken + more > bytes.len() => return (None, taken),
            Ok(Progress::Needs(more)) => taken += more,
            Err(malformed) => return (Some(Err(malformed)), taken),
        }
    }
}

/// The header that the bytes begin with, and its length, with all bytes in hand.
fn letter(bytes: &[u8]) -> Option<(ProxyHeader, usize)> {
    if bytes.starts_with(SIGNATURE) {
        return binary(bytes);
    }
    let end = bytes.windows(2).position(|pair| pair == b"\r\n")? + 2;
    if end > TEXT_BYTES_MAX {
        return None;
    }
    let line = std::str::from_utf8(&bytes[..end - 2]).ok()?;
    if line == "PROXY UNKNOWN" || line.starts_with("PROXY UNKNOWN ") {
        return Some((ProxyHeader::Itself, end));
    }
    let words: Vec<&str> = line.split(' ').collect();
    let [first, kind, source, target, from, to] = words.try_into().ok()?;
    let port = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit()) && text.parse::<u16>().is_ok();
    if first != "PROXY" || !port(from) || !port(to) {
        return None;
    }
    let address: IpAddr = match kind {
        "TCP4" => target
            .parse::<Ipv4Addr>()
            .and(source.parse::<Ipv4Addr>())
            .ok()
            .map(IpAddr::V4)?,
        "TCP6" => target
            .parse::<Ipv6Addr>()
            .and(source.parse::<Ipv6Addr>())
            .ok()
            .map(IpAddr::V6)?,
        _ => return None,
    };
    Some((ProxyHeader::For(address), end))
}

/// Version 2: `\x20` is the proxy itself, `\x21` somebody's connection; families and lengths as in section 2.2.
fn binary(bytes: &[u8]) -> Option<(ProxyHeader, usize)> {
    let command = *bytes.get(12)?;
    let kind = *bytes.get(13)?;
    let behind = usize::from(*bytes.get(14)?) * 256 + usize::from(*bytes.get(15)?);
    let end = 16 + behind;
    let addresses = bytes.get(16..end)?;
    if end > BINARY_BYTES_MAX {
        return None;
    }
    let announcement = match (command, kind) {
        (0x20, _) | (0x21, 0x00 | 0x31) => ProxyHeader::Itself,
        (0x21, 0x11) if behind >= 12 => {
            let source: [u8; 4] = addresses[..4].try_into().ok()?;
            ProxyHeader::For(IpAddr::from(source))
        }
        (0x21, 0x21) if behind >= 36 => {
            let source: [u8; 16] = addresses[..16].try_into().ok()?;
            ProxyHeader::For(IpAddr::from(source))
        }
        _ => return None,
    };
    Some((announcement, end))
}
