//! Waiting for an answer's head.

use std::{future::Future, pin::pin, time::Duration};

use super::request::Fate;

/// Waits for whoever answers a request, as long as they are not silent for longer than `silence_max`.
///
/// The time runs anew after frames of the request's body were taken, so that a silence then is noticed after one to
/// two times `silence_max`, and it does not run while the client is waited for: an upload's answer comes after the upload. The body's own bounds end that.
pub(crate) async fn wait<T>(answering: impl Future<Output = T>, fate: &Fate, silence_max: Duration) -> Option<T> {
    let mut answering = pin!(answering);
    loop {
        let frames = fate.frames();
        match tokio::time::timeout(silence_max, &mut answering).await {
            Ok(answer) => return Some(answer),
            Err(_) if fate.frames() != frames || fate.awaits_client() => {}
            Err(_) => return None,
        }
    }
}
