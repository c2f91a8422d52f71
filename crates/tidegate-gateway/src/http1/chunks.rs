//! A body in chunks, read strictly (RFC 9112 7.1): hyper takes spaces behind a size, and sizes of any number of digits.

use super::strict_reader::head::{is_token_byte, is_value_byte};

/// Follows one body.
#[derive(Debug)]
pub(crate) struct Chunks {
    at: At,
    size: u64,
    digits: u8,
    extension_bytes: usize,
    trailer_bytes: usize,
    trailers: usize,
    trailers_max: usize,
}

/// What the next byte belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    Size,
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

/// How far a body was followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// All bytes are of it, and more must come.
    More,
    /// It ended behind so many bytes.
    End(usize),
    /// Behind so many bytes it is no longer one.
    Fault(usize),
}

/// Most bytes of extensions in one body: nobody uses any, and an attacker hides requests in them.
const EXTENSION_BYTES_MAX: usize = 4096;

/// Most bytes of trailers; they are read and not passed on.
const TRAILER_BYTES_MAX: usize = 8192;

/// Most digits of a size: more than any body here may have.
const SIZE_DIGITS_MAX: u8 = 15;

impl Chunks {
    pub(crate) fn new(trailers_max: usize) -> Chunks {
        Chunks {
            at: At::Size,
            size: 0,
            digits: 0,
            extension_bytes: 0,
            trailer_bytes: 0,
            trailers: 0,
            trailers_max,
        }
    }

    /// Reads on.
    pub(crate) fn follow(&mut self, bytes: &[u8]) -> Step {
        let mut passed = 0;
        while let Some(byte) = bytes.get(passed) {
            if self.at == At::Data {
                let part = self.size.min((bytes.len() - passed) as u64);
                self.size -= part;
                // At most the length of a slice, as the line above says.
                passed += part as usize;
                if self.size == 0 {
                    self.at = At::DataCr;
                }
                continue;
            }
            match self.next(*byte) {
                Some(At::End) if self.at == At::End => return Step::End(passed + 1),
                Some(next) => self.at = next,
                None => return Step::Fault(passed),
            }
            passed += 1;
        }
        Step::More
    }

    /// Where the byte leads, unless it may not stand here.
    fn next(&mut self, byte: u8) -> Option<At> {
        match (self.at, byte) {
            (At::Size, b'\r') if self.digits > 0 => Some(At::SizeEnd),
            (At::Size, b';') if self.digits > 0 => Some(At::Extension),
            (At::Size, _) => self.digit(byte),
            (At::Extension, b'\r') => Some(At::SizeEnd),
            (At::Extension, _) if is_value_byte(byte) && byte.is_ascii() => {
                self.extension_bytes += 1;
                (self.extension_bytes <= EXTENSION_BYTES_MAX).then_some(At::Extension)
            }
            (At::SizeEnd, b'\n') => {
                self.digits = 0;
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

    fn digit(&mut self, byte: u8) -> Option<At> {
        let digit = char::from(byte).to_digit(16)?;
        self.digits += 1;
        self.size = self.size * 16 + u64::from(digit);
        (self.digits <= SIZE_DIGITS_MAX).then_some(At::Size)
    }

    fn trailer(&mut self, byte: u8) -> Option<At> {
        self.trailer_bytes += 1;
        if self.trailer_bytes > TRAILER_BYTES_MAX {
            return None;
        }
        match (self.at, byte) {
            (At::Trailer, _) if is_token_byte(byte) => {
                self.trailers += 1;
                (self.trailers <= self.trailers_max).then_some(At::Name)
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
