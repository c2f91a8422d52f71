//! One direction of a relay: reads from one side, checks, passes to the other, and puts own frames into gaps.
//!
//! Nothing is held while nothing moves: a read goes into space on the stack, and what the sink does not take at once
//! waits in a [`WriteBuffer`]; until that is empty nothing more is read.

use std::{mem::MaybeUninit, pin::Pin, task::Poll};

use tokio::{io::ReadBuf, time::Instant};

use super::{
    end::Traffic,
    endpoint::Endpoint,
    frame::{Checker, Data, Side, Step, head, write},
    held_message::HeldMessage,
    poll_context::{Event, PollContext, tag},
    random,
    read_span::ReadSpan,
    text_hook::{TextHook, Verdict},
    transport::Transport,
    write_buffer::WriteBuffer,
};

/// Most bytes of one read.
const READ_BYTES: usize = 16 * 1024;

#[derive(Debug)]
pub(super) struct Direction {
    from: Side,
    checker: Checker,
    /// The beginning of a frame that cannot be judged yet, or bytes that came before their time.
    kept: Vec<u8>,
    kept_is_unread: bool,
    pub(super) out: WriteBuffer,
    /// The sink has got, or gets from `out`, a part of a frame whose rest has not come.
    pub(super) in_frame: bool,
    in_message: bool,
    action: Action,
    /// No further frame is passed.
    pub(super) is_stopped: bool,
    /// The bytes that come are not looked at any more.
    pub(super) is_deaf: bool,
    /// The sink takes nothing, so nothing is read.
    pub(super) is_paused: bool,
    pub(super) owes_ping: bool,
    pub(super) own_text: Option<String>,
    pub(super) data_at: Instant,
    pub(super) traffic: Traffic,
}

/// The action on the message that is being read.
#[derive(Debug)]
enum Action {
    Pass,
    Drop,
    Hold(Box<HeldMessage>),
}

impl Direction {
    pub(super) fn new(from: Side, early: &[u8], now: Instant) -> Direction {
        Direction {
            from,
            checker: Checker::new(from),
            kept: early.to_vec(),
            kept_is_unread: !early.is_empty(),
            out: WriteBuffer::default(),
            in_frame: false,
            in_message: false,
            action: Action::Pass,
            is_stopped: false,
            is_deaf: false,
            is_paused: false,
            owes_ping: false,
            own_text: None,
            data_at: now,
            traffic: Traffic::default(),
        }
    }

    /// Passes on what can be, until both sides have to be waited for or something happens.
    pub(super) fn pump<A: Transport, B: Transport>(
        &mut self,
        source: &mut Endpoint<A>,
        sink: &mut Endpoint<B>,
        context: &mut PollContext<'_, '_>,
        mut hook: Option<&mut (dyn TextHook + 'static)>,
    ) -> Option<Event> {
        loop {
            let flushed = self.flush(sink, context);
            let Ok(is_empty) = flushed else {
                return Some(Event::Lost(sink.side));
            };
            if is_empty && self.is_paused {
                // Its silence was ours.
                self.is_paused = false;
                source.liveness.heard(context.now);
            }
            if is_empty && self.say_own(sink, context).is_err() {
                return Some(Event::Lost(sink.side));
            }
            let reads_away = self.is_deaf || (self.is_stopped && !self.in_frame);
            let takes_more = is_empty && self.out.is_empty();
            if source.is_silent() || !(takes_more || reads_away) {
                return None;
            }
            if std::mem::take(&mut self.kept_is_unread) {
                let kept = std::mem::take(&mut self.kept);
                if let event @ Some(_) = self.walk(&kept, sink, context, hook.as_deref_mut()) {
                    return event;
                }
                continue;
            }
            let mut space = [const { MaybeUninit::uninit() }; READ_BYTES];
            let mut buf = ReadBuf::uninit(&mut space);
            // At most KEPT_BYTES_MAX, or it would have been unread.
            buf.put_slice(&self.kept);
            match Pin::new(&mut source.transport).poll_read(context.cx, &mut buf) {
                Poll::Pending => return None,
                Poll::Ready(Err(_)) => return Some(Event::Lost(source.side)),
                Poll::Ready(Ok(())) if buf.filled().len() == self.kept.len() => {
                    source.is_over = true;
                    return Some(Event::Finished(source.side));
                }
                Poll::Ready(Ok(())) => {}
            }
            source.liveness.heard(context.now);
            self.kept = Vec::new();
            if let event @ Some(_) = self.walk(buf.filled(), sink, context, hook.as_deref_mut()) {
                return event;
            }
        }
    }

    /// Writes what waits. Whether all of it was taken; an error is the sink's end.
    pub(super) fn flush<B: Transport>(
        &mut self,
        sink: &mut Endpoint<B>,
        context: &mut PollContext<'_, '_>,
    ) -> Result<bool, ()> {
        if sink.is_dead || sink.is_shut {
            self.out.clear();
            return Ok(true);
        }
        let mut progress = false;
        let written = self.out.poll_write(context.cx, &mut sink.transport, &mut progress);
        if (progress || written.is_ready()) && sink.stalled_since.take().is_some() {
            sink.liveness.heard(context.now);
        }
        match written {
            Poll::Ready(Ok(())) => Ok(true),
            Poll::Ready(Err(_)) => Err(()),
            Poll::Pending => {
                sink.stalled_since.get_or_insert(context.now);
                sink.liveness.asked(context.now);
                self.is_paused = true;
                Ok(false)
            }
        }
    }

    /// Puts own frames into the gap, if there is one.
    fn say_own<B: Transport>(&mut self, sink: &mut Endpoint<B>, context: &mut PollContext<'_, '_>) -> Result<(), ()> {
        if self.in_frame || self.is_stopped {
            return Ok(());
        }
        if std::mem::take(&mut self.owes_ping) {
            let mask = (sink.side == Side::Upstream).then(random::mask);
            sink.liveness.asked(context.now);
            self.emit(&write::ping(tag(context.tag, sink.side), mask), 0, sink, context)?;
        }
        if !self.in_message
            && let Some(text) = self.own_text.take()
        {
            self.emit(&write::text(&text, None), 0, sink, context)?;
        }
        Ok(())
    }

    /// Takes all of `bytes`: passes on, throws away, or keeps the rest of them.
    fn walk<B: Transport>(
        &mut self,
        bytes: &[u8],
        sink: &mut Endpoint<B>,
        context: &mut PollContext<'_, '_>,
        mut hook: Option<&mut (dyn TextHook + 'static)>,
    ) -> Option<Event> {
        if self.is_deaf {
            return None;
        }
        let mut span = ReadSpan::new(
            bytes,
            if self.in_frame {
                self.checker.frame_left_bytes()
            } else {
                0
            },
        );
        let ended = loop {
            let has_own = self.owes_ping || self.own_text.is_some();
            if has_own && !self.in_frame && !self.is_stopped {
                match self
                    .pass(&mut span, sink, context)
                    .and_then(|()| self.say_own(sink, context))
                {
                    Ok(()) => {}
                    Err(()) => break Some(Event::Lost(sink.side)),
                }
            }
            let rules = context.rules.of(self.from);
            match self.checker.step(rules, tag(context.tag, self.from), span.rest()) {
                Ok(Step::More) => {
                    self.kept = span.rest().to_vec();
                    break None;
                }
                Ok(Step::Control { bytes }) if !self.is_stopped => self.extend(&mut span, bytes),
                Ok(Step::Control { bytes } | Step::OwnPong { bytes }) => {
                    if self.skip(&mut span, bytes, sink, context).is_err() {
                        break Some(Event::Lost(sink.side));
                    }
                }
                Ok(Step::Close { bytes, code }) => {
                    self.is_deaf = true;
                    let frame = span.rest()[..bytes].to_vec();
                    break Some(Event::Closed {
                        by: self.from,
                        code,
                        frame,
                    });
                }
                Ok(Step::Data(data)) => match self.data(data, &mut span, sink, context, hook.as_deref_mut()) {
                    Ok(None) => {}
                    Ok(event) => {
                        self.kept = span.rest().to_vec();
                        self.kept_is_unread = true;
                        break event;
                    }
                    Err(()) => break Some(Event::Lost(sink.side)),
                },
                Err(violation) => {
                    self.is_deaf = true;
                    break Some(Event::Violated(self.from, violation));
                }
            }
        };
        match self.pass(&mut span, sink, context) {
            Ok(()) => ended,
            Err(()) => ended.or(Some(Event::Lost(sink.side))),
        }
    }

    /// Passes, drops or holds a part of a data frame.
    fn data<B: Transport>(
        &mut self,
        data: Data,
        span: &mut ReadSpan<'_>,
        sink: &mut Endpoint<B>,
        context: &mut PollContext<'_, '_>,
        mut hook: Option<&mut (dyn TextHook + 'static)>,
    ) -> Result<Option<Event>, ()> {
        if data.begins_message {
            self.action = Action::Pass;
            if let Some(hook) = &mut hook
                && data.is_text
                && !self.is_stopped
                && !hook.passes_unread()
            {
                self.action = Action::Hold(Box::default());
            }
        }
        if self.is_stopped && !self.in_frame {
            self.action = Action::Drop;
        }
        match (std::mem::replace(&mut self.action, Action::Drop), hook) {
            (Action::Pass, _) => {
                self.action = Action::Pass;
                self.extend(span, data.bytes);
                self.passed(data, context.now);
                Ok(None)
            }
            (Action::Hold(mut held), Some(hook)) => {
                let seen_max = context.rules.text_bytes_seen;
                held.take(data, &span.rest()[..data.bytes], seen_max);
                self.skip(span, data.bytes, sink, context)?;
                if !data.ends_message && held.text.len() < seen_max {
                    self.action = Action::Hold(held);
                    return Ok(None);
                }
                match hook.on_text(&held.text) {
                    Verdict::Pass => {
                        self.action = Action::Pass;
                        self.traffic.bytes += held.frames.len() as u64;
                        self.passed(data, context.now);
                        self.emit(&held.frames, 0, sink, context)?;
                    }
                    Verdict::Swallow => {}
                    Verdict::Reply(text) => {
                        // A client that does not take its replies gets no more of them.
                        let _ = context.control.send(text);
                    }
                    Verdict::Close { code, reason } => return Ok(Some(Event::Hook { code, reason })),
                }
                Ok(None)
            }
            (Action::Drop | Action::Hold(_), _) => self.skip(span, data.bytes, sink, context).map(|()| None),
        }
    }

    /// The relay ends: nothing new is passed from here on. What waits stays if it came before the end of the very side
    /// that ended; from the other one, only the rest of a frame that was begun.
    pub(super) fn stop(&mut self, ended: Option<Side>) {
        self.is_stopped = true;
        self.owes_ping = false;
        self.own_text = None;
        if ended != Some(self.from) && !self.out.is_empty() && self.out.cut() {
            self.in_frame = false;
        }
    }

    fn passed(&mut self, data: Data, now: Instant) {
        self.in_frame = !data.ends_frame;
        self.in_message = !data.ends_message;
        self.data_at = now;
        self.traffic.messages += u64::from(data.ends_message);
    }

    fn extend(&mut self, span: &mut ReadSpan<'_>, bytes: usize) {
        self.traffic.bytes += bytes as u64;
        span.at += bytes;
    }

    /// Leaves bytes out. Only where a frame begins, so the sink stands in a gap.
    fn skip<B: Transport>(
        &mut self,
        span: &mut ReadSpan<'_>,
        bytes: usize,
        sink: &mut Endpoint<B>,
        context: &mut PollContext<'_, '_>,
    ) -> Result<(), ()> {
        self.pass(span, sink, context)?;
        span.at += bytes;
        span.start = span.at;
        Ok(())
    }

    /// Passes on what the span holds and begins the next behind it.
    fn pass<B: Transport>(
        &mut self,
        span: &mut ReadSpan<'_>,
        sink: &mut Endpoint<B>,
        context: &mut PollContext<'_, '_>,
    ) -> Result<(), ()> {
        let bytes = &span.bytes[span.start..span.at];
        let frame_left_bytes = std::mem::take(&mut span.frame_left_bytes);
        span.start = span.at;
        self.emit(bytes, frame_left_bytes, sink, context)
    }

    fn emit<B: Transport>(
        &mut self,
        bytes: &[u8],
        frame_left_bytes: u64,
        sink: &mut Endpoint<B>,
        context: &mut PollContext<'_, '_>,
    ) -> Result<(), ()> {
        if bytes.is_empty() || sink.is_dead || sink.is_shut {
            return Ok(());
        }
        let taken = if self.out.is_empty() {
            match Pin::new(&mut sink.transport).poll_write(context.cx, bytes) {
                Poll::Ready(Ok(0) | Err(_)) => return Err(()),
                Poll::Ready(Ok(taken)) => taken,
                Poll::Pending => 0,
            }
        } else {
            0
        };
        if taken < bytes.len() {
            let next_start = head::next_start(bytes, frame_left_bytes, taken);
            self.out.push(&bytes[taken..], next_start - taken as u64);
        }
        Ok(())
    }
}
