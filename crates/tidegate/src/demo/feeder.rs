//! Devices that put feeds.

use std::time::Duration;

use http::Method;

use super::{
    TRY_AGAIN,
    accounts::Token,
    http_client::{Endpoints, HttpClient},
    pause::pause,
};

/// The pace the page asks for.
const CADENCE: Duration = Duration::from_secs(10);

/// The pace of a device that was not told.
const HASTE: Duration = Duration::from_secs(3);

/// Puts a sample every ten seconds, under the device's own name.
pub async fn feed(endpoints: Endpoints, key: Token, device: u32) {
    let name = format!("tree-{device}");
    put(endpoints, key, &name, Some(&name), CADENCE).await;
}

/// Puts a sample every three seconds, under no name.
pub async fn hurry(endpoints: Endpoints, key: Token) {
    put(endpoints, key, "gate", None, HASTE).await;
}

async fn put(endpoints: Endpoints, key: Token, component: &str, called: Option<&str>, pace: Duration) {
    let mut caller = HttpClient::new(endpoints, Some(key));
    let fields: Vec<(&str, &str)> = called.map(|name| ("x-forwarded-for", name)).into_iter().collect();
    for round in 0_u32.. {
        let moisture = 40.0 + 10.0 * (f64::from(round) / 9.0).sin();
        let path = format!("/api/feed?compId={component}&moisture={moisture:.2}&round={round}");
        let answered = caller.send(Method::PUT, &path, &fields, String::new()).await;
        pause(if answered.is_ok() { pace } else { TRY_AGAIN }).await;
    }
}
