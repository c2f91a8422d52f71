//! The content of an upload, told sample by sample while it streams, against the limits on it.

mod reader;

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
};

pub use reader::{Malformed, Reader, Stop, UploadFormat};

use super::{
    Bounded, PayloadKind,
    excess::{Excess, Of, SampleIndex, StreamLabel},
};

/// Most streams that are followed in one upload, where no limit says fewer; one more is refused. Each takes about 200
/// bytes.
pub const STREAMS_TRACKED_MAX: usize = 10_000;

/// Most bytes of a component's and of a stream's name that are kept, for the refusal; the rest is not shown.
pub const LABEL_BYTES_MAX: usize = 48;

/// A stream within an upload: keyed hashes of its component's and of its own name.
pub type StreamHash = (u64, u64);

/// The limits on an upload, as they are for one caller, and what was found so far.
#[derive(Debug)]
pub struct Upload {
    limits: Vec<Bounded>,
    /// Most characters of a string; none: strings are not looked at.
    string_chars_max: Option<u32>,
    samples_max: u64,
    follows: bool,
    samples: u64,
    streams: HashMap<StreamHash, Followed, BuildHasherDefault<Hashed>>,
}

/// The known facts of one stream's samples.
#[derive(Debug)]
struct Followed {
    /// The place at which it was met first, so that of several the first one is named.
    order: u32,
    samples: u64,
    times: Times,
    label: StreamLabel,
}

/// Samples of one stream that stand together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// The number of samples.
    pub samples: u64,
    /// Their times, in Unix milliseconds; `None`: they have none, and are of now.
    pub times: Option<Times>,
}

/// The smallest and the greatest of some times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// The smallest, in Unix milliseconds.
    pub first_ms: i64,
    /// The greatest.
    pub last_ms: i64,
}

/// A hasher for keys that are keyed hashes already: nobody can choose them.
#[derive(Debug, Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64(u64::from(*byte)));
    }

    fn write_u64(&mut self, half: u64) {
        self.0 = (self.0.rotate_left(29) ^ half).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
}

// === impl Upload ===

impl Upload {
    /// An upload of which nothing was read yet.
    pub fn new(limits: Vec<Bounded>) -> Upload {
        let least = |kind: PayloadKind| {
            let of_kind = limits.iter().filter(|bounded| bounded.limit.kind == kind);
            of_kind.map(|bounded| bounded.quota).min()
        };
        let follows = least(PayloadKind::Streams).or(least(PayloadKind::Subsecond)).is_some();
        Upload {
            string_chars_max: least(PayloadKind::StringChars),
            samples_max: least(PayloadKind::Samples).map_or(u64::MAX, u64::from),
            follows,
            samples: 0,
            streams: HashMap::default(),
            limits,
        }
    }

    /// Samples so far.
    pub fn samples(&self) -> u64 {
        self.samples
    }

    /// The longest string that passes, where strings are looked at.
    pub fn string_chars_max(&self) -> Option<u32> {
        self.string_chars_max
    }

    /// Counts a sample, as soon as it begins.
    ///
    /// # Errors
    /// It is one too many.
    pub fn sample(&mut self) -> Result<(), Box<Excess>> {
        self.samples += 1;
        if self.samples <= self.samples_max {
            return Ok(());
        }
        Err(self.excess(PayloadKind::Samples, Some(self.samples), Of::Samples))
    }

    /// A string that is too long. `chars` are its characters, where it was read to its end.
    pub fn long_string(&self, chars: Option<u64>, index: u64, label: Option<StreamLabel>) -> Box<Excess> {
        self.excess(
            PayloadKind::StringChars,
            chars,
            Of::StringChars(label, SampleIndex(index)),
        )
    }

    /// Adds samples to their stream.
    ///
    /// # Errors
    /// It is a stream too many.
    pub fn group(
        &mut self,
        stream: StreamHash,
        label: impl FnOnce() -> StreamLabel,
        group: &Group,
        now_ms: i64,
    ) -> Result<(), Box<Excess>> {
        if !self.follows {
            return Ok(());
        }
        let times = group.times.unwrap_or(Times::at(now_ms));
        if let Some(known) = self.streams.get_mut(&stream) {
            known.samples = known.samples.saturating_add(group.samples);
            known.times.include(times);
            return Ok(());
        }
        let streams = self.streams.len() as u64 + 1;
        let mut of_streams = self
            .limits
            .iter()
            .filter(|bounded| bounded.limit.kind == PayloadKind::Streams);
        if of_streams.any(|bounded| streams > u64::from(bounded.quota)) {
            return Err(self.excess(PayloadKind::Streams, Some(streams), Of::Streams));
        }
        if self.streams.len() >= STREAMS_TRACKED_MAX {
            let followed = self.limits.iter().find(|bounded| bounded.limit.kind.follows_streams());
            return Err(Box::new(Excess {
                allowed: STREAMS_TRACKED_MAX as u64,
                ..Excess::new(followed.unwrap_or(&self.limits[0]), Some(streams), 0, Of::Streams)
            }));
        }
        let followed = Followed {
            order: self.streams.len() as u32,
            samples: group.samples,
            times,
            label: label(),
        };
        self.streams.insert(stream, followed);
        Ok(())
    }

    /// Checks the upload as a whole by docs/semantics.md rule 17, whatever the order of the samples.
    ///
    /// # Errors
    /// A stream has more samples than its seconds allow; of several the one met first.
    pub fn end(&self) -> Result<(), Box<Excess>> {
        let subsecond = |bounded: &&Bounded| bounded.limit.kind == PayloadKind::Subsecond;
        let Some(bounded) = self.limits.iter().filter(subsecond).min_by_key(|bounded| bounded.quota) else {
            return Ok(());
        };
        let allowed = |stream: &Followed| u64::from(bounded.quota).saturating_mul(stream.times.seconds());
        let over = self.streams.values().filter(|stream| stream.samples > allowed(stream));
        let Some(worst) = over.min_by_key(|stream| stream.order) else {
            return Ok(());
        };
        let of = Of::Subsecond {
            stream: Some(worst.label.clone()),
            per_second: bounded.quota,
            seconds: worst.times.seconds(),
        };
        Err(Box::new(Excess::new(bounded, Some(worst.samples), allowed(worst), of)))
    }

    fn excess(&self, kind: PayloadKind, asked: Option<u64>, of: Of) -> Box<Excess> {
        let of_kind = self.limits.iter().filter(|bounded| bounded.limit.kind == kind);
        // Whoever asks has met a limit of the kind.
        let strictest = of_kind.min_by_key(|bounded| bounded.quota).unwrap_or(&self.limits[0]);
        Box::new(Excess::new(strictest, asked, u64::from(strictest.quota), of))
    }
}

impl PayloadKind {
    fn follows_streams(self) -> bool {
        matches!(self, PayloadKind::Streams | PayloadKind::Subsecond)
    }
}

// === impl Times ===

impl Times {
    /// One time.
    pub fn at(time_ms: i64) -> Times {
        Times {
            first_ms: time_ms,
            last_ms: time_ms,
        }
    }

    /// Widened to further ones.
    pub fn include(&mut self, other: Times) {
        self.first_ms = self.first_ms.min(other.first_ms);
        self.last_ms = self.last_ms.max(other.last_ms);
    }

    /// Counts the seconds they touch: whole ones between the first and the last, and one.
    pub fn seconds(self) -> u64 {
        self.last_ms.saturating_sub(self.first_ms).max(0) as u64 / 1_000 + 1
    }
}

#[cfg(test)]
mod tests;
