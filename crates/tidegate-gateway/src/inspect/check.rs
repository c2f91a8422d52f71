//! The sink of a decoder: the decoded bytes of a body, counted and read.

use std::io::{self, Write};

use tidegate_core::{
    payload::{
        Bounded,
        excess::{Excess, Of},
        upload::{Reader, Stop, Upload},
    },
    refusal::Refusal,
};

/// Most bytes that one byte of a coded body may stand for, once [`RATIO_FREE_BYTES`] are past. Uploads of samples pack
/// ten to fifty times; what packs more is made to.
pub(super) const RATIO_MAX: u64 = 200;

/// Decoded bytes below which no ratio is looked at.
pub(super) const RATIO_FREE_BYTES: u64 = 1_000_000;

/// The decoded side of an inspection.
pub(super) struct Check {
    pub(super) tracks: Vec<Track>,
    /// The limit on bytes, where there is one.
    pub(super) bytes: Option<Bounded>,
    /// Most bytes, decoded.
    pub(super) bytes_max: u64,
    /// Bytes as they came.
    pub(super) came_bytes: u64,
    pub(super) decoded_bytes: u64,
    pub(super) is_coded: bool,
    /// The reason why nothing more is written.
    pub(super) refusal: Option<Refusal>,
}

/// One reading of the samples.
pub(super) struct Track {
    pub(super) reader: Box<dyn Reader>,
    pub(super) upload: Upload,
    /// It only would refuse.
    pub(super) shadow: bool,
}

impl Check {
    /// Samples so far.
    pub(super) fn samples(&self) -> u64 {
        self.tracks.first().map_or(0, |track| track.upload.samples())
    }

    /// The body is over.
    pub(super) fn end(&mut self) -> Result<(), Refusal> {
        self.each(|track| track.reader.end(&mut track.upload))
    }

    fn check(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        self.decoded_bytes += bytes.len() as u64;
        let (bytes_max, limit) = (self.bytes_max, self.bytes.as_ref());
        if self.is_coded && self.decoded_bytes > bytes_max {
            return Err(match limit {
                Some(bounded) => too_much(bounded, bytes_max, Of::BodyBytes { decoded: true }),
                None => Refusal::BodyTooLarge {
                    asked_bytes: None,
                    allowed_bytes: bytes_max,
                },
            });
        }
        let is_free = !self.is_coded || self.decoded_bytes <= RATIO_FREE_BYTES;
        if !is_free && self.decoded_bytes > self.came_bytes.saturating_mul(RATIO_MAX) {
            return Err(match limit {
                Some(bounded) => too_much(bounded, RATIO_MAX, Of::Ratio),
                None => Refusal::BodyTooLarge {
                    asked_bytes: None,
                    allowed_bytes: self.came_bytes.saturating_mul(RATIO_MAX),
                },
            });
        }
        self.each(|track| track.reader.read(bytes, &mut track.upload))
    }

    /// Has each track do the same. One in the shadow that would refuse is done.
    fn each(&mut self, mut act: impl FnMut(&mut Track) -> Result<(), Stop>) -> Result<(), Refusal> {
        let mut is_over = false;
        for track in &mut self.tracks {
            match act(track) {
                Ok(()) => {}
                Err(stop) if track.shadow => {
                    if let Stop::TooMuch(excess) = stop {
                        tracing::info!(limit = %excess.limit, "a shadow limit would refuse: {}", excess.sentence());
                    }
                    is_over = true;
                }
                Err(Stop::TooMuch(excess)) => return Err(Refusal::TooMuch(excess)),
                Err(Stop::Malformed(malformed)) => return Err(Refusal::Unreadable(malformed.to_string().into())),
                Err(Stop::Unclear(what)) => return Err(Refusal::Unreadable(format!("it has {what}").into())),
            }
        }
        if is_over {
            self.tracks.retain(|track| !track.shadow);
        }
        Ok(())
    }
}

fn too_much(bounded: &Bounded, allowed: u64, of: Of) -> Refusal {
    Refusal::TooMuch(Excess::new(bounded, None, allowed, of).into())
}

impl Write for Check {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.refusal.is_some() {
            return Err(io::Error::other("stopped"));
        }
        match self.check(bytes) {
            Ok(()) => Ok(bytes.len()),
            Err(refusal) => {
                self.refusal = Some(refusal);
                Err(io::Error::other("stopped"))
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
