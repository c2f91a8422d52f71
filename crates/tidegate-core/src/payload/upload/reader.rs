//! Formats of uploads, and the reader that each of them has.

use std::fmt;

use super::Upload;
use crate::payload::excess::Excess;

/// A format in which bodies, and queries that stand for one, carry samples. It is a value that a platform has once and a
/// route points to, so that nothing looks one up by its name while requests are served.
pub struct UploadFormat {
    /// Its name in limits files, e.g. `body = "NAME"`.
    pub name: &'static str,
    /// A reader at the beginning of a body. Samples without a time are of this one, in Unix milliseconds.
    pub reader: fn(i64) -> Box<dyn Reader>,
    /// Reads the samples of a query, of which those without a time are of this one; the error is that they are past a limit.
    pub read_query: ReadQuery,
}

/// Tells the samples of a query to an upload; the error is that they are past a limit.
pub type ReadQuery = fn(Option<&str>, i64, &mut Upload) -> Result<(), Box<Excess>>;

/// Reads uploads of one format, as they stream, and tells them sample by sample. It holds a bounded part of them at most.
pub trait Reader: Send + Sync {
    /// Reads on. What is wrong with these bytes is said before they are passed on.
    ///
    /// # Errors
    /// The reason why none of them may be.
    fn read(&mut self, bytes: &[u8], upload: &mut Upload) -> Result<(), Stop>;

    /// The upload is over.
    ///
    /// # Errors
    /// It is not whole, or too much as a whole.
    fn end(&mut self, upload: &mut Upload) -> Result<(), Stop>;
}

/// The reason why an upload is not read on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// It is past a limit.
    TooMuch(Box<Excess>),
    /// It is not what its format says.
    Malformed(Malformed),
    /// It is, but has two readings, or one that is not bounded.
    Unclear(&'static str),
}

/// The text is not of its format, or not what its reader can read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} at byte {at}")]
pub struct Malformed {
    /// The thing found there.
    pub what: &'static str,
    /// The place, counted from 0.
    pub at: u64,
}

// === impl UploadFormat ===

impl fmt::Debug for UploadFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl PartialEq for UploadFormat {
    fn eq(&self, other: &UploadFormat) -> bool {
        self.name == other.name
    }
}

impl Eq for UploadFormat {}

// === impl Stop ===

impl From<Malformed> for Stop {
    fn from(malformed: Malformed) -> Stop {
        Stop::Malformed(malformed)
    }
}

impl From<Box<Excess>> for Stop {
    fn from(excess: Box<Excess>) -> Stop {
        Stop::TooMuch(excess)
    }
}
