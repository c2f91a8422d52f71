//! The client behind listed proxies, beside a slow reading of the same fields. The fuzz target uses this file too.

use std::net::IpAddr;

use http::{HeaderMap, HeaderName, HeaderValue, header::FORWARDED};
use tidegate_core::{
    address,
    forwarded::{Client, Doubt, ENTRIES_MAX, X_FORWARDED_FOR, client},
    peer::Peer,
    trust::{AddressSource, Proxies, Trust},
};

/// Most bytes of one address in text, with room for zeros in front.
const ADDRESS_BYTES_MAX: usize = 64;

/// Nobody's proxy; not in the fields, as a rule.
const STRANGER: &str = "198.51.100.77";

/// One input of the fuzz target: a line `x PEER` or `f PEER`, and each further line is one of the field's.
pub fn judge(input: &[u8]) {
    let mut lines = input.split(|byte| *byte == b'\n');
    let Some(first) = lines.next().and_then(|line| std::str::from_utf8(line).ok()) else {
        return;
    };
    let (name, source) = match first.as_bytes().first() {
        Some(b'x') => (X_FORWARDED_FOR, AddressSource::XForwardedFor),
        Some(b'f') => (FORWARDED, AddressSource::Forwarded),
        _ => return,
    };
    let peer = match first[1..].trim() {
        "unix" => Peer::Unix,
        text => match text.parse() {
            Ok(address) => Peer::Ip(address),
            Err(_) => return,
        },
    };
    let lines: Vec<&[u8]> = lines.filter(|line| HeaderValue::from_bytes(line).is_ok()).collect();
    let trust = Trust {
        proxies: Proxies::new(["10.0.0.0/8", "fd00::/8"].map(|network| network.parse().unwrap()), true),
        source,
    };
    let headers = fields(&name, &lines);
    let found = client(peer, Some(&trust), &headers);
    let shown = input.escape_ascii();
    if !trust.proxies.lists(peer) {
        let itself = Client {
            address: peer.address(),
            left: None,
            doubt: None,
        };
        assert_eq!(found, itself, "a stranger is believed: {shown}");
        return;
    }
    assert_eq!(found.address, address::unwrap(found.address), "{shown}");
    assert_eq!(found.doubt == Some(Doubt::Missing), lines.is_empty(), "{shown}");
    assert!(
        found.address == peer.address() || stands_in(&lines, found.address),
        "{} was said by nobody: {shown}",
        found.address
    );
    if source == AddressSource::XForwardedFor {
        let (address, doubt) = slowly(&trust, peer, &lines);
        assert_eq!((found.address, found.doubt), (address, doubt), "{shown}");
    }
    of_what_is_appended(&name, &trust, &lines, &found);
}

/// What proxies append decides, whatever stood there before; and a listed proxy that adds its own address leaves the
/// answer, unless it became the farthest that is known.
fn of_what_is_appended(name: &HeaderName, trust: &Trust, lines: &[&[u8]], found: &Client<'_>) {
    let Some((last, before)) = lines.split_last() else {
        return;
    };
    let appended = |address: &str| {
        let entry = if *name == FORWARDED {
            format!("for={address}")
        } else {
            address.to_owned()
        };
        let line = [*last, b", ", entry.as_bytes()].concat();
        let mut lines = before.to_vec();
        lines.push(&line);
        fields(name, &lines)
    };
    let proxy = Peer::Ip(IpAddr::from([10, 0, 0, 1]));
    let shown = last.escape_ascii();

    let by_stranger = appended(STRANGER);
    let answer = client(proxy, Some(trust), &by_stranger);
    assert_eq!(
        answer.address,
        STRANGER.parse::<IpAddr>().unwrap(),
        "behind what a client wrote: {shown}"
    );
    assert_eq!(answer.doubt, None, "{shown}");
    if let Some(left) = answer.left {
        assert_eq!(left, lines.join(&b", "[..]).trim_ascii(), "{shown}");
    }

    let by_proxy = appended("10.0.0.2");
    let answer = client(proxy, Some(trust), &by_proxy);
    if !trust.proxies.lists_address(found.address) && found.address != Peer::Unix.address() {
        let too_many = answer.doubt == Some(Doubt::TooMany);
        assert!(
            answer.address == found.address || too_many,
            "one proxy more: {} and not {}: {shown}",
            answer.address,
            found.address
        );
    }
}

fn fields(name: &HeaderName, lines: &[&[u8]]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for line in lines {
        headers.append(name, HeaderValue::from_bytes(line).expect("looked at before"));
    }
    headers
}

/// `X-Forwarded-For` as one list, entry by entry from its end.
fn slowly(trust: &Trust, peer: Peer, lines: &[&[u8]]) -> (IpAddr, Option<Doubt>) {
    if lines.is_empty() {
        return (peer.address(), Some(Doubt::Missing));
    }
    let list = lines.join(&b","[..]);
    let entries: Vec<&[u8]> = list.split(|byte| *byte == b',').collect();
    let mut nearest = peer.address();
    for (at, entry) in entries.iter().rev().enumerate() {
        if at == ENTRIES_MAX {
            return (nearest, Some(Doubt::TooMany));
        }
        let Some(named) = std::str::from_utf8(entry)
            .ok()
            .and_then(|text| plain(text.trim_ascii()))
        else {
            return (nearest, Some(Doubt::NotAnAddress));
        };
        nearest = named;
        if !trust.proxies.lists_address(named) {
            break;
        }
    }
    (nearest, None)
}

/// An address with or without a port, by trying every place where one could be parted from the other.
fn plain(text: &str) -> Option<IpAddr> {
    let whole = |text: &str| text.parse::<IpAddr>().ok();
    let bracketed = |text: &str| {
        let inner = text.strip_prefix('[')?.strip_suffix(']')?;
        inner.parse().ok().map(IpAddr::V6)
    };
    let with_port = || {
        text.char_indices().filter(|(_, c)| *c == ':').find_map(|(at, _)| {
            let (node, port) = (&text[..at], &text[at + 1..]);
            let hidden = port.strip_prefix('_').is_some_and(|rest| {
                !rest.is_empty() && rest.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
            });
            let number = !port.is_empty() && port.chars().all(|c| c.is_ascii_digit()) && port.parse::<u16>().is_ok();
            (hidden || number)
                .then(|| bracketed(node).or_else(|| whole(node).filter(IpAddr::is_ipv4)))
                .flatten()
        })
    };
    whole(text)
        .or_else(|| bracketed(text))
        .or_else(with_port)
        .map(address::unwrap)
}

/// Whether the address stands in one of the lines, however it is written and quoted.
fn stands_in(lines: &[&[u8]], address: IpAddr) -> bool {
    lines.iter().any(|line| {
        let text: Vec<u8> = line.iter().copied().filter(|byte| *byte != b'\\').collect();
        let text = String::from_utf8_lossy(&text);
        (0..text.len()).filter(|at| text.is_char_boundary(*at)).any(|from| {
            let until = text.len().min(from + ADDRESS_BYTES_MAX);
            (from + 1..=until).filter(|at| text.is_char_boundary(*at)).any(|to| {
                text[from..to]
                    .parse::<IpAddr>()
                    .is_ok_and(|found| address::unwrap(found) == address)
            })
        })
    })
}
