//! The time to wait, and its certainty.

use std::time::Duration;

/// A refusal's statement about waiting. The three are never mixed up: an exact wait is a promise, a hint is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// After exactly this long the same request is admitted, if nothing else is taken.
    Exact(Duration),
    /// Worth trying after this long: it depends on when somebody lets go of something.
    Hint(Duration),
    /// Waiting never helps.
    Never,
}

/// The time after which to try again where slots are full (docs/semantics.md rule 9): nobody can know when one of the
/// open ones is let go.
pub const SLOT_RETRY_HINT: Duration = Duration::from_secs(5);

impl Wait {
    /// Returns the value of `Retry-After`: exact or hint; `None` where waiting never helps.
    pub fn retry_after(self) -> Option<Duration> {
        match self {
            Wait::Exact(wait) | Wait::Hint(wait) => Some(wait),
            Wait::Never => None,
        }
    }

    /// The wait that is a promise; `None` for a hint and where waiting never helps.
    pub fn exact(self) -> Option<Duration> {
        match self {
            Wait::Exact(wait) => Some(wait),
            Wait::Hint(_) | Wait::Never => None,
        }
    }

    /// Is true when waiting never helps.
    pub fn is_never(self) -> bool {
        self == Wait::Never
    }

    /// Returns this span without the promise.
    pub fn as_hint(self) -> Wait {
        match self {
            Wait::Exact(wait) | Wait::Hint(wait) => Wait::Hint(wait),
            Wait::Never => Wait::Never,
        }
    }
}
