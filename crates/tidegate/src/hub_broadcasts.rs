//! Hub broadcasts: observations that weather-station hubs send as UDP JSON on their network.

use std::{net::SocketAddr, sync::Arc};

use tidegate_engine::engine::Engine;
use tidegate_streams::{BroadcastError, DATAGRAM_BYTES_MAX, Streams};
use tokio::{net::UdpSocket, sync::watch};

/// Takes broadcasts until the server ends. A datagram that is refused is said in the log, the first of a kind and then
/// at every power of two, so that a noisy neighbour fills no disk.
pub async fn listen(socket: UdpSocket, streams: Streams, engine: Arc<Engine>, mut ending: watch::Receiver<bool>) {
    // One byte more than is read, so that a longer datagram is seen to be longer.
    let mut datagram = vec![0; DATAGRAM_BYTES_MAX + 1];
    let mut refused: u64 = 0;
    loop {
        let received = tokio::select! {
            received = socket.recv_from(&mut datagram) => received,
            _ = ending.wait_for(|ending| *ending) => return,
        };
        let (len, from) = match received {
            Ok(received) => received,
            // ICMP errors of earlier sends surface here; there is nothing to mend and nothing to wait for.
            Err(error) => {
                tracing::debug!(%error, "hub socket");
                continue;
            }
        };
        if let Err(error) = streams
            .hub_broadcast(&datagram[..len], engine.clock.now().wall_ms)
            .await
        {
            refused += 1;
            report(&error, from, refused);
        }
    }
}

fn report(error: &BroadcastError, from: SocketAddr, refused: u64) {
    if refused.is_power_of_two() {
        tracing::warn!(%error, %from, refused, "a hub broadcast was refused");
    }
}
