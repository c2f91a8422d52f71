//! The peer at the other end of a connection, as far as the connection itself says.

use std::net::{IpAddr, Ipv4Addr};

use crate::address;

/// The other end of a client's connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// Whoever has this address.
    Ip(IpAddr),
    /// A process of this machine, over a Unix socket. It has no address.
    Unix,
    /// A listed proxy, which said in a PROXY header that it connects for this address. Nothing else it says counts.
    Announced(IpAddr),
}

/// The address that a Unix peer counts as: a process of this machine is one, whichever way it comes in.
pub const UNIX_PEER: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

// === impl Peer ===

impl Peer {
    /// The address it counts as by itself, unwrapped.
    pub fn address(self) -> IpAddr {
        match self {
            Peer::Ip(address) | Peer::Announced(address) => address::unwrap(address),
            Peer::Unix => UNIX_PEER,
        }
    }
}

impl std::fmt::Display for Peer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Peer::Ip(address) => address.fmt(f),
            Peer::Unix => f.write_str("unix"),
            Peer::Announced(address) => write!(f, "{address} (announced)"),
        }
    }
}
