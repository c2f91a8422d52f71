//! A timer that is armed only while something is waited for.

use std::{future::Future, pin::Pin, task::Context, time::Duration};

use tokio::time::{Instant, Sleep};

/// A wait with an end. It allocates at its first use and is reused from then on.
#[derive(Debug, Default)]
pub(crate) struct Deadline {
    sleep: Option<Pin<Box<Sleep>>>,
    armed: bool,
}

/// The runtime's clock now, for waits that are measured from an event nobody waits for.
#[expect(
    clippy::disallowed_methods,
    reason = "a timer runs on the runtime's clock; nothing is decided by it but an end of waiting"
)]
pub(crate) fn now() -> Instant {
    Instant::now()
}

impl Deadline {
    /// Is true when the wait is over. The first call after [`Deadline::disarm`] starts a wait of `after`.
    #[expect(
        clippy::disallowed_methods,
        reason = "a timer runs on the runtime's clock; nothing is decided by it but an end of waiting"
    )]
    pub(crate) fn expired(&mut self, cx: &mut Context<'_>, after: Duration) -> bool {
        let sleep = match &mut self.sleep {
            Some(sleep) => {
                if !self.armed {
                    sleep.as_mut().reset(Instant::now() + after);
                }
                sleep
            }
            none => none.insert(Box::pin(tokio::time::sleep(after))),
        };
        self.armed = true;
        sleep.as_mut().poll(cx).is_ready()
    }

    /// Is true when an armed wait is over. It arms none.
    pub(crate) fn is_over(&mut self, cx: &mut Context<'_>) -> bool {
        let armed = self.sleep.as_mut().filter(|_| self.armed);
        armed.is_some_and(|sleep| sleep.as_mut().poll(cx).is_ready())
    }

    /// Ends the wait: what was waited for has come.
    pub(crate) fn disarm(&mut self) {
        self.armed = false;
    }

    /// Puts an armed wait's end off.
    pub(crate) fn extend(&mut self, by: Duration) {
        if let Some(sleep) = self.sleep.as_mut().filter(|_| self.armed) {
            let later = sleep.deadline() + by;
            sleep.as_mut().reset(later);
        }
    }
}
