//! A request in flight to an upstream, and the equal requests that wait for its answer.

use std::sync::Arc;

use tidegate_core::partition::CellId;
use tokio::sync::watch;

use super::{Cache, stored_answer::StoredAnswer};
use crate::upstream_fault::UpstreamFault;

/// A question on its way.
#[derive(Debug)]
pub(super) struct InFlight {
    ended: watch::Sender<Option<Ended>>,
    /// The tags of what its answer is made from, as far as is known before.
    pub(super) tags: Vec<CellId>,
    /// The last change before it was asked.
    pub(super) begun: u64,
}

/// The end of a flight.
#[derive(Clone, Debug)]
pub(super) enum Ended {
    /// It ended with an answer for all who asked the same.
    Answered(Arc<StoredAnswer>),
    /// The upstream failed, for all of them.
    Failed(UpstreamFault),
    /// It ended with an answer for its leader alone.
    Alone,
    /// Whoever asked left, or was refused; somebody else asks.
    Left,
}

/// Waits for a flight's end.
pub(super) struct Follow(watch::Receiver<Option<Ended>>);

/// Whoever asks. Dropped on the way, it hands over.
pub(super) struct Lead {
    cache: Arc<Cache>,
    key: CellId,
    flight: Arc<InFlight>,
    is_over: bool,
}

impl InFlight {
    pub(super) fn new(tags: Vec<CellId>, begun: u64) -> InFlight {
        InFlight {
            ended: watch::Sender::new(None),
            tags,
            begun,
        }
    }

    pub(super) fn followers(&self) -> usize {
        self.ended.receiver_count()
    }

    pub(super) fn follow(&self) -> Follow {
        Follow(self.ended.subscribe())
    }
}

impl Follow {
    pub(super) async fn ended(mut self) -> Ended {
        let ended = self.0.wait_for(Option::is_some).await;
        // Without an end its leader is gone.
        ended.ok().and_then(|ended| ended.clone()).unwrap_or(Ended::Left)
    }
}

impl Lead {
    pub(super) fn new(cache: Arc<Cache>, key: CellId, flight: Arc<InFlight>) -> Lead {
        Lead {
            cache,
            key,
            flight,
            is_over: false,
        }
    }

    /// The last change before it asked.
    pub(super) fn begun(&self) -> u64 {
        self.flight.begun
    }

    pub(super) fn end(mut self, how: Ended) {
        self.is_over = true;
        self.leave(how);
    }

    /// Ends the flight: a later request finds none, and those who wait are told.
    fn leave(&self, how: Ended) {
        self.cache.store.lock().leave(self.key, &self.flight);
        self.flight.ended.send_replace(Some(how));
    }
}

impl Drop for Lead {
    fn drop(&mut self) {
        if !self.is_over {
            self.leave(Ended::Left);
        }
    }
}
