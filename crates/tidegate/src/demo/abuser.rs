//! Somebody without a credential who hammers and heeds no answer.

use std::time::Duration;

use super::{
    TRY_AGAIN,
    caller::{Caller, Place},
    pause::pause,
};

const PAUSE: Duration = Duration::from_millis(60);

/// Hammers for ever.
pub async fn hammer(place: Place) {
    let mut caller = Caller::new(place, None);
    loop {
        let answered = caller.get("/swd/rest/stations").await;
        pause(if answered.is_ok() { PAUSE } else { TRY_AGAIN }).await;
    }
}
