//! Active health checks: a server is asked now and then.

use std::sync::Arc;

use http::{HeaderValue, Method, Request, header};
use tidegate_core::upstream::Check;
use tokio::time::MissedTickBehavior;

use super::host::Host;
use crate::body::{Body, upload_progress::UploadProgress};

/// The result of a server's checks so far: checks in a row that speak against what it is taken for.
#[derive(Debug)]
struct Streak {
    is_well: bool,
    against: u32,
}

/// Asks a server for ever. The first check is at once; until it fails often enough the server is taken to be well.
pub(crate) async fn run(host: Arc<Host>, check: Check) {
    let mut streak = Streak {
        is_well: true,
        against: 0,
    };
    let mut tick = tokio::time::interval(check.interval);
    // A check that took long is not made up for by two at once.
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        let answered = tokio::time::timeout(check.timeout, ask(&host, &check)).await;
        if let Some(is_well) = streak.saw(answered.unwrap_or(false), &check) {
            host.found(is_well);
        }
    }
}

/// One check, on a connection of its own: whether a server takes one is part of what is asked.
async fn ask(host: &Host, check: &Check) -> bool {
    let mut request = Request::new(Body::empty());
    *request.method_mut() = Method::GET;
    let Ok(path) = check.path.parse() else { return false };
    *request.uri_mut() = path;
    let headers = request.headers_mut();
    headers.insert(header::USER_AGENT, HeaderValue::from_static("tidegate-check"));
    headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    let Ok(mut connection) = host.open().await else {
        return false;
    };
    match connection
        .send(&mut request, host.name(), &UploadProgress::default(), check.timeout)
        .await
    {
        Ok(response) => (200..400).contains(&response.status().as_u16()),
        Err(_) => false,
    }
}

impl Streak {
    /// Counts a check; what the server is taken for from now on, where that changes.
    fn saw(&mut self, succeeded: bool, check: &Check) -> Option<bool> {
        if succeeded == self.is_well {
            self.against = 0;
            return None;
        }
        self.against += 1;
        let enough = if self.is_well {
            check.unhealthy_after
        } else {
            check.healthy_after
        };
        if self.against < enough {
            return None;
        }
        *self = Streak {
            is_well: succeeded,
            against: 0,
        };
        Some(succeeded)
    }
}

#[cfg(test)]
mod tests;
