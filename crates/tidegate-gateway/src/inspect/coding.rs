//! The codings of bodies (RFC 9110 8.4): bytes go in as they came, and what they stand for goes on, within bounds.

use std::io::{self, Write};

use brotli_decompressor::DecompressorWriter;
use flate2::write::MultiGzDecoder;
use http::{HeaderMap, header::CONTENT_ENCODING};

/// The largest window of zstd, as a power of two: 8 MiB, what RFC 9659 says a recipient has to have. Brotli's is at most
/// 16 MiB by itself (RFC 7932 9.1), gzip's 32 KiB.
const ZSTD_WINDOW_LOG_MAX: u32 = 23;

/// Bytes that brotli writes at a time.
const BROTLI_BUFFER_BYTES: usize = 16 * 1024;

/// The coding of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    /// Not at all.
    Identity,
    Gzip,
    Brotli,
    Zstd,
}

/// Decodes into a sink. An error of the sink stops it.
pub(super) enum Decoder<W: Write> {
    Identity(W),
    Gzip(Box<MultiGzDecoder<W>>),
    Brotli(Box<DecompressorWriter<W>>),
    Zstd(Box<zstd::stream::write::Decoder<'static, W>>),
}

// === impl Coding ===

impl Coding {
    /// Of a head; the error is a coding, or several, that is not read.
    pub(super) fn of(headers: &HeaderMap) -> Result<Coding, String> {
        let mut fields = headers.get_all(CONTENT_ENCODING).iter();
        let coding = match (fields.next(), fields.next()) {
            (None, _) => return Ok(Coding::Identity),
            (Some(field), None) => field.to_str().unwrap_or("something else").trim(),
            (Some(_), Some(_)) => return Err("several things".to_owned()),
        };
        let is = |name: &str| coding.eq_ignore_ascii_case(name);
        match coding {
            "" => Ok(Coding::Identity),
            _ if is("identity") => Ok(Coding::Identity),
            _ if is("gzip") || is("x-gzip") => Ok(Coding::Gzip),
            _ if is("br") => Ok(Coding::Brotli),
            _ if is("zstd") => Ok(Coding::Zstd),
            other => Err(other.chars().take(NAME_CHARS_MAX).collect()),
        }
    }
}

/// Characters of an unknown coding that a refusal repeats.
const NAME_CHARS_MAX: usize = 40;

// === impl Decoder ===

impl<W: Write> Decoder<W> {
    pub(super) fn new(coding: Coding, sink: W) -> io::Result<Decoder<W>> {
        Ok(match coding {
            Coding::Identity => Decoder::Identity(sink),
            Coding::Gzip => Decoder::Gzip(Box::new(MultiGzDecoder::new(sink))),
            Coding::Brotli => Decoder::Brotli(Box::new(DecompressorWriter::new(sink, BROTLI_BUFFER_BYTES))),
            Coding::Zstd => {
                let mut decoder = zstd::stream::raw::Decoder::new()?;
                decoder.set_parameter(zstd::stream::raw::DParameter::WindowLogMax(ZSTD_WINDOW_LOG_MAX))?;
                Decoder::Zstd(Box::new(zstd::stream::write::Decoder::with_decoder(sink, decoder)))
            }
        })
    }

    /// Takes bytes as they came, and has the sink told all that they stand for.
    pub(super) fn push(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Decoder::Identity(sink) => sink.write_all(bytes),
            Decoder::Gzip(decoder) => {
                decoder.write_all(bytes)?;
                decoder.flush()
            }
            Decoder::Brotli(decoder) => {
                let mut rest = bytes;
                while !rest.is_empty() {
                    // Past the end of its stream it takes nothing any more.
                    match decoder.write(rest)? {
                        0 => return Err(io::Error::other("more behind the end of the brotli stream")),
                        taken => rest = &rest[taken..],
                    }
                }
                Ok(())
            }
            Decoder::Zstd(decoder) => {
                decoder.write_all(bytes)?;
                decoder.flush()
            }
        }
    }

    /// The body is over.
    pub(super) fn end(&mut self) -> io::Result<()> {
        match self {
            Decoder::Identity(_) => Ok(()),
            Decoder::Gzip(decoder) => decoder.try_finish(),
            Decoder::Brotli(decoder) => decoder.close(),
            Decoder::Zstd(decoder) => decoder.do_finish(),
        }
    }

    pub(super) fn sink(&mut self) -> &mut W {
        match self {
            Decoder::Identity(sink) => sink,
            Decoder::Gzip(decoder) => decoder.get_mut(),
            Decoder::Brotli(decoder) => decoder.get_mut(),
            Decoder::Zstd(decoder) => decoder.get_mut(),
        }
    }
}

#[cfg(test)]
pub(super) mod tests;
