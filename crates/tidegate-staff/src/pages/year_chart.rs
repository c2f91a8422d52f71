//! The last twelve months of a caller's usage, as a chart and as numbers.

use tidegate_accounts::AccountsError;
use tidegate_core::{
    identity::Known,
    usage::{Month, Sums},
};

use super::{Pages, page_request::PageRequest};
use crate::{
    chart::{self, Bar, Bars},
    usage_row::SumsRow,
};

/// The number of months shown; the last is the current one.
const MONTHS: u32 = 12;

/// The last twelve months of one caller.
pub struct Year {
    /// The months, the earliest first.
    pub months: Vec<MonthShown>,
    bars: Bars,
}

/// One of the months.
#[derive(Clone, Copy, Debug)]
pub struct MonthShown {
    /// The month.
    pub month: Month,
    /// The usage of the month.
    pub sums: SumsRow,
}

/// Returns the usage of a caller in the last twelve months.
pub async fn of(pages: &Pages, visit: &PageRequest, known: &Known) -> Result<Year, AccountsError> {
    let now = Month::of(visit.now.wall_ms).number();
    let months: Vec<Month> = (0..MONTHS)
        .rev()
        .filter_map(|ago| Month::numbered(now.checked_sub(ago)?))
        .collect();
    let token = &known.token;
    let ledger = pages.program.ledger();
    let used = ledger.months_of(&token.tenant, &token.user, &months).await?;
    Ok(Year::new(&months, &used))
}

// === impl Year ===

impl Year {
    /// Creates a year of these months, with the usage of some of them.
    fn new(months: &[Month], used: &[(Month, Sums)]) -> Year {
        let sums = |month: &Month| used.iter().find(|(of, _)| of == month).map(|(_, sums)| *sums);
        let shown = months.iter().map(|month| MonthShown {
            month: *month,
            sums: sums(month).unwrap_or_default().into(),
        });
        let months: Vec<MonthShown> = shown.collect();
        let all: Vec<u64> = months.iter().map(MonthShown::requests).collect();
        let refused: Vec<u64> = months.iter().map(|month| month.sums.refused).collect();
        Year {
            bars: chart::bars(&all, &refused),
            months,
        }
    }

    /// Returns true when nothing was used in any of the months.
    pub fn is_empty(&self) -> bool {
        self.bars.top == 0
    }

    /// Returns the width of the chart's plane, in its own units.
    pub fn width(&self) -> u32 {
        self.bars.width
    }

    /// Returns the requests of the month with the most.
    pub fn top(&self) -> u64 {
        self.bars.top
    }

    /// Returns the bars, each with its month.
    pub fn bars(&self) -> impl Iterator<Item = (&Bar, &MonthShown)> {
        self.bars.bars.iter().zip(&self.months)
    }

    /// Returns true when a month is the one that the page around the chart shows.
    pub fn is_at(&self, month: &MonthShown, at: &Option<Month>) -> bool {
        Some(month.month) == *at
    }
}

// === impl MonthShown ===

impl MonthShown {
    /// Returns the sum of all requests and sockets, each of which is in one of the four sums.
    pub fn requests(&self) -> u64 {
        let SumsRow {
            transactions,
            cached,
            refused,
            unbilled,
            ..
        } = self.sums;
        [transactions, cached, refused, unbilled]
            .into_iter()
            .fold(0, u64::saturating_add)
    }

    /// Returns the short name, such as `Nov`.
    pub fn short(&self) -> String {
        written(self.month, "%b")
    }

    /// Returns the name, such as `November 2026`.
    pub fn name(&self) -> String {
        name(self.month)
    }
}

/// Returns the name, such as `November 2026`.
pub fn name(month: Month) -> String {
    written(month, "%B %Y")
}

fn written(month: Month, form: &str) -> String {
    let text = month.to_string();
    let first: Result<jiff::civil::Date, _> = format!("{text}-01").parse();
    first.map_or(text, |first| first.strftime(form).to_string())
}

#[cfg(test)]
mod tests;
