//! The row of usage that commands, the admin API and the callers' pages show.

use serde::{Deserialize, Serialize};
use tidegate_accounts::UsageRow;
use tidegate_core::usage::{Month, Sums};

/// One row of a month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Row {
    /// The tenant; null for anonymous callers.
    pub tenant: Option<String>,
    /// The user, in a list by user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The route, in a list by route.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route: Option<String>,
    /// The month in UTC, such as `2026-11`.
    pub month: String,
    /// The sums.
    #[serde(flatten)]
    pub sums: SumsRow,
}

/// The sums of a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SumsRow {
    /// Requests and sockets that are billed.
    pub transactions: u64,
    /// Requests answered from the cache.
    pub cached: u64,
    /// Requests that the gate refused.
    pub refused: u64,
    /// Requests whose answer is not billed: 404, 5xx, broken off, or left by the client before any answer.
    pub unbilled: u64,
    /// Bytes of bodies and frames received with billed requests and sockets.
    pub bytes_in: u64,
    /// Bytes of bodies and frames sent with billed requests and sockets.
    pub bytes_out: u64,
    /// Samples of billed requests and sockets.
    pub samples: u64,
    /// Bytes of cached answers.
    pub cached_bytes_out: u64,
    /// Samples of cached answers.
    pub cached_samples: u64,
}

impl Row {
    /// Creates the row of a ledger row.
    pub fn of(month: Month, row: &UsageRow) -> Row {
        let name = |name: &Option<std::sync::Arc<str>>| name.as_deref().map(str::to_owned);
        Row {
            tenant: name(&row.payer.tenant),
            user: name(&row.payer.user),
            route: name(&row.payer.route),
            month: month.to_string(),
            sums: row.sums.into(),
        }
    }

    /// Returns the columns before the sums, in the order of `HEADINGS`.
    pub fn names(&self) -> [String; 4] {
        let name = |name: &Option<String>| name.clone().unwrap_or_default();
        [
            name(&self.tenant),
            name(&self.user),
            name(&self.route),
            self.month.clone(),
        ]
    }
}

/// The columns before the sums.
pub const HEADINGS: [&str; 4] = ["tenant", "user", "route", "month"];

/// Writes rows as CSV (RFC 4180), with a line of headings.
pub fn csv(rows: &[Row]) -> String {
    let mut text = [&HEADINGS[..], &Sums::NAMES].concat().join(",") + "\r\n";
    for row in rows {
        let names = row.names().map(|name| quoted(&name));
        let sums = row.sums.values().map(|value| value.to_string());
        text += &[&names[..], &sums].concat().join(",");
        text += "\r\n";
    }
    text
}

fn quoted(name: &str) -> String {
    if name.contains([',', '"', '\r', '\n']) {
        format!("\"{}\"", name.replace('"', "\"\""))
    } else {
        name.to_owned()
    }
}

// === impl SumsRow ===

impl SumsRow {
    /// Adds several rows up.
    pub fn total(rows: impl Iterator<Item = SumsRow>) -> SumsRow {
        let mut total = Sums::default();
        rows.for_each(|row| total.add(&row.into()));
        total.into()
    }

    /// Returns the sums, in the order of [`Sums::NAMES`].
    pub fn values(&self) -> [u64; 9] {
        Sums::from(*self).values()
    }
}

impl From<Sums> for SumsRow {
    fn from(sums: Sums) -> SumsRow {
        SumsRow {
            transactions: sums.transactions,
            cached: sums.cached,
            refused: sums.refused,
            unbilled: sums.unbilled,
            bytes_in: sums.bytes_in,
            bytes_out: sums.bytes_out,
            samples: sums.samples,
            cached_bytes_out: sums.cached_bytes_out,
            cached_samples: sums.cached_samples,
        }
    }
}

impl From<SumsRow> for Sums {
    fn from(row: SumsRow) -> Sums {
        Sums {
            transactions: row.transactions,
            cached: row.cached,
            refused: row.refused,
            unbilled: row.unbilled,
            bytes_in: row.bytes_in,
            bytes_out: row.bytes_out,
            samples: row.samples,
            cached_bytes_out: row.cached_bytes_out,
            cached_samples: row.cached_samples,
        }
    }
}

#[cfg(test)]
mod tests;
