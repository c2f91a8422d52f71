//! The PROXY protocol, versions 1 and 2: who a proxy connects for, said before anything else on a connection.
//!
//! Written to the specification of 2020/03/05 (haproxy.org/download/2.3/doc/proxy-protocol.txt). A header is read as far
//! as is certain to be one and no further, so that nothing of what follows it is taken from whoever reads on.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Most bytes of a header in text, its line end included (version 1, section 2.1).
pub const TEXT_BYTES_MAX: usize = 107;

/// Most bytes of a binary header, with all it says besides addresses: what fits into any TCP segment (section 2).
pub const BINARY_BYTES_MAX: usize = 536;

/// The content of a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxyHeader {
    /// The proxy connects for this address.
    For(IpAddr),
    /// The proxy connects for itself, as to look whether we are well, or does not know for whom.
    Itself,
}

/// The progress of reading a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The least number of further bytes that are part of it; never 0.
    Needs(usize),
    /// It is whole.
    Whole(ProxyHeader),
}

/// The reason why it is none. The connection is closed: nobody knows what its bytes mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// It does not begin as one.
    #[error("the connection does not begin with a PROXY header")]
    Signature,
    /// A version 2 header of another version, or of an unknown command.
    #[error("a PROXY header of an unknown version or command")]
    Version,
    /// Its addresses are none, or of a kind that does not carry HTTP.
    #[error("a PROXY header without the addresses it promises")]
    Addresses,
    /// It is longer than its bound.
    #[error("a PROXY header that is too long")]
    TooLong,
}

const SIGNATURE: [u8; 12] = *b"\r\n\r\n\0\r\nQUIT\n";
const TEXT_START: &[u8] = b"PROXY ";
const HEAD_BYTES: usize = 16;

/// Reads a header from its beginning, again with each time that there are more bytes of it.
///
/// # Errors
/// The reason why it is none, or none that is taken.
pub fn read(bytes: &[u8]) -> Result<Progress, Malformed> {
    // These bytes are as long as the binary signature, and shorter than any header in text.
    if bytes.len() < SIGNATURE.len() {
        return Ok(Progress::Needs(SIGNATURE.len() - bytes.len()));
    }
    if bytes.starts_with(&SIGNATURE) {
        return binary(bytes);
    }
    if bytes.starts_with(TEXT_START) {
        return text(bytes);
    }
    Err(Malformed::Signature)
}

fn text(bytes: &[u8]) -> Result<Progress, Malformed> {
    let Some(line) = bytes.strip_suffix(b"\r\n") else {
        // A line end takes two bytes, or one more where its first stands there.
        let more = if bytes.ends_with(b"\r") { 1 } else { 2 };
        return if bytes.len() + more > TEXT_BYTES_MAX {
            Err(Malformed::TooLong)
        } else {
            Ok(Progress::Needs(more))
        };
    };
    let line = std::str::from_utf8(line).map_err(|_| Malformed::Addresses)?;
    let words: Vec<&str> = line.split(' ').collect();
    let source = match words[..] {
        // The rest of the line is for nobody (section 2.1).
        ["PROXY", "UNKNOWN", ..] => return Ok(Progress::Whole(ProxyHeader::Itself)),
        ["PROXY", "TCP4", source, target, from, to] if are_ports([from, to]) => {
            both::<Ipv4Addr>(source, target).map(IpAddr::V4)
        }
        ["PROXY", "TCP6", source, target, from, to] if are_ports([from, to]) => {
            both::<Ipv6Addr>(source, target).map(IpAddr::V6)
        }
        _ => None,
    };
    let source = source.ok_or(Malformed::Addresses)?;
    Ok(Progress::Whole(ProxyHeader::For(source)))
}

/// The source, where both are addresses.
fn both<A: std::str::FromStr>(source: &str, target: &str) -> Option<A> {
    target.parse::<A>().ok()?;
    source.parse().ok()
}

fn are_ports(texts: [&str; 2]) -> bool {
    texts
        .iter()
        .all(|text| text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u16>().is_ok())
}

fn binary(bytes: &[u8]) -> Result<Progress, Malformed> {
    let Some((head, behind)) = bytes.split_first_chunk::<HEAD_BYTES>() else {
        return Ok(Progress::Needs(HEAD_BYTES - bytes.len()));
    };
    let [.., command, kind, high, low] = *head;
    let behind_bytes = usize::from(u16::from_be_bytes([high, low]));
    if HEAD_BYTES + behind_bytes > BINARY_BYTES_MAX {
        return Err(Malformed::TooLong);
    }
    if !matches!(command, 0x20 | 0x21) {
        return Err(Malformed::Version);
    }
    if behind.len() < behind_bytes {
        return Ok(Progress::Needs(behind_bytes - behind.len()));
    }
    // Everything besides addresses is skipped.
    let announcement = match (command, kind) {
        (0x20, _) => ProxyHeader::Itself,
        (_, 0x11) => ProxyHeader::For(v4(behind).ok_or(Malformed::Addresses)?),
        (_, 0x21) => ProxyHeader::For(v6(behind).ok_or(Malformed::Addresses)?),
        // The connection is of no kind that it could tell, or a Unix socket of its own machine.
        (_, 0x00 | 0x31) => ProxyHeader::Itself,
        _ => return Err(Malformed::Addresses),
    };
    Ok(Progress::Whole(announcement))
}

/// Two addresses and two ports; the first is the source's.
fn v4(behind: &[u8]) -> Option<IpAddr> {
    let (addresses, _) = behind.split_first_chunk::<12>()?;
    let [a, b, c, d, ..] = *addresses;
    Some(Ipv4Addr::new(a, b, c, d).into())
}

fn v6(behind: &[u8]) -> Option<IpAddr> {
    let (addresses, _) = behind.split_first_chunk::<36>()?;
    let (source, _) = addresses.split_first_chunk::<16>()?;
    Some(Ipv6Addr::from(*source).into())
}

#[cfg(test)]
mod tests;
