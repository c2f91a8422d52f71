//! One side of a relay: its transport and its state.

use tokio::time::Instant;

use super::{
    frame::Side,
    liveness::Liveness,
    transport::{self, Transport},
};

#[derive(Debug)]
pub(super) struct Endpoint<W> {
    pub(super) transport: W,
    pub(super) side: Side,
    pub(super) liveness: Liveness,
    /// Since when it takes nothing of what waits for it.
    pub(super) stalled_since: Option<Instant>,
    /// It ended its stream: nothing more comes.
    pub(super) is_over: bool,
    /// We ended ours: nothing more goes.
    pub(super) is_shut: bool,
    /// It is lost, both ways.
    pub(super) is_dead: bool,
}

impl<W: Transport> Endpoint<W> {
    pub(super) fn new(transport: W, side: Side, now: Instant) -> Endpoint<W> {
        Endpoint {
            transport,
            side,
            liveness: Liveness::new(now),
            stalled_since: None,
            is_over: false,
            is_shut: false,
            is_dead: false,
        }
    }

    /// Gives it up. What the kernel still holds for it goes with it.
    pub(super) fn give_up(&mut self) {
        if !self.is_dead {
            self.is_dead = true;
            transport::cut(&self.transport);
        }
    }

    /// Nothing more comes from it.
    pub(super) fn is_silent(&self) -> bool {
        self.is_over || self.is_dead
    }

    /// Nothing more comes or goes.
    pub(super) fn is_done(&self) -> bool {
        self.is_dead || (self.is_over && self.is_shut)
    }
}
