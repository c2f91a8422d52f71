//! A hub: it broadcasts what its station measures.

use std::time::Duration;

use serde_json::json;
use tokio::net::UdpSocket;

use super::Stage;

/// The interval of broadcasts; a real hub reports once a minute.
const EVERY: Duration = Duration::from_secs(3);

/// Broadcasts for ever. Without a socket of its own it is a hub without power.
pub async fn broadcast(stage: Stage, serial: String, index: usize) {
    let Ok(socket) = UdpSocket::bind("127.0.0.1:0").await else {
        return;
    };
    let mut tick = tokio::time::interval(EVERY);
    for round in 0_u32.. {
        tick.tick().await;
        let at_s = stage.engine.clock.now().wall_ms / 1_000;
        // Broadcasts have no answer; one that is lost is lost.
        let _ = socket
            .send_to(observation(&serial, at_s, index, round).as_bytes(), stage.hubs)
            .await;
    }
}

/// A day of weather passes in five minutes.
fn observation(serial: &str, at_s: i64, index: usize, round: u32) -> String {
    let hour = f64::from(round) / 100.0 * std::f64::consts::TAU + index as f64;
    let temperature = 12.0 + 7.0 * hour.sin();
    let wind = (4.0 + 3.0 * (hour * 2.3).cos()).max(0.0);
    let record = json!([
        at_s,
        wind * 0.6,
        wind,
        wind * 1.5,
        (round * 7) % 360,
        3,
        1013.2 + 4.0 * (hour * 0.5).sin(),
        temperature,
        61,
        9_000,
        0.4,
        75,
        0.0,
        0,
        0,
        0,
        2.62,
        1
    ]);
    json!({ "serial_number": serial, "type": "obs_st", "hub_sn": "HB-00009000", "obs": [record], "firmware_revision": 172 })
        .to_string()
}
