//! A dashboard: it asks for the latest observation again and again.

use std::time::Duration;

use super::{
    TRY_AGAIN,
    accounts::Player,
    http_client::{Endpoints, HttpClient},
    pause::pause,
};

/// The pause of each dashboard between two requests, by the rank of its eagerness, in milliseconds: the page allows one
/// in 600.
const PACE_MS: [u64; 3] = [2_000, 900, 120];

/// Watches for ever. Whoever is refused here waits no longer than they would anyway, as many a dashboard does.
pub async fn watch(endpoints: Endpoints, player: Player, eagerness: usize) {
    let mut caller = HttpClient::new(endpoints, Some(player.token.clone()));
    let path = format!("/swd/rest/observations/station/{}", player.station_id);
    let pace = Duration::from_millis(PACE_MS[eagerness % PACE_MS.len()]);
    loop {
        let answered = caller.get(&path).await;
        pause(if answered.is_ok() { pace } else { TRY_AGAIN }).await;
    }
}
