//! The outcome of a relay: its cause, its close code, its traffic.

use super::frame::{Side, Violation};

/// The facts about a relay at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// The first cause.
    pub cause: Cause,
    /// The code of the first Close, sent by a side or by the gate; `None` where there was none, or none with a code.
    pub code: Option<u16>,
    /// Both sides were told and closed in time; nobody had to be cut off.
    pub is_clean: bool,
    /// The traffic from the client to the upstream.
    pub up: Traffic,
    /// The traffic from the upstream to the client.
    pub down: Traffic,
}

/// The cause of a relay's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// A side sent a Close.
    Closed(Side),
    /// A side ended its stream without one.
    Finished(Side),
    /// A side reset its connection, or it was lost.
    Reset(Side),
    /// A side broke the protocol or a bound.
    Violated(Side, Violation),
    /// A side gave no sign of life for two intervals.
    Gone(Side),
    /// A side took nothing for too long.
    Stalled(Side),
    /// No data frame passed for too long.
    Idle,
    /// The socket was open for as long as one may be.
    Lifetime,
    /// Whoever holds its [`RelayHandle`](super::RelayHandle) asked for it.
    Ordered,
    /// The hook on texts asked for it.
    Hook,
}

/// The traffic of one direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Bytes of the sender's frames, heads and control frames included; own frames of the gate are not.
    pub bytes: u64,
    /// Messages passed to their end.
    pub messages: u64,
}

impl Cause {
    /// The side that is to blame, or to thank.
    pub fn side(self) -> Option<Side> {
        match self {
            Cause::Closed(side)
            | Cause::Finished(side)
            | Cause::Reset(side)
            | Cause::Violated(side, _)
            | Cause::Gone(side)
            | Cause::Stalled(side) => Some(side),
            Cause::Idle | Cause::Lifetime | Cause::Ordered | Cause::Hook => None,
        }
    }
}
