//! What reads uploads: one for each format that bodies carry samples in.

use tidegate_core::payload::{excess::Excess, upload::Upload};

use super::json::Malformed;

/// Reads uploads of one format, as they stream, and tells them sample by sample. It holds a bounded part of them at most.
pub trait Reader: Send + Sync {
    /// Reads on. What is wrong with these bytes is said before they are passed on.
    ///
    /// # Errors
    /// Why none of them may be.
    fn read(&mut self, bytes: &[u8], upload: &mut Upload) -> Result<(), Stop>;

    /// The upload is over.
    ///
    /// # Errors
    /// It is not whole, or too much as a whole.
    fn end(&mut self, upload: &mut Upload) -> Result<(), Stop>;
}

/// Why an upload is not read on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// It is past a limit.
    TooMuch(Box<Excess>),
    /// It is not what its format says.
    Malformed(Malformed),
    /// It is, but has two readings, or one that is not bounded.
    Unclear(&'static str),
}

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
