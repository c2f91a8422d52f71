//! The address of a listener, as an operator writes it.

use std::{
    fmt, io,
    net::SocketAddr,
    path::{Path, PathBuf},
    str::FromStr,
};

use tokio::net::TcpListener;

use super::{Listener, unix_socket::UnixSocket};

/// The place where clients come in: `127.0.0.1:8080`, `[::1]:8080`, `unix:/run/tidegate/gate.sock`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListenAddress {
    /// An address and a port; port 0 is a free one.
    Tcp(SocketAddr),
    /// The file of a Unix socket.
    Unix(PathBuf),
}

/// A text that is no such place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write an address and a port, as `127.0.0.1:8080` or `[::1]:8080`, or a Unix socket, as `unix:/run/gate.sock`")]
pub struct NotAListenAddress;

// === impl ListenAddress ===

impl ListenAddress {
    /// Begins to listen.
    ///
    /// # Errors
    /// Fails when the address is in use or not this machine's; of a Unix socket also when its file is something else.
    pub async fn bind(&self) -> io::Result<Listener> {
        match self {
            ListenAddress::Tcp(address) => TcpListener::bind(address).await.map(Listener::Tcp),
            ListenAddress::Unix(path) => UnixSocket::bind(path).map(Listener::Unix),
        }
    }

    /// The address as a caller uses it: `http://127.0.0.1:8080`, over TLS with `https`, or `unix:/run/gate.sock`.
    pub fn url(&self, is_secure: bool) -> String {
        let scheme = if is_secure { "https" } else { "http" };
        match self {
            ListenAddress::Tcp(address) => format!("{scheme}://{address}"),
            ListenAddress::Unix(_) => self.to_string(),
        }
    }

    /// The address and port, where it has them.
    pub fn tcp(&self) -> Option<SocketAddr> {
        match self {
            ListenAddress::Tcp(address) => Some(*address),
            ListenAddress::Unix(_) => None,
        }
    }
}

impl FromStr for ListenAddress {
    type Err = NotAListenAddress;

    fn from_str(text: &str) -> Result<ListenAddress, NotAListenAddress> {
        match text.strip_prefix("unix:") {
            Some("") => Err(NotAListenAddress),
            Some(path) => Ok(ListenAddress::Unix(Path::new(path).to_owned())),
            None => text.parse().map(ListenAddress::Tcp).map_err(|_| NotAListenAddress),
        }
    }
}

impl fmt::Display for ListenAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ListenAddress::Tcp(address) => address.fmt(f),
            ListenAddress::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

#[cfg(test)]
mod tests;
