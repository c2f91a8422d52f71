//! The draining of a body nobody wanted, so that its connection can be used again.

use std::{sync::Arc, time::Duration};

use http_body_util::BodyExt;
use hyper::body::Incoming;

use crate::net::connection_state::ConnectionState;

/// Reads a body to its end, or gives up at a bound; then hyper closes the connection after the answer.
///
/// It runs beside the answer, which nobody has to wait for; there is at most one a connection.
pub(crate) async fn drain(
    mut incoming: Incoming,
    bytes_max: u64,
    wait_max: Duration,
    connection: Arc<ConnectionState>,
) {
    let whole = tokio::time::timeout(wait_max, async {
        let mut left = bytes_max;
        while let Some(frame) = incoming.frame().await {
            let Ok(frame) = frame else { return false };
            let length = frame.data_ref().map_or(0, |data| data.len() as u64);
            if length > left {
                return false;
            }
            left -= length;
        }
        true
    });
    if !whole.await.unwrap_or(false) {
        connection.leave_unread();
    }
}
