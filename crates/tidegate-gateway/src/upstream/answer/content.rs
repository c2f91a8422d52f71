//! The body of an upstream's answer, taken out of the bytes that came (RFC 9112 7).

use bytes::{Buf, Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::http1::chunks::{self, ChunkRules, Chunks};

/// The rest of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Nothing.
    Ended,
    /// A number of bytes, one at least.
    Length(u64),
    /// Chunks.
    Chunked(Chunked),
    /// All that comes until the connection closes.
    UntilClose,
}

/// The state of a body in chunks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunked {
    chunks: Chunks,
    /// The number of bytes at hand that belong to the trailers so far; `None` before them.
    trailer_bytes: Option<usize>,
}

/// A part of a body that was taken.
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

/// The fault of bytes that are no body of this kind.
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

/// Most bytes of trailers with their empty line, and of the line of a size.
const LINES_BYTES_MAX: usize = 16 * 1024;

/// Most fields of trailers.
const TRAILERS_MAX: usize = 100;

const RULES: ChunkRules = ChunkRules {
    is_lenient: true,
    line_bytes_max: LINES_BYTES_MAX,
    extension_bytes_max: EXTENSION_BYTES_MAX,
    trailer_bytes_max: LINES_BYTES_MAX - 2,
    trailers_max: TRAILERS_MAX,
};

// === impl Content ===

impl Content {
    pub(super) fn chunked() -> Content {
        Content::Chunked(Chunked {
            chunks: Chunks::new(RULES),
            trailer_bytes: None,
        })
    }

    /// Takes what comes next off the bytes that came.
    ///
    /// # Errors
    /// Fails when they are not of such a body. The bytes after it are of no body either.
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
    /// Fails when that was before the body's end.
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

    /// Returns the number of bytes still to come, where it is known.
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

// === impl Chunked ===

impl Chunked {
    fn take(&mut self, held: &mut BytesMut) -> Result<Part, Broken> {
        loop {
            let seen = self.trailer_bytes.unwrap_or(0);
            match (self.chunks.piece(&held[seen..]), &mut self.trailer_bytes) {
                (chunks::Piece::More, None) => {
                    held.clear();
                    return Ok(Part::More);
                }
                (chunks::Piece::More, Some(trailer_bytes)) => {
                    *trailer_bytes = held.len();
                    return Ok(Part::More);
                }
                (chunks::Piece::Data { behind, bytes }, _) => {
                    held.advance(behind);
                    return Ok(Part::Data(held.split_to(bytes).freeze()));
                }
                (chunks::Piece::Trailers(behind), trailer_bytes) => {
                    held.advance(behind);
                    *trailer_bytes = Some(0);
                }
                (chunks::Piece::End(behind), _) => return trailers(&held.split_to(seen + behind)),
                (chunks::Piece::Fault(_), _) => return Err(Broken::Chunks),
            }
        }
    }
}

/// The fields behind the last chunk, up to and with their empty line. That they are well formed is known.
fn trailers(lines: &[u8]) -> Result<Part, Broken> {
    if lines == b"\r\n" {
        return Ok(Part::End);
    }
    let mut space = [httparse::EMPTY_HEADER; TRAILERS_MAX];
    let Ok(httparse::Status::Complete((_, fields))) = httparse::parse_headers(lines, &mut space) else {
        return Err(Broken::Chunks);
    };
    let mut trailers = HeaderMap::with_capacity(fields.len());
    for field in fields {
        let name = HeaderName::from_bytes(field.name.as_bytes()).map_err(|_| Broken::Chunks)?;
        let value = HeaderValue::from_bytes(field.value).map_err(|_| Broken::Chunks)?;
        trailers.append(name, value);
    }
    Ok(Part::Trailers(trailers))
}

#[cfg(test)]
mod tests;
