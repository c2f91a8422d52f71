//! A collector that leaks: it opens a socket, loses track of it, and opens the next.

use std::time::Duration;

use super::{accounts::Player, http_client::Endpoints, pause::pause, websocket};

/// The interval between two sockets.
const EVERY: Duration = Duration::from_millis(400);

/// The attempts after which it is restarted, and all of its sockets are gone at once.
const ATTEMPTS: u32 = 150;

/// Leaks for ever.
pub async fn leak(endpoints: Endpoints, player: Player) {
    loop {
        let mut lost = Vec::new();
        for _ in 0..ATTEMPTS {
            if let Ok(mut socket) = websocket::open(&endpoints, &player).await {
                // Whether the command is heard matters to nobody here.
                let _ = websocket::ask(&mut socket, player.device_id).await;
                lost.push(socket);
            }
            pause(EVERY).await;
        }
    }
}
