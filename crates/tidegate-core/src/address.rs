//! Client addresses: one form for each, and the blocks an IPv6 address counts in.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A block of addresses that counts as one caller, with how many times the quota it gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Block {
    /// The first address of the block.
    pub base: IpAddr,
    /// The number of leading bits that name the block.
    pub prefix_bits: u8,
    /// The multiple of the limit's quota that the block may use.
    pub factor: u32,
}

/// The address in its one form: IPv4-mapped (RFC 4291) and NAT64 `64:ff9b::/96` (RFC 6052) become IPv4.
pub fn unwrap(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else { return address };
    if let Some(v4) = v6.to_ipv4_mapped() {
        return IpAddr::V4(v4);
    }
    match v6.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            let [a, b] = high.to_be_bytes();
            let [c, d] = low.to_be_bytes();
            IpAddr::V4(Ipv4Addr::new(a, b, c, d))
        }
        _ => address,
    }
}

/// The blocks an address counts in: IPv4 alone; IPv6 at /64, at /56 with 4 times and at /48 with 16 times the quota
/// (docs/semantics.md rule 3), because a household is given a /56 and a site a /48 to walk through.
pub fn blocks(address: IpAddr) -> impl Iterator<Item = Block> {
    const V6: [(u8, u32); 3] = [(64, 1), (56, 4), (48, 16)];
    // Unwrapped again, because mapped forms would all fall into one /64: every IPv4 caller there is.
    let (v4, v6) = match unwrap(address) {
        base @ IpAddr::V4(_) => (
            Some(Block {
                base,
                prefix_bits: 32,
                factor: 1,
            }),
            None,
        ),
        IpAddr::V6(v6) => (None, Some(v6)),
    };
    v4.into_iter().chain(
        v6.into_iter()
            .flat_map(|v6| V6.into_iter().map(move |(bits, factor)| v6_block(v6, bits, factor))),
    )
}

fn v6_block(address: Ipv6Addr, prefix_bits: u8, factor: u32) -> Block {
    let mask = u128::MAX << (128 - u32::from(prefix_bits));
    Block {
        base: IpAddr::V6(Ipv6Addr::from(u128::from(address) & mask)),
        prefix_bits,
        factor,
    }
}

// === impl Block ===

impl std::fmt::Display for Block {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.base {
            IpAddr::V4(v4) => write!(f, "{v4}"),
            IpAddr::V6(v6) => write!(f, "{v6}/{}", self.prefix_bits),
        }
    }
}

#[cfg(test)]
mod tests;
