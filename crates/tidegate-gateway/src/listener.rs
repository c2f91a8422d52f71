//! The listener: connections come in, up to a cap, until a drain.

mod connection;
#[doc(hidden)]
pub mod gate;
pub(crate) mod line;
pub(crate) mod socket;
pub(crate) mod stream;

use std::{future::Future, io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use tokio::{
    net::TcpListener,
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    task::JoinSet,
};

use self::stream::Stream;
use crate::{gateway::Doors, socket as sockets, task};

/// How long the listener waits after an accept that failed for want of files or memory.
const ACCEPT_REST: Duration = Duration::from_millis(100);

/// How often rested upstream connections are looked through.
const SWEEP_EVERY: Duration = Duration::from_secs(10);

/// Serves until `shutdown`, then drains.
///
/// At [`Bounds::connections_max`] nothing is accepted: whoever comes waits in the kernel's backlog until somebody
/// leaves, instead of being told off by a server that has no room to say why.
///
/// [`Bounds::connections_max`]: crate::bounds::Bounds::connections_max
pub(crate) async fn serve(doors: Arc<Doors>, listener: TcpListener, shutdown: impl Future<Output = ()>) {
    let room = Arc::new(Semaphore::new(doors.bounds.connections_max));
    let (drain, draining) = watch::channel(false);
    // At most `connections_max` tasks.
    let mut connections = JoinSet::new();
    let mut sweep = tokio::time::interval(SWEEP_EVERY);
    let mut shutdown = pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            accepted = accept(&listener, &room) => {
                let (stream, peer, permit) = accepted;
                let serving = connection::serve(doors.clone(), stream, peer, draining.clone());
                connections.spawn(task::alone(async move {
                    serving.await;
                    drop(permit);
                }));
            }
            Some(_) = connections.join_next() => {}
            _ = sweep.tick() => doors.upstreams.sweep(),
        }
    }
    drop(listener);
    // The connections hold receivers; where there are none, there is nobody to tell.
    let _ = drain.send(true);
    let all = async {
        let requests = async { while connections.join_next().await.is_some() {} };
        tokio::join!(requests, sockets::drain(&doors.engine))
    };
    if tokio::time::timeout(doors.bounds.drain_timeout, all).await.is_err() {
        tracing::warn!(left = connections.len(), "the drain took too long; what is left is cut");
        connections.shutdown().await;
    }
}

/// The next connection. Cancelled between accept and return it loses none: it waits for room first.
async fn accept(listener: &TcpListener, room: &Arc<Semaphore>) -> (Stream, SocketAddr, OwnedSemaphorePermit) {
    loop {
        let Ok(permit) = room.clone().acquire_owned().await else {
            // The semaphore is never closed.
            std::future::pending::<()>().await;
            continue;
        };
        match listener.accept().await {
            Ok((stream, peer)) => {
                // An answer is written in one piece; waiting for more of it helps nobody.
                let _ = stream.set_nodelay(true);
                return (stream.into(), peer, permit);
            }
            Err(error) if is_about_one_connection(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "accepting failed");
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
