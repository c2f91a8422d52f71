//! The pauses of simulated callers.

use std::time::Duration;

/// Waits for a span.
#[expect(
    clippy::disallowed_methods,
    reason = "a pace is what a simulated caller is made of, and nothing of the program waits for it"
)]
pub async fn pause(span: Duration) {
    tokio::time::sleep(span).await;
}
