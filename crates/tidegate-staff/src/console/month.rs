//! A month by day, drawn: what ended on each, and how much of it was refused.

use std::collections::BTreeMap;

use tidegate_core::usage::{Month, Sums};

use super::chart::{self, Bars};
use crate::{admin::usage::days::DayRow, usage_row::SumsRow};

/// One month.
pub(super) struct MonthPicture {
    /// As `2026-11`.
    pub(super) month: String,
    /// A bar a day: all that ended, and above it the refused part.
    pub(super) bars: Bars,
    /// The days on which something ended, the newest first.
    pub(super) rows: Vec<DayRow>,
    /// The days that stand below the picture: the first, the one in the middle, the last.
    pub(super) axis: [usize; 3],
    /// What ended in the month, and is told of no day.
    pub(super) untold: u64,
    /// All that the bars are.
    pub(super) ended: u64,
}

impl MonthPicture {
    /// Draws the days of a month that came to `total`; `None` where none is known.
    pub(super) fn of(month: &str, days: Vec<DayRow>, total: SumsRow) -> Option<MonthPicture> {
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
        Some(MonthPicture {
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
