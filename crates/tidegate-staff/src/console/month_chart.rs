//! The chart of a month by day: the requests that ended on each day, and the refused part.

use std::collections::BTreeMap;

use tidegate_core::usage::{Month, Sums};

use super::chart::{self, Bars};
use crate::{admin::usage::days::DayRow, usage_row::SumsRow};

/// The chart of one month.
pub(super) struct MonthChart {
    /// The month, such as `2026-11`.
    pub(super) month: String,
    /// One bar per day: all that ended, with the refused part on top.
    pub(super) bars: Bars,
    /// The days with usage, the newest first.
    pub(super) rows: Vec<DayRow>,
    /// The days named below the chart: the first, the middle and the last.
    pub(super) axis: [usize; 3],
    /// The number that ended in the month on days that are not kept.
    pub(super) untold: u64,
    /// The sum of all bars.
    pub(super) ended: u64,
}

impl MonthChart {
    /// Draws the days of a month whose sum is `total`. Returns `None` where no day is known.
    pub(super) fn of(month: &str, days: Vec<DayRow>, total: SumsRow) -> Option<MonthChart> {
        let parsed: Month = month.parse().ok()?;
        let known: BTreeMap<&str, &DayRow> = days.iter().map(|row| (row.day.as_str(), row)).collect();
        let each: Vec<Sums> = parsed
            .days()
            .map(|day| {
                known
                    .get(day.to_string().as_str())
                    .map_or_else(Sums::default, |row| row.sums.into())
            })
            .collect();
        let ended: Vec<u64> = each.iter().map(Sums::ended).collect();
        let refused: Vec<u64> = each.iter().map(|sums| sums.refused).collect();
        let told = ended.iter().copied().fold(0, u64::saturating_add);
        if told == 0 {
            return None;
        }
        let bars = chart::bars(&ended, &refused);
        Some(MonthChart {
            month: month.to_owned(),
            bars,
            axis: [1, each.len().div_ceil(2), each.len()],
            untold: Sums::from(total).ended().saturating_sub(told),
            ended: told,
            rows: days.into_iter().rev().collect(),
        })
    }
}

#[cfg(test)]
mod tests;
