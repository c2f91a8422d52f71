//! One relay as a state machine: two endpoints, two flows, one timer, and the events that end it.

use std::{
    pin::Pin,
    task::{Context, Poll, Waker},
};

use tokio::time::{Instant, Sleep};

use super::{
    RelayRules,
    closing::{self, Closing, Farewell},
    direction::Direction,
    end::{Cause, End},
    endpoint::Endpoint,
    frame::{Side, Violation},
    pending_violation::PendingViolation,
    poll_context::{Event, PollContext},
    random,
    relay_handle::{CloseOrder, RelayHandle},
    text_hook::TextHook,
    transport::{self, Transport},
};

pub(super) struct Driver<'r, D, U, G> {
    client: Endpoint<D>,
    upstream: Endpoint<U>,
    up: Direction,
    down: Direction,
    /// Dropped at the first sign of an end.
    slot: Option<G>,
    rules: &'r RelayRules,
    control: RelayHandle,
    hook: Option<Box<dyn TextHook>>,
    tag: u64,
    opened_at: Instant,
    ping_at: Instant,
    order: Option<(Instant, Box<CloseOrder>)>,
    /// The client broke the rules, and is told so behind these. Boxed, for nearly every relay ends without.
    pending_violation: Option<Box<PendingViolation>>,
    closing: Option<Box<Closing>>,
    timer: Pin<Box<Sleep>>,
    /// The time at which the timer rings: the next of all deadlines, or before it.
    rings_at: Instant,
    /// The task that timer and handle wake, so that they are not told again at each message.
    waker: Option<Waker>,
}

/// The parts of a relay, besides its rules.
pub(super) struct RelayParts<D, U, G> {
    pub(super) client: D,
    pub(super) upstream: U,
    pub(super) slot: G,
    pub(super) control: RelayHandle,
    pub(super) hook: Option<Box<dyn TextHook>>,
}

impl<'r, D: Transport, U: Transport, G> Driver<'r, D, U, G> {
    pub(super) fn new(parts: RelayParts<D, U, G>, rules: &'r RelayRules) -> Driver<'r, D, U, G> {
        let RelayParts {
            mut client,
            mut upstream,
            slot,
            control,
            hook,
        } = parts;
        let now = now();
        let interval = rules.ping_interval;
        transport::bound_silence(&client, 2 * interval);
        transport::bound_silence(&upstream, 2 * interval);
        // The first one comes early by random, so that those who came together are not asked together.
        let ping_at = now + interval / 2 + random::within(interval / 2);
        Driver {
            up: Direction::new(Side::Client, &client.early(), now),
            down: Direction::new(Side::Upstream, &upstream.early(), now),
            client: Endpoint::new(client, Side::Client, now),
            upstream: Endpoint::new(upstream, Side::Upstream, now),
            slot: Some(slot),
            rules,
            control,
            hook,
            tag: random::number(),
            opened_at: now,
            ping_at,
            order: None,
            pending_violation: None,
            closing: None,
            timer: sleep_until(ping_at),
            rings_at: ping_at,
            waker: None,
        }
    }

    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<End> {
        let is_known = self.waker.as_ref().is_some_and(|waker| waker.will_wake(cx.waker()));
        loop {
            let now = now();
            if self.closing.is_none() {
                self.hear_news(cx, is_known, now);
                self.watch(now);
            }
            let (had_text, had_spoken) = (self.down.own_text.is_some(), self.has_spoken());
            let event = self.pump(cx, now);
            let is_new = event.is_some();
            if let Some(event) = event {
                self.handle(event, now);
            }
            if let Some(end) = self.part(cx, now) {
                return Poll::Ready(end);
            }
            // A text that went makes room for the next one.
            let begins_to_speak = !had_spoken && self.has_spoken() && self.control.has_news();
            if is_new || (had_text && self.down.own_text.is_none()) || begins_to_speak {
                continue;
            }
            if self.wait(cx, is_known, now).is_pending() {
                if !is_known {
                    self.waker = Some(cx.waker().clone());
                }
                return Poll::Pending;
            }
        }
    }

    fn pump(&mut self, cx: &mut Context<'_>, now: Instant) -> Option<Event> {
        let Driver {
            client,
            upstream,
            up,
            down,
            rules,
            control,
            hook,
            tag,
            ..
        } = self;
        let mut context = PollContext {
            cx,
            now,
            rules,
            control,
            tag: *tag,
        };
        up.pump(client, upstream, &mut context, hook.as_deref_mut())
            .or_else(|| down.pump(upstream, client, &mut context, None))
    }

    fn hear_news(&mut self, cx: &Context<'_>, is_known: bool, now: Instant) {
        if is_known && !self.control.has_news() {
            return;
        }
        let news = self
            .control
            .poll_news(cx, self.down.own_text.is_none(), self.has_spoken());
        if let Some(order) = news.order {
            self.order = Some((now + random::within(order.within), order));
        }
        if news.text.is_some() {
            self.down.own_text = news.text;
        }
    }

    /// The upstream's first message has gone to the client.
    fn has_spoken(&self) -> bool {
        self.down.traffic.messages > 0
    }

    /// Acts on the deadlines that have passed.
    fn watch(&mut self, now: Instant) {
        if self.order.is_none() && now < self.rings_at {
            return;
        }
        if self.order.as_ref().is_some_and(|(at, _)| *at <= now)
            && let Some((_, order)) = self.order.take()
        {
            return self.begin(Cause::Ordered, Some((order.code, &order.reason)), None, now);
        }
        if let Some(answers) = &self.pending_violation
            && answers.until(self.rules) <= now
        {
            return self.begin(Cause::Violated(Side::Client, answers.violation), None, None, now);
        }
        let overdue = self.deadlines().into_iter().flatten().find(|(at, _)| *at <= now);
        if let Some((_, cause)) = overdue {
            let reason = match cause {
                Cause::Idle => "no message for too long",
                _ => "open for as long as a socket may be",
            };
            return self.begin(cause, Some((1001, reason)), None, now);
        }
        if self.ping_at <= now {
            self.ping_at = now + self.rules.ping_interval;
            self.down.owes_ping = self.client.transport.may_vanish();
            self.up.owes_ping = self.upstream.transport.may_vanish();
        }
    }

    /// The times at which the relay ends by itself. A side is not held to be gone while it is us who do not read.
    fn deadlines(&self) -> [Option<(Instant, Cause)>; 6] {
        let RelayRules {
            ping_interval,
            write_stall_timeout,
            idle_max,
            lifetime_max,
            ..
        } = self.rules;
        let stall = |since: Option<Instant>, side| Some((since? + *write_stall_timeout, Cause::Stalled(side)));
        let gone = |at: Option<Instant>, side, paused: bool| Some((at.filter(|_| !paused)?, Cause::Gone(side)));
        let (client, upstream) = (&self.client, &self.upstream);
        [
            stall(client.stalled_since, Side::Client),
            stall(upstream.stalled_since, Side::Upstream),
            gone(client.liveness.gone_at(*ping_interval), Side::Client, self.up.is_paused),
            gone(
                upstream.liveness.gone_at(*ping_interval),
                Side::Upstream,
                self.down.is_paused,
            ),
            idle_max.map(|max| (self.up.data_at.max(self.down.data_at) + max, Cause::Idle)),
            lifetime_max.map(|max| (self.opened_at + max, Cause::Lifetime)),
        ]
    }

    fn handle(&mut self, event: Event, now: Instant) {
        match (event, &mut self.closing) {
            (Event::Closed { by, code, frame }, None) => {
                self.begin(Cause::Closed(by), None, Some((code, frame)), now);
            }
            (Event::Closed { by, frame, .. }, Some(closing)) => closing.echoed(by, frame),
            (Event::Finished(side), None) => self.begin(Cause::Finished(side), None, None, now),
            (Event::Violated(side, violation), None) => self.violated(side, violation, now),
            (Event::Hook { code, reason }, None) => self.begin(Cause::Hook, Some((code, &reason)), None, now),
            (Event::Lost(side), None) => self.begin(Cause::Reset(side), None, None, now),
            (Event::Lost(side), Some(_)) => self.give_up(side),
            (Event::Finished(_) | Event::Violated(..) | Event::Hook { .. }, Some(_)) => {}
        }
    }

    /// A side broke the rules. If it is the client, nothing more of it is passed, and the upstream is asked for its last
    /// answers; but not where it got nothing, or stands within a frame, in which a Close would be read as payload.
    fn violated(&mut self, side: Side, violation: Violation, now: Instant) {
        let is_owed = self.up.traffic.bytes > 0 && !self.up.in_frame && !self.upstream.is_silent();
        if side == Side::Upstream || !is_owed {
            return self.begin(Cause::Violated(side, violation), None, None, now);
        }
        self.hook = None;
        self.up.stop(Some(Side::Client));
        self.up.out.push(&closing::client_left(), 0);
        self.pending_violation = Some(Box::new(PendingViolation { violation, since: now }));
    }

    /// The relay ends. The slot is free from here on; nothing was said to the client yet.
    fn begin(&mut self, cause: Cause, words: Option<(u16, &str)>, frame: Option<(Option<u16>, Vec<u8>)>, now: Instant) {
        drop(self.slot.take());
        self.control.end();
        self.hook = None;
        // What was said to the upstream for its last answers went out whole, or goes out again.
        let is_told = self.pending_violation.is_some() && self.up.out.is_empty();
        if let Cause::Reset(side) | Cause::Gone(side) | Cause::Stalled(side) = cause {
            self.give_up(side);
        }
        for flow in [&mut self.up, &mut self.down] {
            flow.stop(cause.side());
        }
        // Whatever ended the wait for answers, what the client did came first.
        let (cause, since) = match self.pending_violation.take() {
            Some(answers) => (Cause::Violated(Side::Client, answers.violation), answers.since),
            None => (cause, now),
        };
        let mut closing = Closing::new(cause, words, frame, self.rules, since);
        if is_told {
            closing.to_upstream = Farewell::Told;
        }
        self.closing = Some(Box::new(closing));
    }

    fn give_up(&mut self, side: Side) {
        match side {
            Side::Client => self.client.give_up(),
            Side::Upstream => self.upstream.give_up(),
        }
    }

    /// Takes the closing as far as it goes, if there is one, and says when it is over.
    fn part(&mut self, cx: &mut Context<'_>, now: Instant) -> Option<End> {
        let Driver {
            client,
            upstream,
            up,
            down,
            rules,
            control,
            closing,
            tag,
            ..
        } = self;
        let closing = closing.as_mut()?;
        let mut context = PollContext {
            cx,
            now,
            rules,
            control,
            tag: *tag,
        };
        closing.part(client, down, up, upstream.is_silent(), &mut context);
        closing.part(upstream, up, down, client.is_silent(), &mut context);
        let is_done = client.is_done() && upstream.is_done();
        if !is_done && now < closing.until {
            return None;
        }
        let is_clean = is_done && !client.is_dead && !upstream.is_dead;
        if !client.is_shut {
            client.give_up();
        }
        if !upstream.is_shut {
            upstream.give_up();
        }
        Some(End {
            cause: closing.cause,
            code: closing.code,
            is_clean,
            up: up.traffic,
            down: down.traffic,
        })
    }

    /// Pending until the next moment that matters. The timer is moved only when it would ring too late, so that a
    /// message costs no timer: it rings early at most once an interval.
    fn wait(&mut self, cx: &mut Context<'_>, is_known: bool, now: Instant) -> Poll<()> {
        if is_known && self.is_quiet() && now < self.rings_at {
            return Poll::Pending;
        }
        let next_at = match &self.closing {
            Some(closing) => closing.next_at(now),
            None => {
                let order_at = self.order.as_ref().map(|(at, _)| *at);
                let answered_at = self.pending_violation.as_ref().map(|answers| answers.until(self.rules));
                let ends = self.deadlines().into_iter().flatten().map(|(at, _)| at);
                ends.chain(order_at).chain(answered_at).fold(self.ping_at, Instant::min)
            }
        };
        if self.timer.is_elapsed() || next_at < self.rings_at {
            self.rings_at = next_at;
            self.timer.as_mut().reset(next_at);
        }
        self.timer.as_mut().poll(cx)
    }

    /// Nothing is under way that may end sooner than the timer rings. Whatever else has a deadline only moves it away,
    /// or begins one that is an interval off, and by then the next ping is due.
    fn is_quiet(&self) -> bool {
        let stalls = self.client.stalled_since.is_some() || self.upstream.stalled_since.is_some();
        !stalls && self.order.is_none() && self.pending_violation.is_none() && self.closing.is_none()
    }
}

impl<D, U, G> Drop for Driver<'_, D, U, G> {
    /// Ends the handle: a relay that is dropped in the middle takes no more orders either.
    fn drop(&mut self) {
        self.control.end();
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "what a socket waits for runs on the runtime's clock; nothing is counted by it"
)]
fn now() -> Instant {
    Instant::now()
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one timer of a relay, for all of its bounds"
)]
fn sleep_until(at: Instant) -> Pin<Box<Sleep>> {
    Box::pin(tokio::time::sleep_until(at))
}
