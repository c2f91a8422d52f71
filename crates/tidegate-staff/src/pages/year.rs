//! The last twelve months of a caller's usage, as a picture and as numbers.

use tidegate_accounts::AccountsError;
use tidegate_core::{
    identity::Known,
    usage::{Month, Sums},
};

use super::{Pages, visit::Visit};
use crate::{
    chart::{self, Bar, Bars},
    usage_row::SumsRow,
};

/// How many months are shown, the last of which is the one that is now.
const MONTHS: u32 = 12;

/// A year of one caller.
pub struct Year {
    /// The earliest first.
    pub months: Vec<MonthShown>,
    bars: Bars,
}

/// One month of it.
#[derive(Clone, Copy, Debug)]
pub struct MonthShown {
    /// Which.
    pub month: Month,
    /// What was used.
    pub sums: SumsRow,
}

/// What a caller used in the last twelve months.
pub async fn of(pages: &Pages, visit: &Visit, known: &Known) -> Result<Year, AccountsError> {
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
    /// Of these months, and what was used in some of them.
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

    /// Nothing was used in any of them.
    pub fn is_empty(&self) -> bool {
        self.bars.top == 0
    }

    /// Width of the picture's plane, in its own units.
    pub fn width(&self) -> u32 {
        self.bars.width
    }

    /// Requests in the month with the most.
    pub fn top(&self) -> u64 {
        self.bars.top
    }

    /// The bars, each with its month.
    pub fn bars(&self) -> impl Iterator<Item = (&Bar, &MonthShown)> {
        self.bars.bars.iter().zip(&self.months)
    }

    /// Whether a month is that of which the page around it tells.
    pub fn is_at(&self, month: &MonthShown, at: &Option<Month>) -> bool {
        Some(month.month) == *at
    }
}

// === impl MonthShown ===

impl MonthShown {
    /// All requests and sockets, each of which is in one of the four sums.
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

    /// `Nov`.
    pub fn short(&self) -> String {
        written(self.month, "%b")
    }

    /// `November 2026`.
    pub fn name(&self) -> String {
        name(self.month)
    }
}

/// `November 2026`.
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
