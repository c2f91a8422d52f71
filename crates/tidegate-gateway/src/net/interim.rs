//! Interim answers of an upstream (RFC 9110 15.2), such as 103 Early Hints, on their way to a client of HTTP/1.1.
//!
//! hyper's server has no way to send it, so the socket below hyper writes it, between two messages and nowhere else: hyper
//! flushes only when all that it was given is written, and is given one request at a time.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    task::Waker,
};

use bytes::Bytes;
use futures_util::task::AtomicWaker;
use http::{
    HeaderMap, StatusCode,
    header::{CONTENT_LENGTH, TRAILER},
};
use parking_lot::Mutex;

use crate::hop_by_hop;

/// Most bytes of interim answers before one answer, with their fields; what is past it is not passed on.
pub(crate) const INTERIM_BYTES_MAX: usize = 16 * 1024;

/// The interim answers of the request that is being answered.
#[derive(Debug, Default)]
pub(crate) struct Interim {
    /// Something may be waiting: most requests are looked at here alone.
    has_some: AtomicBool,
    state: Mutex<State>,
    writer: AtomicWaker,
}

#[derive(Debug, Default)]
struct State {
    /// The answer has not begun, and the client reads interim ones.
    is_open: bool,
    waiting: Vec<u8>,
    /// Bytes of those that were taken already.
    taken: usize,
}

// === impl Interim ===

impl Interim {
    /// A request of HTTP/1.1 begins: its client understands them (15.2).
    pub(crate) fn open(&self) {
        *self.state.lock() = State {
            is_open: true,
            ..State::default()
        };
    }

    /// The answer begins: nothing comes before it any more.
    pub(crate) fn close(&self) {
        self.state.lock().is_open = false;
    }

    /// Passes one on, if the answer has not begun and there is room. 100 is the gate's own to say, and 101 is an answer.
    pub(crate) fn push(&self, status: StatusCode, fields: &HeaderMap) {
        if matches!(status, StatusCode::CONTINUE | StatusCode::SWITCHING_PROTOCOLS) {
            return;
        }
        let head = head(status, fields);
        let mut state = self.state.lock();
        if state.is_open && state.taken + state.waiting.len() + head.len() <= INTERIM_BYTES_MAX {
            state.waiting.extend(head);
            self.has_some.store(true, Ordering::Release);
            drop(state);
            self.writer.wake();
        }
    }

    /// Whoever writes is woken for them.
    pub(crate) fn wake(&self, waker: &Waker) {
        self.writer.register(waker);
    }

    /// Takes what is to be written now. `is_between` says that nothing of an answer is half written. Once the answer has begun
    /// what is left is thrown away.
    pub(crate) fn take(&self, is_between: bool) -> Option<Bytes> {
        if !self.has_some.load(Ordering::Acquire) {
            return None;
        }
        let mut state = self.state.lock();
        if state.is_open && !is_between {
            return None;
        }
        self.has_some.store(false, Ordering::Release);
        let waiting = std::mem::take(&mut state.waiting);
        state.taken += waiting.len();
        (is_between && !waiting.is_empty()).then(|| waiting.into())
    }

    /// The answer has not begun.
    pub(crate) fn is_open(&self) -> bool {
        self.has_some.load(Ordering::Acquire) && self.state.lock().is_open
    }
}

/// An interim answer as it is written.
fn head(status: StatusCode, fields: &HeaderMap) -> Vec<u8> {
    let mut fields = fields.clone();
    hop_by_hop::strip(&mut fields);
    // It has no body, whatever it says of one.
    fields.remove(CONTENT_LENGTH);
    fields.remove(TRAILER);
    let reason = status.canonical_reason().unwrap_or_default();
    let mut head = format!("HTTP/1.1 {} {reason}\r\n", status.as_u16()).into_bytes();
    for (name, value) in &fields {
        if !name.as_str().starts_with("tidegate-") {
            for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
                head.extend_from_slice(part);
            }
        }
    }
    head.extend_from_slice(b"\r\n");
    head
}

#[cfg(test)]
mod tests;
