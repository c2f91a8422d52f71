//! A caller without a credential who hammers and heeds no answer.

use std::time::Duration;

use super::{
    TRY_AGAIN,
    http_client::{Endpoints, HttpClient},
    pause::pause,
};

const PAUSE: Duration = Duration::from_millis(60);

/// Hammers for ever.
pub async fn hammer(endpoints: Endpoints) {
    let mut caller = HttpClient::new(endpoints, None);
    loop {
        let answered = caller.get("/swd/rest/stations").await;
        pause(if answered.is_ok() { PAUSE } else { TRY_AGAIN }).await;
    }
}
