//! A kiosk whose network comes and goes: it opens a socket, loses it, and opens the next without a pause.

use std::time::Duration;

use super::{accounts::Player, http_client::Endpoints, pause::pause, websocket};

/// The interval between two attempts of a storm.
const PAUSE: Duration = Duration::from_millis(40);

/// Attempts of one storm.
const ATTEMPTS: u32 = 300;

/// The interval between two storms.
const CALM: Duration = Duration::from_secs(40);

/// Storms and rests for ever.
pub async fn reconnect(endpoints: Endpoints, player: Player) {
    loop {
        for _ in 0..ATTEMPTS {
            drop(websocket::open(&endpoints, &player).await);
            pause(PAUSE).await;
        }
        pause(CALM).await;
    }
}
