//! The peers that are believed about the clients of their requests, and the fields they use.

use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net};

use crate::{address, peer::Peer};

/// The proxies that the gate believes about the client's address. There is none of this without a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trust {
    /// The proxies that are believed.
    pub proxies: Proxies,
    /// The place where they say it; other places are not read.
    pub source: AddressSource,
}

/// The place where a listed proxy names its client. There is exactly one such place: where two are read, whoever can
/// write to the other one chooses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressSource {
    /// The field `X-Forwarded-For`.
    XForwardedFor,
    /// The field `Forwarded` (RFC 7239).
    Forwarded,
    /// The header of the PROXY protocol, version 1 or 2, before anything else on a connection.
    ProxyProtocol,
}

/// The proxies that are believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proxies {
    networks: Vec<IpNet>,
    unix: bool,
}

/// Most networks of one list.
pub const PROXIES_MAX: usize = 256;

// === impl Trust ===

impl Trust {
    /// Is true when a connection of this peer begins with a PROXY header.
    pub fn expects_announcement(&self, peer: Peer) -> bool {
        self.source == AddressSource::ProxyProtocol && self.proxies.lists(peer)
    }
}

// === impl Proxies ===

impl Proxies {
    /// A list of networks, and whether every peer on a Unix socket is on it. Networks of IPv4-mapped and NAT64
    /// addresses are those of the IPv4 addresses they hold, as a peer's address is unwrapped before it is looked up.
    pub fn new(networks: impl IntoIterator<Item = IpNet>, unix: bool) -> Proxies {
        let networks: Vec<IpNet> = networks.into_iter().map(unwrap).collect();
        Proxies {
            networks: IpNet::aggregate(&networks),
            unix,
        }
    }

    /// Is true when the peer is listed. An announced one is not: what was announced is a client.
    pub fn lists(&self, peer: Peer) -> bool {
        match peer {
            Peer::Ip(address) => self.lists_address(address),
            Peer::Unix => self.unix,
            Peer::Announced(_) => false,
        }
    }

    /// Is true when a proxy with this address is listed.
    pub fn lists_address(&self, address: IpAddr) -> bool {
        let address = address::unwrap(address);
        self.networks.iter().any(|network| network.contains(&address))
    }

    /// A network on the list, or several together, that leave nobody out: all of IPv4, or all of IPv6 that is given to
    /// anybody (RFC 4291 2.4, `2000::/3`).
    pub fn everybody(&self) -> Option<IpNet> {
        let is_everybody = |network: &&IpNet| match network {
            IpNet::V4(v4) => v4.prefix_len() == 0,
            IpNet::V6(v6) => v6.prefix_len() <= 3 && v6.contains(&GLOBAL_UNICAST),
        };
        self.networks.iter().find(is_everybody).copied()
    }
}

/// The first address of `2000::/3`.
const GLOBAL_UNICAST: std::net::Ipv6Addr = std::net::Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0);

fn unwrap(network: IpNet) -> IpNet {
    match (address::unwrap(network.addr()), network.prefix_len().checked_sub(96)) {
        (IpAddr::V4(v4), Some(prefix_bits)) if network.addr().is_ipv6() => {
            // At most 32, as an IPv6 prefix has at most 128.
            Ipv4Net::new(v4, prefix_bits).map_or(network, IpNet::V4)
        }
        _ => network,
    }
}

#[cfg(test)]
mod tests;
