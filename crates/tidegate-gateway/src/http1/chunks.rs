//! A body in chunks, of a request or of an upstream's answer (RFC 9112 7.1), followed byte by byte.
//!
//! Requests are read strictly: hyper takes spaces behind a size, and sizes of any number of digits. Answers have the same
//! grammar, but that servers write blanks behind a size, and anything into extensions.

use super::strict_reader::head::{is_token_byte, is_value_byte};

/// Follows one body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunks {
    rules: ChunkRules,
    at: At,
    size: u64,
    digits: u8,
    extension_bytes: usize,
    trailer_bytes: usize,
    trailers: usize,
    line_bytes: usize,
}

/// The rules for a body in chunks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ChunkRules {
    /// Blanks may stand behind a size, and bytes in an extension that are no text of a field.
    pub(crate) is_lenient: bool,
    /// Most bytes of the line of a size, without its line feed.
    pub(crate) line_bytes_max: usize,
    /// Most bytes of extensions in one body, with their semicolons: nobody uses any, and an attacker hides requests in them.
    pub(crate) extension_bytes_max: usize,
    /// Most bytes of trailers, without the empty line behind them.
    pub(crate) trailer_bytes_max: usize,
    /// Most fields of trailers.
    pub(crate) trailers_max: usize,
}

/// The place in the grammar where the next byte stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    Size,
    Blanks,
    Extension,
    SizeEnd,
    Data,
    DataCr,
    DataLf,
    Trailer,
    Name,
    Value,
    ValueEnd,
    End,
}

/// The next bytes of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// All of them say how it is cut, and more must come.
    More,
    /// Behind so many bytes that say how it is cut come so many of what it carries.
    Data { behind: usize, bytes: usize },
    /// Behind so many bytes the last chunk is over: trailers come.
    Trailers(usize),
    /// It ended behind so many bytes.
    End(usize),
    /// Behind so many bytes it is no longer one.
    Fault(usize),
}

/// The progress of a body that is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// All bytes are of it, and more must come.
    More,
    /// It ended behind so many bytes.
    End(usize),
    /// Behind so many bytes it is no longer one.
    Fault(usize),
}

/// Most bytes of extensions in one request.
const EXTENSION_BYTES_MAX: usize = 4096;

/// Most bytes of a request's trailers; they are read and not passed on.
const TRAILER_BYTES_MAX: usize = 8192;

/// Most digits of a size: more than any body here may have.
const SIZE_DIGITS_MAX: u8 = 15;

// === impl Chunks ===

impl Chunks {
    /// Follows the chunks of a request.
    pub(crate) fn strict(trailers_max: usize) -> Chunks {
        Chunks::new(ChunkRules {
            is_lenient: false,
            // The bounds of digits and extensions are nearer.
            line_bytes_max: usize::MAX,
            extension_bytes_max: EXTENSION_BYTES_MAX,
            trailer_bytes_max: TRAILER_BYTES_MAX,
            trailers_max,
        })
    }

    pub(crate) fn new(rules: ChunkRules) -> Chunks {
        Chunks {
            rules,
            at: At::Size,
            size: 0,
            digits: 0,
            extension_bytes: 0,
            trailer_bytes: 0,
            trailers: 0,
            line_bytes: 0,
        }
    }

    /// Reads on, to where these bytes or the body end.
    pub(crate) fn follow(&mut self, bytes: &[u8]) -> Step {
        let mut passed = 0;
        loop {
            match self.piece(&bytes[passed..]) {
                Piece::More => return Step::More,
                Piece::Data { behind, bytes } => passed += behind + bytes,
                Piece::Trailers(behind) => passed += behind,
                Piece::End(behind) => return Step::End(passed + behind),
                Piece::Fault(behind) => return Step::Fault(passed + behind),
            }
        }
    }

    /// Reads on, to the end of what can be said at once of these bytes.
    pub(crate) fn piece(&mut self, bytes: &[u8]) -> Piece {
        for (behind, byte) in bytes.iter().enumerate() {
            if self.at == At::Data {
                let part = self.size.min((bytes.len() - behind) as u64);
                self.size -= part;
                if self.size == 0 {
                    self.at = At::DataCr;
                }
                // At most the length of a slice, as the line above says.
                let bytes = part as usize;
                return Piece::Data { behind, bytes };
            }
            let is_at_size_end = self.at == At::SizeEnd;
            match self.next(*byte) {
                Some(At::End) if self.at == At::End => return Piece::End(behind + 1),
                Some(next) => self.at = next,
                None => return Piece::Fault(behind),
            }
            if is_at_size_end && self.at == At::Trailer {
                return Piece::Trailers(behind + 1);
            }
        }
        Piece::More
    }

    /// Returns the place that the byte leads to, unless it may not stand here.
    fn next(&mut self, byte: u8) -> Option<At> {
        if let At::Size | At::Blanks | At::Extension = self.at {
            self.line_bytes += 1;
            if self.line_bytes > self.rules.line_bytes_max {
                return None;
            }
        }
        match (self.at, byte) {
            (At::Size | At::Blanks | At::Extension, b'\r') if self.digits > 0 => Some(At::SizeEnd),
            (At::Size | At::Blanks, b';') if self.digits > 0 => self.extension(),
            (At::Size | At::Blanks, b' ' | b'\t') if self.digits > 0 && self.rules.is_lenient => Some(At::Blanks),
            (At::Size, _) => self.digit(byte),
            (At::Extension, _) if self.may_be_in_extension(byte) => self.extension(),
            (At::SizeEnd, b'\n') => {
                (self.digits, self.line_bytes) = (0, 0);
                Some(if self.size == 0 { At::Trailer } else { At::Data })
            }
            (At::DataCr, b'\r') => Some(At::DataLf),
            (At::DataLf, b'\n') => Some(At::Size),
            (At::Trailer, b'\r') => Some(At::End),
            (At::End, b'\n') => Some(At::End),
            (At::Trailer | At::Name | At::Value | At::ValueEnd, _) => self.trailer(byte),
            _ => None,
        }
    }

    /// A byte more of an extension, its semicolon among them.
    fn extension(&mut self) -> Option<At> {
        self.extension_bytes += 1;
        (self.extension_bytes <= self.rules.extension_bytes_max).then_some(At::Extension)
    }

    fn may_be_in_extension(&self, byte: u8) -> bool {
        match self.rules.is_lenient {
            true => byte != b'\n',
            false => is_value_byte(byte) && byte.is_ascii(),
        }
    }

    fn digit(&mut self, byte: u8) -> Option<At> {
        let digit = char::from(byte).to_digit(16)?;
        self.digits += 1;
        self.size = self.size * 16 + u64::from(digit);
        (self.digits <= SIZE_DIGITS_MAX).then_some(At::Size)
    }

    fn trailer(&mut self, byte: u8) -> Option<At> {
        self.trailer_bytes += 1;
        if self.trailer_bytes > self.rules.trailer_bytes_max {
            return None;
        }
        match (self.at, byte) {
            (At::Trailer, _) if is_token_byte(byte) => {
                self.trailers += 1;
                (self.trailers <= self.rules.trailers_max).then_some(At::Name)
            }
            (At::Name, b':') => Some(At::Value),
            (At::Name, _) if is_token_byte(byte) => Some(At::Name),
            (At::Value, b'\r') => Some(At::ValueEnd),
            (At::Value, _) if is_value_byte(byte) => Some(At::Value),
            (At::ValueEnd, b'\n') => Some(At::Trailer),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
