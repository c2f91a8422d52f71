//! The end of a relay, from its cause until both connections are closed (docs/semantics.md rule 21).

use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::time::Instant;

use super::{
    RelayRules,
    direction::Direction,
    end::Cause,
    endpoint::Endpoint,
    frame::{Side, write},
    poll_context::PollContext,
    random,
    transport::Transport,
};

/// A relay that ends. Its slot is free already.
#[derive(Debug)]
pub(super) struct Closing {
    pub(super) cause: Cause,
    pub(super) code: Option<u16>,
    /// The time at which the gate itself writes an echo that did not come.
    pub(super) echo_at: Instant,
    /// The time at which whatever is left is cut off.
    pub(super) until: Instant,
    pub(super) to_client: Farewell,
    pub(super) to_upstream: Farewell,
}

/// The farewell that a side is still to be told.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Farewell {
    /// It sent a Close with this code and awaits the other side's.
    Echo(Option<u16>),
    /// This Close, in the next gap.
    Say(Vec<u8>),
    /// It was told, and answers or ends.
    Told,
    /// Nothing, or nothing more: its connection is closed without an answer.
    Leave,
}

impl Closing {
    /// `words` are the code and reason of the Close that the gate itself begins with; `frame` is the one that a side sent;
    /// `since` is the first sign of the end.
    pub(super) fn new(
        cause: Cause,
        words: Option<(u16, &str)>,
        frame: Option<(Option<u16>, Vec<u8>)>,
        rules: &RelayRules,
        since: Instant,
    ) -> Closing {
        let until = since + rules.close_timeout;
        let (code, frame) = match frame {
            Some((code, frame)) => (code, Some(frame)),
            None => (words.map(|(code, _)| code), None),
        };
        let mut closing = Closing {
            cause,
            code,
            echo_at: since + rules.close_timeout / 2,
            until,
            to_client: Farewell::Leave,
            to_upstream: Farewell::Leave,
        };
        match (cause, frame) {
            (Cause::Closed(side), Some(frame)) => {
                *closing.to(side) = Farewell::Echo(code);
                *closing.to(side.other()) = Farewell::Say(frame);
            }
            (Cause::Violated(side, violation), _) => {
                closing.code = Some(violation.code());
                *closing.to(side) = say(side, violation.code(), "");
                *closing.to(side.other()) = left_by(side);
            }
            (Cause::Idle | Cause::Lifetime | Cause::Ordered | Cause::Hook, _) => {
                let (code, reason) = words.unwrap_or((1001, ""));
                closing.to_client = say(Side::Client, code, reason);
                closing.to_upstream = left_by(Side::Client);
            }
            (cause, _) => {
                // It ended without a Close, or is gone: only the other one can still be told.
                if let Some(side) = cause.side() {
                    *closing.to(side.other()) = left_by(side);
                }
            }
        }
        closing
    }

    pub(super) fn to(&mut self, side: Side) -> &mut Farewell {
        match side {
            Side::Client => &mut self.to_client,
            Side::Upstream => &mut self.to_upstream,
        }
    }

    /// The other side's Close came: whoever awaits it gets it as it is.
    pub(super) fn echoed(&mut self, by: Side, frame: Vec<u8>) {
        let farewell = self.to(by.other());
        if let Farewell::Echo(_) = farewell {
            *farewell = Farewell::Say(frame);
        }
    }

    pub(super) fn next_at(&self, now: Instant) -> Instant {
        let awaits_echo = [&self.to_client, &self.to_upstream]
            .iter()
            .any(|farewell| matches!(farewell, Farewell::Echo(_)));
        if awaits_echo && now < self.echo_at {
            self.echo_at
        } else {
            self.until
        }
    }

    /// Takes the closing of one side as far as it goes. `towards` ends at this side, `away` begins there.
    pub(super) fn part<X: Transport>(
        &mut self,
        endpoint: &mut Endpoint<X>,
        towards: &mut Direction,
        away: &Direction,
        other_is_silent: bool,
        context: &mut PollContext<'_, '_>,
    ) {
        let echo_is_late = context.now >= self.echo_at;
        let farewell = self.to(endpoint.side);
        let rest_is_lost = other_is_silent || towards.is_deaf;
        if let Farewell::Echo(code) = *farewell
            && (echo_is_late || other_is_silent)
        {
            *farewell = Farewell::Say(write::close(code, "", mask(endpoint.side)));
        }
        if let Farewell::Say(frame) = farewell {
            if !towards.in_frame {
                towards.out.push(frame, 0);
                *farewell = Farewell::Told;
            } else if rest_is_lost {
                // A Close within a frame would be read as its payload.
                *farewell = Farewell::Leave;
            }
        }
        if endpoint.is_dead {
            return;
        }
        match towards.flush(endpoint, context) {
            Ok(true) => {}
            Ok(false) => return,
            Err(()) => return endpoint.give_up(),
        }
        let farewell = self.to(endpoint.side);
        let may_shut = match farewell {
            Farewell::Leave => true,
            Farewell::Told => away.is_deaf || endpoint.is_over,
            Farewell::Echo(_) | Farewell::Say(_) => false,
        };
        if may_shut && !endpoint.is_shut {
            shut(endpoint, context.cx);
        }
    }
}

fn shut<X: Transport>(endpoint: &mut Endpoint<X>, cx: &mut Context<'_>) {
    match Pin::new(&mut endpoint.transport).poll_shutdown(cx) {
        Poll::Pending => {}
        Poll::Ready(Ok(())) => endpoint.is_shut = true,
        Poll::Ready(Err(_)) => endpoint.give_up(),
    }
}

/// Returns the farewell to a side when the other one left without a word: a client went away; an upstream failed.
fn left_by(side: Side) -> Farewell {
    match side {
        Side::Client => Farewell::Say(client_left()),
        Side::Upstream => say(Side::Client, 1011, "the upstream ended the connection"),
    }
}

/// The Close to an upstream whose client went away, or is sent away.
pub(super) fn client_left() -> Vec<u8> {
    write::close(Some(1001), "", mask(Side::Upstream))
}

fn say(to: Side, code: u16, reason: &str) -> Farewell {
    Farewell::Say(write::close(Some(code), reason, mask(to)))
}

fn mask(to: Side) -> write::Mask {
    (to == Side::Upstream).then(random::mask)
}
