//! The strict reader before hyper: of the bytes a client sends, hyper sees one strictly framed request at a time.
//!
//! hyper takes what two servers may read in two ways, and by the time there is a head to check the second reading is
//! gone: bare line feeds, a length beside a coding, equal lengths merged, a fragment cut off (faults 38 to 42). So a
//! head is kept here until it is whole, read by `head::read`, and handed on or replaced by a stand-in that carries
//! the refusal its usual way. What comes behind a request waits until that one is answered.

pub mod head;

use bytes::{Buf, BufMut, BytesMut};
use tidegate_core::{facts::Ambiguous, refusal::Refusal};

use super::chunks::{Chunks, Step};
use head::{Framing, HeadBounds};

/// Follows one connection's bytes.
#[derive(Debug)]
pub struct StrictReader {
    bounds: HeadBounds,
    state: State,
    /// The bytes that go on, up to `ready`, and behind them those that wait for their end or their turn.
    held: BytesMut,
    ready: usize,
    scan: Scan,
    heads: u64,
    fault: Option<Box<Refusal>>,
}

#[derive(Debug)]
enum State {
    Head,
    Body(u64),
    Chunks(Chunks),
    Refused,
    Broken,
}

/// The search for the end of a head, so far.
#[derive(Debug, Default)]
struct Scan {
    at: usize,
    line: usize,
    begun: bool,
}

/// The place at which a connection's bytes end for hyper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shut {
    /// Behind a head that was refused: nothing more comes, and the answer is on its way.
    Refused,
    /// Within a body that is not one.
    Broken,
}

// === impl StrictReader ===

impl StrictReader {
    /// Makes the reader of a connection whose heads have these bounds.
    pub fn new(bounds: HeadBounds) -> StrictReader {
        StrictReader {
            bounds,
            state: State::Head,
            held: BytesMut::new(),
            ready: 0,
            scan: Scan::default(),
            heads: 0,
            fault: None,
        }
    }

    /// Heads read to their end, the refused one among them.
    pub fn heads(&self) -> u64 {
        self.heads
    }

    /// Takes the reason why the head that ended last is refused, or the body that was followed.
    pub fn take_fault(&mut self) -> Option<Refusal> {
        self.fault.take().map(|why| *why)
    }

    /// Nothing that comes from now on is read.
    pub fn shut(&self) -> Option<Shut> {
        match self.state {
            State::Refused => Some(Shut::Refused),
            State::Broken => Some(Shut::Broken),
            _ => None,
        }
    }

    /// More than line ends stands behind what goes on: a head has begun.
    pub fn has_more(&self) -> bool {
        self.held[self.ready..].iter().any(|byte| !is_line_end(*byte))
    }

    /// Something is kept, be it line ends alone.
    pub fn has_held(&self) -> bool {
        !self.held.is_empty()
    }

    /// Something is kept that was not looked at: it came before its turn.
    pub fn is_owed_a_look(&self) -> bool {
        self.ready == 0 && self.scan.at < self.held.len()
    }

    /// Writes what goes on, as much as there is room for. `false` where there is nothing.
    pub fn hand_on(&mut self, room: &mut impl BufMut) -> bool {
        if self.ready == 0 {
            return false;
        }
        let part = self.ready.min(room.remaining_mut());
        room.put_slice(&self.held[..part]);
        self.held.advance(part);
        self.ready -= part;
        if self.held.is_empty() {
            // What rests between two requests keeps no buffer.
            self.held = BytesMut::new();
        }
        true
    }

    /// Returns the kept bytes as they came: for whoever takes the connection over.
    pub fn into_held(self) -> BytesMut {
        self.held
    }

    /// Reads on. Says how many of these bytes, from the first, go on at once; the others are kept, or thrown away
    /// where nothing goes on any more. A head is read in its turn only: when the request before it is answered.
    pub fn see(&mut self, bytes: &[u8], is_turn: bool) -> usize {
        if !self.held.is_empty() {
            self.held.extend_from_slice(bytes);
            if is_turn {
                self.look();
            }
            return 0;
        }
        let passed = self.follow(bytes, is_turn);
        if self.shut().is_none() {
            self.held.extend_from_slice(&bytes[passed..]);
        }
        passed
    }

    /// Looks at what is kept: its turn has come.
    pub fn look(&mut self) {
        let held = std::mem::take(&mut self.held);
        let passed = self.follow(&held, true);
        match self.state {
            // The stand-in is in its place.
            State::Refused => {}
            State::Broken => {
                self.held = held;
                self.held.truncate(passed);
                self.ready = passed;
            }
            _ => {
                self.held = held;
                self.ready = passed;
            }
        }
    }

    /// Returns the number of bytes that go on: at most one head, and what is there of its body.
    fn follow(&mut self, bytes: &[u8], is_turn: bool) -> usize {
        let mut passed = 0;
        if let State::Head = self.state {
            if !is_turn {
                return 0;
            }
            match self.head(bytes) {
                Ok(None) => return 0,
                Ok(Some((end, framing))) => {
                    passed = end;
                    self.state = match framing {
                        Framing::Length(0) => State::Head,
                        Framing::Length(bytes) => State::Body(bytes),
                        Framing::Chunked => State::Chunks(Chunks::strict(self.bounds.fields_max)),
                    };
                }
                Err(why) => {
                    self.heads += 1;
                    self.fault = Some(why.into());
                    self.held = head::stand_in(bytes);
                    self.ready = self.held.len();
                    self.state = State::Refused;
                    return 0;
                }
            }
        }
        passed + self.body(&bytes[passed..])
    }

    /// The head these bytes begin with, if it is whole.
    fn head(&mut self, bytes: &[u8]) -> Result<Option<(usize, Framing)>, Refusal> {
        let end = self.scan.end_of_head(bytes);
        if end.unwrap_or(bytes.len()) > self.bounds.bytes_max {
            return Err(head::too_large(bytes, self.bounds.bytes_max));
        }
        let Some(end) = end else {
            // Whoever speaks another protocol hears it at once.
            return match bytes.iter().find(|byte| !is_line_end(**byte)) {
                Some(first) if !head::is_token_byte(*first) => Err(Refusal::Ambiguous(Ambiguous::RequestLine)),
                _ => Ok(None),
            };
        };
        let framing = head::read(&bytes[..end], self.bounds.fields_max)?;
        self.scan = Scan::default();
        self.heads += 1;
        Ok(Some((end, framing)))
    }

    fn body(&mut self, bytes: &[u8]) -> usize {
        let (passed, next) = match &mut self.state {
            State::Head | State::Refused | State::Broken => return 0,
            State::Body(left) => {
                let passed = (*left).min(bytes.len() as u64);
                *left -= passed;
                // At most the length of a slice, as the line above says.
                (passed as usize, (*left == 0).then_some(State::Head))
            }
            State::Chunks(chunks) => match chunks.follow(bytes) {
                Step::More => (bytes.len(), None),
                Step::End(passed) => (passed, Some(State::Head)),
                Step::Fault(passed) => {
                    self.fault = Some(Refusal::Ambiguous(Ambiguous::Chunks).into());
                    (passed, Some(State::Broken))
                }
            },
        };
        if let Some(next) = next {
            self.state = next;
        }
        passed
    }
}

// === impl Scan ===

impl Scan {
    /// Finds the end of the head that these bytes begin with: behind its first empty line, however lines end.
    fn end_of_head(&mut self, bytes: &[u8]) -> Option<usize> {
        while let Some(found) = memchr::memchr(b'\n', &bytes[self.at..]) {
            let end = self.at + found + 1;
            let is_empty = matches!(&bytes[self.line..end], b"\n" | b"\r\n");
            self.at = end;
            self.line = end;
            if is_empty && self.begun {
                return Some(end);
            }
            self.begun |= !is_empty;
        }
        self.at = bytes.len();
        None
    }
}

fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

#[cfg(test)]
mod tests;
