//! The listener: connections come in, up to a cap, until a drain.

mod address;
mod connection;
mod http2;
mod negotiate;
mod proxy_protocol;
mod response_body;
mod unix_socket;

use std::{future::Future, io, pin::pin, sync::Arc, time::Duration};

use tidegate_core::peer::Peer;
use tokio::{
    net::TcpListener,
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    task::JoinSet,
};

pub use self::address::ListenAddress;
use self::{
    negotiate::{HttpVersion, Negotiated},
    unix_socket::UnixSocket,
};
use crate::{net::stream::Stream, request_handler::Handler, socket as sockets, task, tls::OwnTls};

/// The place where clients come in.
#[derive(Debug)]
pub enum Listener {
    /// TCP, over IPv4, IPv6 or both.
    Tcp(TcpListener),
    /// A Unix socket, whose file goes with it.
    Unix(UnixSocket),
}

/// The wait after an accept that failed for want of files or memory.
const ACCEPT_REST: Duration = Duration::from_millis(100);

/// The time between two looks through rested upstream connections.
const SWEEP_EVERY: Duration = Duration::from_secs(10);

/// Serves until `shutdown`, then drains.
///
/// At [`Bounds::connections_max`] nothing is accepted: whoever comes waits in the kernel's backlog until somebody
/// leaves, instead of being told off by a server that has no room to say why.
///
/// [`Bounds::connections_max`]: crate::bounds::Bounds::connections_max
pub(crate) async fn serve(
    handler: Arc<Handler>,
    listener: Listener,
    tls: Option<Arc<OwnTls>>,
    shutdown: impl Future<Output = ()>,
) {
    let (drain, draining) = watch::channel(false);
    // At most `connections_max` tasks.
    let mut connections = JoinSet::new();
    let mut sweep = tokio::time::interval(SWEEP_EVERY);
    let mut shutdown = pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            accepted = accept(&listener, &handler.connections) => {
                let (stream, peer, permit) = accepted;
                let serving = begin(handler.clone(), stream, peer, tls.clone(), draining.clone());
                connections.spawn(task::alone(async move {
                    serving.await;
                    drop(permit);
                }));
            }
            Some(_) = connections.join_next() => {}
            _ = sweep.tick() => {
                handler.upstreams.sweep();
                handler.cache.sweep(handler.engine.clock.now());
            }
        }
    }
    drop(listener);
    // The connections hold receivers; where there are none, there is nobody to tell.
    let _ = drain.send(true);
    let all = async {
        let requests = async { while connections.join_next().await.is_some() {} };
        tokio::join!(requests, sockets::drain(&handler.engine))
    };
    if tokio::time::timeout(handler.bounds.drain_timeout, all).await.is_err() {
        tracing::warn!(
            left = connections.len(),
            "the drain timed out; the remaining connections are closed"
        );
        connections.shutdown().await;
    }
}

/// Serves a connection, once it is known whose it is and what it speaks.
async fn begin(
    handler: Arc<Handler>,
    mut stream: Stream,
    peer: Peer,
    tls: Option<Arc<OwnTls>>,
    mut draining: watch::Receiver<bool>,
) {
    let known = async {
        let peer = proxy_protocol::peer(&handler, &mut stream, peer).await;
        let peer = peer.map_err(io::Error::other)?;
        let entered = negotiate::negotiate(stream, tls.as_deref(), &handler.bounds).await?;
        Ok::<_, io::Error>((peer, entered))
    };
    let known = tokio::select! {
        known = known => known,
        _ = draining.wait_for(|draining| *draining) => return,
    };
    match known {
        Ok((peer, Negotiated { stream, speaks })) => match speaks {
            HttpVersion::Http1 => connection::serve(handler, stream, peer, draining).await,
            HttpVersion::Http2 => http2::serve(handler, stream, peer, draining).await,
        },
        Err(error) => tracing::debug!(%error, %peer, "a connection was closed before its first request"),
    }
}

/// The next connection. Cancelled between accept and return it loses none: it waits for room first.
async fn accept(listener: &Listener, room: &Arc<Semaphore>) -> (Stream, Peer, OwnedSemaphorePermit) {
    loop {
        let Ok(permit) = room.clone().acquire_owned().await else {
            // The semaphore is never closed.
            std::future::pending::<()>().await;
            continue;
        };
        match listener.accept().await {
            Ok((stream, peer)) => return (stream, peer, permit),
            Err(error) if is_about_one_connection(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                rest().await;
            }
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "an accept that fails for want of files fails again at once: the wait is the cure"
)]
async fn rest() {
    tokio::time::sleep(ACCEPT_REST).await;
}

/// Errors of one connection that was gone before it was accepted; the next may be well.
fn is_about_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionRefused
    )
}

// === impl Listener ===

impl Listener {
    /// Returns the address it listens at, with the port it was given.
    ///
    /// # Errors
    /// Fails when the system does not say.
    pub fn address(&self) -> io::Result<ListenAddress> {
        match self {
            Listener::Tcp(listener) => Ok(ListenAddress::Tcp(listener.local_addr()?)),
            Listener::Unix(file) => Ok(ListenAddress::Unix(file.path().to_owned())),
        }
    }

    async fn accept(&self) -> io::Result<(Stream, Peer)> {
        match self {
            Listener::Tcp(listener) => {
                let (stream, peer) = listener.accept().await?;
                // An answer is written in one piece; waiting for more of it helps nobody.
                let _ = stream.set_nodelay(true);
                Ok((stream.into(), Peer::Ip(peer.ip())))
            }
            Listener::Unix(file) => Ok((file.accept().await?.into(), Peer::Unix)),
        }
    }
}

impl From<TcpListener> for Listener {
    fn from(listener: TcpListener) -> Listener {
        Listener::Tcp(listener)
    }
}
