//! The target of a page's requests: the API inside, or servers elsewhere.

use std::{sync::Arc, time::Duration};

use http::{
    Uri,
    uri::{Authority, Scheme},
};

/// The target of a page's requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Upstream {
    /// Inside: the streams API of this program.
    Embedded,
    /// Servers elsewhere, each of which answers for the same API.
    Remote(Arc<Remote>),
}

/// An API elsewhere, and the servers that answer for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remote {
    /// A server.
    pub first: Server,
    /// Further ones, with the first at most [`SERVERS_MAX`].
    pub others: Vec<Server>,
    /// The name that all of them go by, in `Host` and in their certificates; without it each goes by its own address.
    pub host: Option<Authority>,
    /// The certificates, in DER, that vouch for the servers; without any, those that the machine trusts.
    pub roots: Vec<Arc<[u8]>>,
    /// The check of the servers' health; without it they are checked only by the connections that requests need.
    pub check: Option<Check>,
}

/// Most servers of one upstream.
pub const SERVERS_MAX: usize = 64;

/// One server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Its `http` or `https` address, without a path.
    pub base: Uri,
    /// Its share of the requests, beside the other servers' shares; 1 at least.
    pub weight: u32,
}

/// The check of a server's health.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Check {
    /// The path that is asked for with GET; an answer of 200 to 399 is well.
    pub path: Arc<str>,
    /// From one check to the next.
    pub interval: Duration,
    /// The time in which a check must be answered.
    pub timeout: Duration,
    /// Checks in a row that must fail before a server gets no more requests.
    pub unhealthy_after: u32,
    /// Checks in a row that must succeed before it gets them again.
    pub healthy_after: u32,
}

// === impl Upstream ===

impl Upstream {
    /// One server, by its address.
    pub fn server(base: Uri) -> Upstream {
        Upstream::Remote(Arc::new(Remote {
            first: Server { base, weight: 1 },
            others: Vec::new(),
            host: None,
            roots: Vec::new(),
            check: None,
        }))
    }
}

// === impl Remote ===

impl Remote {
    /// All of them.
    pub fn servers(&self) -> impl Iterator<Item = &Server> {
        std::iter::once(&self.first).chain(&self.others)
    }

    /// Returns the name in a server's `Host` and certificate.
    pub fn host_of<'r>(&'r self, server: &'r Server) -> Option<&'r Authority> {
        self.host.as_ref().or_else(|| server.base.authority())
    }
}

impl std::hash::Hash for Remote {
    /// The first server tells most of them apart, and costs less on every request than all there is.
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.first.base.authority().hash(state);
    }
}

impl std::fmt::Display for Remote {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let addresses: Vec<String> = self.servers().map(|server| server.base.to_string()).collect();
        f.write_str(&addresses.join(", "))
    }
}

// === impl Server ===

impl Server {
    /// Is true when it is spoken to over TLS.
    pub fn is_secure(&self) -> bool {
        self.base.scheme() == Some(&Scheme::HTTPS)
    }

    /// The port of its address, or the scheme's own.
    pub fn port(&self) -> u16 {
        let own = if self.is_secure() { 443 } else { 80 };
        self.base.port_u16().unwrap_or(own)
    }
}
