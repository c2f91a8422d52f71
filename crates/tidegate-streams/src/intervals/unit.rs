//! The units cycles are made of, with the names the platform gives them.

/// The unit an interval is measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CycleUnit {
    /// 1 ms.
    Millisecond,
    /// 1,000 ms.
    Second,
    /// 60 seconds.
    Minute,
    /// 60 minutes, in every zone and season.
    Hour,
    /// A day of the calendar: 23 or 25 hours long where clocks change.
    Day,
    /// Seven days of the calendar.
    Week,
    /// A month of the calendar.
    Month,
    /// A year of the calendar.
    Year,
}

/// A unit from the day on, whose length depends on where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CalendarUnit {
    Day,
    Week,
    Month,
    Year,
}

pub(super) enum Length {
    Fixed { unit_ms: i64 },
    Calendar(CalendarUnit),
}

/// `CUSTOM` is not among them: it lists every interval by hand.
const NAMES: [(CycleUnit, &str); 8] = [
    (CycleUnit::Millisecond, "MILLISEC"),
    (CycleUnit::Second, "SECOND"),
    (CycleUnit::Minute, "MINUTE"),
    (CycleUnit::Hour, "HOUR"),
    (CycleUnit::Day, "DAY"),
    (CycleUnit::Week, "WEEK"),
    (CycleUnit::Month, "MONTH"),
    (CycleUnit::Year, "YEAR"),
];

impl CycleUnit {
    /// The unit with this name, such as `MINUTE`.
    pub(crate) fn from_name(name: &str) -> Option<CycleUnit> {
        NAMES.iter().find(|(_, of)| *of == name).map(|(unit, _)| *unit)
    }

    /// Its name, as definitions write it.
    pub(crate) fn name(self) -> &'static str {
        NAMES
            .iter()
            .find(|(unit, _)| *unit == self)
            .map_or("", |(_, name)| name)
    }

    pub(super) fn length(self) -> Length {
        let fixed = |unit_ms| Length::Fixed { unit_ms };
        match self {
            CycleUnit::Millisecond => fixed(1),
            CycleUnit::Second => fixed(1_000),
            CycleUnit::Minute => fixed(60_000),
            CycleUnit::Hour => fixed(3_600_000),
            CycleUnit::Day => Length::Calendar(CalendarUnit::Day),
            CycleUnit::Week => Length::Calendar(CalendarUnit::Week),
            CycleUnit::Month => Length::Calendar(CalendarUnit::Month),
            CycleUnit::Year => Length::Calendar(CalendarUnit::Year),
        }
    }
}
