//! A second reader of the bytes a client sends, for what hyper sees and does not tell.
//!
//! hyper drops the length when a coding stands beside it, and cuts a fragment off the target: by the time there is
//! a head to check, the second reading is gone (faults 38 and 41). This one follows heads and framing alone. It
//! changes nothing and refuses nothing that hyper refuses; where it loses its way, everything after is refused.

use tidegate_core::facts::Ambiguous;

/// Follows one connection's bytes.
#[derive(Debug)]
pub(crate) struct Gate {
    state: State,
    line: Vec<u8>,
    line_bytes: usize,
    head: Head,
    heads: u64,
}

#[derive(Debug)]
enum State {
    /// In lines that mean this.
    Lines(Lines),
    /// In bytes that mean nothing here, and then in such lines.
    Skip(u64, Lines),
    /// A fault was found.
    Done,
}

#[derive(Clone, Copy, Debug)]
enum Lines {
    Head,
    ChunkSize,
    Trailers,
}

#[derive(Debug, Default)]
struct Head {
    begun: bool,
    length: Option<u64>,
    coded: bool,
    fault: Option<Ambiguous>,
}

/// How much of a line is kept: the fields that matter here are shorter.
const LINE_BYTES_KEPT: usize = 128;

impl Gate {
    pub(crate) fn new() -> Gate {
        Gate {
            state: State::Lines(Lines::Head),
            line: Vec::with_capacity(LINE_BYTES_KEPT),
            line_bytes: 0,
            head: Head::default(),
            heads: 0,
        }
    }

    /// Heads read to their end.
    pub(crate) fn heads(&self) -> u64 {
        self.heads
    }

    /// A head has begun and not ended.
    pub(crate) fn is_in_head(&self) -> bool {
        matches!(self.state, State::Lines(Lines::Head)) && (self.head.begun || self.line_bytes > 0)
    }

    /// Reads on. Returns why the head that ended in these bytes has two readings; [`Gate::heads`] says which.
    pub(crate) fn see(&mut self, mut bytes: &[u8]) -> Option<Ambiguous> {
        while !bytes.is_empty() {
            match self.state {
                State::Done => return None,
                State::Skip(left, then) => {
                    let skipped = left.min(bytes.len() as u64);
                    // At most the length of a slice, as the line above says.
                    bytes = &bytes[skipped as usize..];
                    self.state = if skipped == left {
                        State::Lines(then)
                    } else {
                        State::Skip(left - skipped, then)
                    };
                }
                State::Lines(lines) => {
                    let end = bytes.iter().position(|byte| *byte == b'\n');
                    let (part, rest) = bytes.split_at(end.map_or(bytes.len(), |at| at + 1));
                    bytes = rest;
                    self.keep(part, lines);
                    if end.is_some() {
                        self.end_line(lines);
                    }
                    if let State::Done = self.state {
                        return self.head.fault;
                    }
                }
            }
        }
        None
    }

    fn keep(&mut self, part: &[u8], lines: Lines) {
        if matches!(lines, Lines::Head) && !self.head.begun && part.contains(&b'#') {
            self.head.fault = Some(Ambiguous::Target);
        }
        self.line_bytes += part.len();
        let room = LINE_BYTES_KEPT - self.line.len();
        self.line.extend_from_slice(&part[..part.len().min(room)]);
    }

    fn end_line(&mut self, lines: Lines) {
        let whole = self.line_bytes <= LINE_BYTES_KEPT;
        let line = self.line.trim_ascii_end();
        let next = match lines {
            Lines::Head if line.is_empty() && whole => {
                if self.head.begun {
                    self.end_head()
                } else {
                    State::Lines(Lines::Head)
                }
            }
            Lines::Head => {
                if self.head.begun {
                    self.head.field(line, whole);
                }
                self.head.begun = true;
                State::Lines(Lines::Head)
            }
            Lines::ChunkSize => match chunk_bytes(line) {
                Some(0) => State::Lines(Lines::Trailers),
                // Two more for the line end after the chunk.
                Some(bytes) => State::Skip(bytes.saturating_add(2), Lines::ChunkSize),
                // Not a chunk: hyper ends the connection. Should it not, nothing after is believed.
                None => self.lose_way(),
            },
            Lines::Trailers if line.is_empty() && whole => State::Lines(Lines::Head),
            Lines::Trailers => State::Lines(Lines::Trailers),
        };
        self.state = next;
        self.line.clear();
        self.line_bytes = 0;
    }

    fn end_head(&mut self) -> State {
        self.heads += 1;
        let Head {
            length, coded, fault, ..
        } = std::mem::take(&mut self.head);
        self.head.fault = fault.or((coded && length.is_some()).then_some(Ambiguous::LengthAndCoding));
        match length {
            _ if self.head.fault.is_some() => State::Done,
            _ if coded => State::Lines(Lines::ChunkSize),
            Some(bytes) if bytes > 0 => State::Skip(bytes, Lines::Head),
            _ => State::Lines(Lines::Head),
        }
    }

    fn lose_way(&mut self) -> State {
        self.heads += 1;
        self.head.fault = Some(Ambiguous::LengthAndCoding);
        State::Done
    }
}

impl Head {
    fn field(&mut self, line: &[u8], whole: bool) {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else {
            return;
        };
        let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
        if name.eq_ignore_ascii_case(b"transfer-encoding") {
            self.coded = true;
        } else if name.eq_ignore_ascii_case(b"content-length") {
            // hyper merges equal ones and refuses different ones and those that are no number.
            let number = std::str::from_utf8(value).ok().and_then(|text| text.parse().ok());
            match number {
                Some(bytes) if whole => self.length = self.length.or(Some(bytes)),
                _ => self.fault = Some(Ambiguous::Length),
            }
        }
    }
}

fn chunk_bytes(line: &[u8]) -> Option<u64> {
    let digits = line.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    // Sixteen digits and more are hyper's to refuse.
    let text = std::str::from_utf8(&line[..digits]).ok()?;
    u64::from_str_radix(text, 16).ok()
}

#[cfg(test)]
mod tests;
