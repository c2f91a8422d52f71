//! One side of a relay: its wire, and what state it is in.

use tokio::time::Instant;

use super::{
    frame::Side,
    pulse::Pulse,
    wire::{self, Wire},
};

#[derive(Debug)]
pub(super) struct Leg<W> {
    pub(super) wire: W,
    pub(super) side: Side,
    pub(super) pulse: Pulse,
    /// Since when it takes nothing of what waits for it.
    pub(super) stalled_since: Option<Instant>,
    /// It ended its stream: nothing more comes.
    pub(super) is_over: bool,
    /// We ended ours: nothing more goes.
    pub(super) is_shut: bool,
    /// It is lost, both ways.
    pub(super) is_dead: bool,
}

impl<W: Wire> Leg<W> {
    pub(super) fn new(wire: W, side: Side, now: Instant) -> Leg<W> {
        Leg {
            wire,
            side,
            pulse: Pulse::new(now),
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
            wire::cut(&self.wire);
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
