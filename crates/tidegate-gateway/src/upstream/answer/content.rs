//! The body of an upstream's answer, taken out of the bytes that came (RFC 9112 7).

use bytes::{Buf, Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue};

/// What is still to come of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Nothing.
    Ended,
    /// So many bytes, one at least.
    Length(u64),
    /// Chunks.
    Chunked(Chunks),
    /// All that comes until the connection closes.
    UntilClose,
}

/// Where a body in chunks stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunks {
    at: At,
    extension_bytes: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// Before the line of a size.
    Size,
    /// Within a chunk, so many bytes before its end.
    Data(u64),
    /// Before the line end behind a chunk.
    DataEnd,
    /// Behind the last chunk.
    Trailers,
}

/// What was taken.
#[derive(Debug)]
pub enum Part {
    /// Bytes of the body.
    Data(Bytes),
    /// The fields behind the last chunk.
    Trailers(HeaderMap),
    /// There was nothing left to take: the body is at its end.
    End,
    /// More must come.
    More,
}

/// What is no body of this kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// The chunks are not well formed.
    #[error("its chunks are not well formed")]
    Chunks,
    /// It closed the connection before.
    #[error("it ended before its end")]
    Short,
}

/// Most bytes of extensions in one body; nobody uses any.
const EXTENSION_BYTES_MAX: usize = 16 * 1024;

/// Most bytes of trailers, and of the line of a size.
const TRAILER_BYTES_MAX: usize = 16 * 1024;

/// Most fields of trailers.
const TRAILERS_MAX: usize = 100;

/// Most digits of a size: more than any body may have.
const SIZE_DIGITS_MAX: usize = 15;

// === impl Content ===

impl Content {
    pub(super) fn chunked() -> Content {
        Content::Chunked(Chunks {
            at: At::Size,
            extension_bytes: 0,
        })
    }

    /// Takes what comes next off the bytes that came.
    ///
    /// # Errors
    /// When they are not of such a body. What comes after is of no body either.
    pub fn take(&mut self, held: &mut BytesMut) -> Result<Part, Broken> {
        match self {
            Content::Ended => Ok(Part::End),
            _ if held.is_empty() => Ok(Part::More),
            Content::UntilClose => Ok(Part::Data(held.split().freeze())),
            Content::Length(left) => {
                let data = at_most(held, left);
                if *left == 0 {
                    *self = Content::Ended;
                }
                Ok(Part::Data(data))
            }
            Content::Chunked(chunks) => {
                let part = chunks.take(held)?;
                if let Part::Trailers(_) | Part::End = part {
                    *self = Content::Ended;
                }
                Ok(part)
            }
        }
    }

    /// The connection closed.
    ///
    /// # Errors
    /// When that was before the body's end.
    pub fn close(&mut self) -> Result<(), Broken> {
        match self {
            Content::Ended => Ok(()),
            Content::UntilClose => {
                *self = Content::Ended;
                Ok(())
            }
            Content::Length(_) | Content::Chunked(_) => Err(Broken::Short),
        }
    }

    /// How many bytes are still to come, where that is known.
    pub fn exact(&self) -> Option<u64> {
        match self {
            Content::Ended => Some(0),
            Content::Length(left) => Some(*left),
            Content::Chunked(_) | Content::UntilClose => None,
        }
    }
}

/// The first of these bytes, as many as are left of what they belong to.
fn at_most(held: &mut BytesMut, left: &mut u64) -> Bytes {
    let part = (*left).min(held.len() as u64);
    *left -= part;
    // At most the length of a slice, as the line above says.
    held.split_to(part as usize).freeze()
}

// === impl Chunks ===

impl Chunks {
    fn take(&mut self, held: &mut BytesMut) -> Result<Part, Broken> {
        loop {
            match &mut self.at {
                At::Size => {
                    let Some(line) = line(held)? else { return Ok(Part::More) };
                    self.at = match self.size(&held[..line])? {
                        0 => At::Trailers,
                        size => At::Data(size),
                    };
                    held.advance(line + 2);
                }
                At::Data(_) if held.is_empty() => return Ok(Part::More),
                At::Data(left) => {
                    let data = at_most(held, left);
                    if *left == 0 {
                        self.at = At::DataEnd;
                    }
                    return Ok(Part::Data(data));
                }
                At::DataEnd => match &held[..] {
                    [b'\r', b'\n', ..] => {
                        held.advance(2);
                        self.at = At::Size;
                    }
                    [] | [b'\r'] => return Ok(Part::More),
                    _ => return Err(Broken::Chunks),
                },
                At::Trailers => return trailers(held),
            }
        }
    }

    /// The size that a line says, before blanks and extensions that nobody knows.
    fn size(&mut self, line: &[u8]) -> Result<u64, Broken> {
        let digits = line.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
        let (size, rest) = line.split_at(digits);
        let blanks = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let rest = &rest[blanks..];
        let is_extension = rest.is_empty() || rest.starts_with(b";") && !rest.contains(&b'\r');
        self.extension_bytes += rest.len();
        if digits == 0 || digits > SIZE_DIGITS_MAX || !is_extension || self.extension_bytes > EXTENSION_BYTES_MAX {
            return Err(Broken::Chunks);
        }
        let digit = |byte: &u8| u64::from(char::from(*byte).to_digit(16).unwrap_or_default());
        Ok(size.iter().fold(0, |size, byte| size * 16 + digit(byte)))
    }
}

/// Where the first line ends, before its CR LF.
fn line(held: &BytesMut) -> Result<Option<usize>, Broken> {
    match memchr::memchr(b'\n', held) {
        Some(end) if end <= TRAILER_BYTES_MAX && held[..end].ends_with(b"\r") => Ok(Some(end - 1)),
        None if held.len() <= TRAILER_BYTES_MAX => Ok(None),
        _ => Err(Broken::Chunks),
    }
}

/// The fields behind the last chunk, up to and with their empty line.
fn trailers(held: &mut BytesMut) -> Result<Part, Broken> {
    if held.starts_with(b"\r\n") {
        held.advance(2);
        return Ok(Part::End);
    }
    let mut space = [httparse::EMPTY_HEADER; TRAILERS_MAX];
    let (end, trailers) = match httparse::parse_headers(held, &mut space).map_err(|_| Broken::Chunks)? {
        httparse::Status::Complete((end, fields)) if end <= TRAILER_BYTES_MAX && has_whole_line_ends(&held[..end]) => {
            let mut trailers = HeaderMap::with_capacity(fields.len());
            for field in fields {
                let name = HeaderName::from_bytes(field.name.as_bytes()).map_err(|_| Broken::Chunks)?;
                let value = HeaderValue::from_bytes(field.value).map_err(|_| Broken::Chunks)?;
                trailers.append(name, value);
            }
            (end, trailers)
        }
        httparse::Status::Partial if held.len() <= TRAILER_BYTES_MAX => return Ok(Part::More),
        _ => return Err(Broken::Chunks),
    };
    held.advance(end);
    Ok(Part::Trailers(trailers))
}

/// Each line ends with CR LF.
fn has_whole_line_ends(lines: &[u8]) -> bool {
    memchr::memchr_iter(b'\n', lines).all(|end| lines[..end].ends_with(b"\r"))
}

#[cfg(test)]
mod tests;
