//! Days as a station's clock has them.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};

/// A station's time zone.
#[derive(Clone, Debug)]
pub(crate) struct LocalDays {
    zone: TimeZone,
}

impl LocalDays {
    /// The zone of this IANA name; one that the machine's zone files do not have is read as UTC.
    pub(crate) fn in_zone(name: &str) -> LocalDays {
        LocalDays {
            zone: TimeZone::get(name).unwrap_or(TimeZone::UTC),
        }
    }

    fn at(&self, epoch_s: i64) -> Zoned {
        // Epochs are validated on their way in; one out of range is read as 1970.
        Timestamp::from_second(epoch_s)
            .unwrap_or(Timestamp::UNIX_EPOCH)
            .to_zoned(self.zone.clone())
    }

    /// Returns the time at which the local day `days` after the one of `epoch_s` begins, unix seconds.
    pub(crate) fn start_s(&self, epoch_s: i64, days: i64) -> i64 {
        let date = self.date(epoch_s);
        let date = date.checked_add(days.days()).unwrap_or(date);
        date.to_zoned(self.zone.clone())
            .map_or(epoch_s, |midnight| midnight.timestamp().as_second())
    }

    /// The local date.
    pub(crate) fn date(&self, epoch_s: i64) -> Date {
        self.at(epoch_s).date()
    }

    /// The local hour of the day, 0 to 23.
    pub(crate) fn hour(&self, epoch_s: i64) -> i8 {
        self.at(epoch_s).hour()
    }

    /// Minutes east of UTC at that time.
    pub(crate) fn offset_minutes(&self, epoch_s: i64) -> i32 {
        self.at(epoch_s).offset().seconds() / 60
    }
}

#[cfg(test)]
mod tests;
