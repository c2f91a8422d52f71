//! JSON (RFC 8259) read as it comes: told piece by piece, without a tree, in memory that does not grow with the text.
//!
//! It takes what `serde_json` takes as a value, numbers too large for a double apart: those are for whoever reads them.

mod number;
mod sink;

use number::Number;
pub use sink::{Sink, Word};
pub use tidegate_core::payload::upload::Malformed;

/// Most arrays and objects that stand within each other; more are malformed, here as for `serde_json`.
pub const NESTING_MAX: u32 = 127;

/// A reader in the middle of a text.
#[derive(Clone, Debug)]
pub struct Json {
    state: State,
    /// The number of open arrays and objects, and a bit for each that is an object, the innermost in the lowest bit.
    nesting: u32,
    objects: u128,
    /// The string at hand is a key.
    is_key: bool,
    /// The bytes of a character that was cut.
    cut: [u8; 4],
    cut_bytes: usize,
    /// The first half of a pair of escapes; 0: none.
    high: u32,
    /// Bytes read before those at hand.
    read: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Value,
    ValueOrEnd,
    Key,
    KeyOrEnd,
    Colon,
    CommaOrEnd,
    Text,
    Escape,
    Unicode { unit: u32, digits: u8 },
    Number(Number),
    Word { word: Word, matched: u8 },
    Done,
}

impl Json {
    /// Makes a reader at the beginning of a text.
    pub fn new() -> Json {
        Json {
            state: State::Value,
            nesting: 0,
            objects: 0,
            is_key: false,
            cut: [0; 4],
            cut_bytes: 0,
            high: 0,
            read: 0,
        }
    }

    /// Returns the number of open arrays and objects.
    pub fn nesting(&self) -> u32 {
        self.nesting
    }

    /// Reads on.
    ///
    /// # Errors
    /// The text is malformed, or the sink stops the reading. It is over then.
    pub fn read<S: Sink>(&mut self, bytes: &[u8], sink: &mut S) -> Result<(), S::Stop> {
        let mut at = 0;
        while at < bytes.len() {
            at = match self.state {
                State::Text => self.text(bytes, at, sink)?,
                State::Number(number) => self.number(number, bytes, at, sink)?,
                State::Escape => self.escape(bytes[at], at, sink)?,
                State::Unicode { unit, digits } => self.unicode(unit, digits, bytes[at], at, sink)?,
                State::Word { word, matched } => self.word(word, matched, bytes[at], at, sink)?,
                _ if matches!(bytes[at], b' ' | b'\n' | b'\r' | b'\t') => at + 1,
                _ => self.token(bytes[at], at, sink)?,
            };
        }
        self.read += bytes.len() as u64;
        Ok(())
    }

    /// The text is over. White space alone is a text of nothing.
    ///
    /// # Errors
    /// It ends too early, or the sink stops the reading.
    pub fn end<S: Sink>(&mut self, sink: &mut S) -> Result<(), S::Stop> {
        match self.state {
            State::Done => Ok(()),
            State::Value if self.nesting == 0 => Ok(()),
            State::Number(number) if self.nesting == 0 && number.is_whole() => {
                self.state = State::Done;
                sink.number_end()
            }
            _ => Err(self.malformed("the text ends too early", 0)),
        }
    }

    /// A byte where a value, a key or a sign between them stands.
    fn token<S: Sink>(&mut self, byte: u8, at: usize, sink: &mut S) -> Result<usize, S::Stop> {
        match (self.state, byte) {
            (State::Value | State::ValueOrEnd, b'{') => self.open(true, at, sink)?,
            (State::Value | State::ValueOrEnd, b'[') => self.open(false, at, sink)?,
            (State::ValueOrEnd | State::CommaOrEnd, b']') if !self.in_object() => self.close(sink)?,
            (State::KeyOrEnd | State::CommaOrEnd, b'}') if self.in_object() => self.close(sink)?,
            (State::Value | State::ValueOrEnd, b'"') => self.string(false, sink)?,
            (State::Key | State::KeyOrEnd, b'"') => self.string(true, sink)?,
            (State::Colon, b':') => self.state = State::Value,
            (State::CommaOrEnd, b',') if self.in_object() => self.state = State::Key,
            (State::CommaOrEnd, b',') => self.state = State::Value,
            (State::Value | State::ValueOrEnd, b'n') => self.state = begun(Word::Null),
            (State::Value | State::ValueOrEnd, b't') => self.state = begun(Word::True),
            (State::Value | State::ValueOrEnd, b'f') => self.state = begun(Word::False),
            (State::Value | State::ValueOrEnd, _) => match Number::begun_by(byte) {
                Some(number) => {
                    self.state = State::Number(number);
                    sink.digits(&[byte])?;
                }
                None => return Err(self.malformed("no value", at)),
            },
            (State::Key | State::KeyOrEnd, _) => return Err(self.malformed("no key", at)),
            (State::Colon, _) => return Err(self.malformed("no colon behind a key", at)),
            (State::Done, _) => return Err(self.malformed("more behind the end", at)),
            _ => return Err(self.malformed("neither a comma nor an end", at)),
        }
        Ok(at + 1)
    }

    fn in_object(&self) -> bool {
        self.objects & 1 == 1
    }

    fn open<S: Sink>(&mut self, is_object: bool, at: usize, sink: &mut S) -> Result<(), S::Stop> {
        if self.nesting == NESTING_MAX {
            return Err(self.malformed("too many arrays and objects within each other", at));
        }
        self.nesting += 1;
        self.objects = self.objects << 1 | u128::from(is_object);
        self.state = if is_object { State::KeyOrEnd } else { State::ValueOrEnd };
        sink.open(is_object)
    }

    fn close<S: Sink>(&mut self, sink: &mut S) -> Result<(), S::Stop> {
        self.nesting -= 1;
        self.objects >>= 1;
        self.state = self.behind_value();
        sink.close()
    }

    fn behind_value(&self) -> State {
        if self.nesting == 0 {
            State::Done
        } else {
            State::CommaOrEnd
        }
    }

    fn string<S: Sink>(&mut self, is_key: bool, sink: &mut S) -> Result<(), S::Stop> {
        self.is_key = is_key;
        self.state = State::Text;
        sink.string(is_key)
    }

    /// The plain part of a string, up to its end, an escape, or where the bytes were cut.
    fn text<S: Sink>(&mut self, bytes: &[u8], mut at: usize, sink: &mut S) -> Result<usize, S::Stop> {
        if self.cut_bytes > 0 {
            at = self.mend(bytes, at, sink)?;
        }
        let start = at;
        while at < bytes.len() && !ENDS_TEXT[usize::from(bytes[at])] {
            at += 1;
        }
        if self.high != 0 && (at > start || bytes.get(at).is_some_and(|byte| *byte != b'\\')) {
            return Err(self.malformed("half of a pair of escapes", start));
        }
        match std::str::from_utf8(&bytes[start..at]) {
            Ok("") => {}
            Ok(text) => sink.piece(text)?,
            Err(error) => {
                let valid = start + error.valid_up_to();
                // Only at the very end may a character go on.
                if at < bytes.len() || error.error_len().is_some() {
                    return Err(self.malformed("no UTF-8", valid));
                }
                if let Ok(text) = std::str::from_utf8(&bytes[start..valid]) {
                    sink.piece(text)?;
                }
                self.cut_bytes = at - valid;
                self.cut[..at - valid].copy_from_slice(&bytes[valid..at]);
            }
        }
        match bytes.get(at) {
            None => return Ok(at),
            Some(b'"') => {
                self.state = if self.is_key { State::Colon } else { self.behind_value() };
                sink.string_end(self.is_key)?;
            }
            Some(b'\\') => self.state = State::Escape,
            Some(_) => return Err(self.malformed("a control character in a string", at)),
        }
        Ok(at + 1)
    }

    /// The rest of a character whose beginning came before.
    fn mend<S: Sink>(&mut self, bytes: &[u8], mut at: usize, sink: &mut S) -> Result<usize, S::Stop> {
        while at < bytes.len() && self.cut_bytes > 0 {
            self.cut[self.cut_bytes] = bytes[at];
            let cut = self.cut;
            match std::str::from_utf8(&cut[..=self.cut_bytes]) {
                Ok(text) => {
                    self.cut_bytes = 0;
                    sink.piece(text)?;
                }
                Err(error) if error.error_len().is_none() => self.cut_bytes += 1,
                Err(_) => return Err(self.malformed("no UTF-8", at)),
            }
            at += 1;
        }
        Ok(at)
    }

    fn escape<S: Sink>(&mut self, byte: u8, at: usize, sink: &mut S) -> Result<usize, S::Stop> {
        let text = match byte {
            b'u' => {
                self.state = State::Unicode { unit: 0, digits: 0 };
                return Ok(at + 1);
            }
            _ if self.high != 0 => return Err(self.malformed("half of a pair of escapes", at)),
            b'"' => "\"",
            b'\\' => "\\",
            b'/' => "/",
            b'b' => "\u{8}",
            b'f' => "\u{c}",
            b'n' => "\n",
            b'r' => "\r",
            b't' => "\t",
            _ => return Err(self.malformed("no escape", at)),
        };
        self.state = State::Text;
        sink.piece(text)?;
        Ok(at + 1)
    }

    fn unicode<S: Sink>(&mut self, unit: u32, digits: u8, byte: u8, at: usize, sink: &mut S) -> Result<usize, S::Stop> {
        let Some(digit) = char::from(byte).to_digit(16) else {
            return Err(self.malformed("no hexadecimal digit", at));
        };
        let unit = unit * 16 + digit;
        if digits < 3 {
            self.state = State::Unicode {
                unit,
                digits: digits + 1,
            };
            return Ok(at + 1);
        }
        self.state = State::Text;
        let code = match (self.high, unit) {
            (0, 0xD800..=0xDBFF) => {
                self.high = unit;
                return Ok(at + 1);
            }
            (0, _) => unit,
            (high, 0xDC00..=0xDFFF) => 0x1_0000 + ((high - 0xD800) << 10 | (unit - 0xDC00)),
            _ => 0xD800,
        };
        self.high = 0;
        let Some(character) = char::from_u32(code) else {
            return Err(self.malformed("half of a pair of escapes", at));
        };
        sink.piece(character.encode_utf8(&mut [0; 4]))?;
        Ok(at + 1)
    }

    /// The digits at hand; a byte that is none of them ends the number and is read anew.
    fn number<S: Sink>(&mut self, number: Number, bytes: &[u8], start: usize, sink: &mut S) -> Result<usize, S::Stop> {
        let (mut number, mut at) = (number, start);
        let ended = loop {
            let Some(byte) = bytes.get(at) else { break false };
            if byte.is_ascii_digit() && number.goes_on_by_digits() {
                at += 1;
                continue;
            }
            match number.then(*byte) {
                Some(next) => number = next,
                None => break true,
            }
            at += 1;
        };
        if at > start {
            sink.digits(&bytes[start..at])?;
        }
        self.state = State::Number(number);
        if ended {
            if !number.is_whole() {
                return Err(self.malformed("a number that is not whole", at));
            }
            self.state = self.behind_value();
            sink.number_end()?;
        }
        Ok(at)
    }

    fn word<S: Sink>(&mut self, word: Word, matched: u8, byte: u8, at: usize, sink: &mut S) -> Result<usize, S::Stop> {
        let letters = word.as_str().as_bytes();
        if letters[usize::from(matched)] != byte {
            return Err(self.malformed("no value", at));
        }
        if usize::from(matched) + 1 == letters.len() {
            self.state = self.behind_value();
            sink.word(word)?;
        } else {
            self.state = State::Word {
                word,
                matched: matched + 1,
            };
        }
        Ok(at + 1)
    }

    fn malformed<E: From<Malformed>>(&self, what: &'static str, at: usize) -> E {
        E::from(Malformed {
            what,
            at: self.read + at as u64,
        })
    }
}

impl Default for Json {
    fn default() -> Json {
        Json::new()
    }
}

/// Bytes at which the plain part of a string ends.
const ENDS_TEXT: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 0x20 {
        table[byte] = true;
        byte += 1;
    }
    table[b'"' as usize] = true;
    table[b'\\' as usize] = true;
    table
};

/// Its first letter was there.
fn begun(word: Word) -> State {
    State::Word { word, matched: 1 }
}
