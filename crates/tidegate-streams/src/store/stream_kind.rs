//! The three kinds of stream: random, point and interval.

use super::cycles::CycleText;
use crate::intervals::Cycle;
use jiff::tz::TimeZone;

/// The kind of a stream, which says which incoming samples it keeps.
#[derive(Clone, Debug, PartialEq)]
pub enum Rhythm {
    /// Every sample, at its own time. A null is no sample.
    Random,
    /// The newest sample alone.
    Point,
    /// One sample an interval, at the interval's beginning. A null makes the interval a gap.
    Interval(Cycle),
}

impl Rhythm {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Rhythm::Random => "random",
            Rhythm::Point => "point",
            Rhythm::Interval(_) => "interval",
        }
    }

    /// From what the store wrote. `timezone` is the component's, for cycles that have none of their own.
    pub(super) fn from_store(name: &str, cycle: Option<&CycleText>, timezone: Option<&str>) -> Rhythm {
        match (name, cycle) {
            ("point", _) => Rhythm::Point,
            ("interval", Some(text)) => match text.cycle(timezone) {
                Ok(cycle) => Rhythm::Interval(cycle),
                Err(error) => {
                    tracing::error!(%error, "streams: a stored cycle cannot be read; its stream is read as random");
                    Rhythm::Random
                }
            },
            _ => Rhythm::Random,
        }
    }
}

/// The zone with this name. One that is no longer known is UTC, as no zone is.
pub(super) fn zone(name: Option<&str>) -> TimeZone {
    name.and_then(|name| TimeZone::get(name).ok()).unwrap_or(TimeZone::UTC)
}
