//! Reads a year, range by range, as fast as it is let.

use std::time::Duration;

use serde_json::Value;

use super::{
    TRY_AGAIN,
    accounts::Player,
    http_client::{Endpoints, HttpClient, retry_after},
    pause::pause,
};

/// The first range it asks for: more than fits, so that it is told what would.
const YEAR_S: i64 = 365 * 86_400;

/// The pause after an answer.
const PAUSE: Duration = Duration::from_millis(900);

/// The pause before it begins again.
const REST: Duration = Duration::from_secs(30);

/// Reads for ever, and does what refusals say.
pub async fn read_a_year(endpoints: Endpoints, player: Player) {
    let mut caller = HttpClient::new(endpoints, Some(player.token.clone()));
    let end_s = 1_795_348_800;
    loop {
        let (mut from_s, mut step_s) = (end_s - YEAR_S, YEAR_S);
        while from_s < end_s {
            let to_s = (from_s + step_s).min(end_s);
            let path = format!(
                "/swd/rest/observations/device/{}?bucket=1&time_start={from_s}&time_end={to_s}",
                player.device_id
            );
            let Ok(answer) = caller.get(&path).await else {
                pause(TRY_AGAIN).await;
                continue;
            };
            match (answer.status().as_u16(), range_max_s(answer.body())) {
                (200, _) => from_s = to_s,
                (422, Some(fits_s)) if fits_s < step_s => step_s = fits_s,
                (429, _) => pause(retry_after(&answer).unwrap_or(TRY_AGAIN)).await,
                _ => break,
            }
            pause(PAUSE).await;
        }
        pause(REST).await;
    }
}

/// The range that would have passed, in seconds.
fn range_max_s(body: &[u8]) -> Option<i64> {
    let value: Value = serde_json::from_slice(body).ok()?;
    Some(value.get("range_ms_max")?.as_i64()? / 1_000).filter(|seconds| *seconds > 0)
}
