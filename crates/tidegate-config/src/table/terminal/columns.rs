//! The columns of the table: a heading, and what stands below it.

use super::{
    Row,
    formatting::{thousands, window},
};

/// A column.
pub struct Column {
    /// The column's heading.
    pub heading: &'static str,
    /// Numbers stand at the right.
    pub right: bool,
    /// A row's cell.
    pub cell: fn(&Row) -> String,
}

/// The columns that are read across.
pub const COLUMNS: [Column; 8] = [
    Column {
        heading: "LIMIT",
        right: false,
        cell: |row| format!("{}{}", row.limit, if row.shadow { " (shadow)" } else { "" }),
    },
    Column {
        heading: "PER",
        right: false,
        cell: |row| row.scope.clone(),
    },
    Column {
        heading: "QUOTA",
        right: true,
        cell: quota,
    },
    Column {
        heading: "WINDOW",
        right: false,
        cell: window,
    },
    Column {
        heading: "BURST",
        right: true,
        cell: |row| number(row.burst),
    },
    Column {
        heading: "BOUND",
        right: true,
        cell: |row| number(row.bound),
    },
    Column {
        heading: "COUNTS AT",
        right: false,
        cell: |row| row.counts_at.unwrap_or("-").to_owned(),
    },
    Column {
        heading: "STORE LOST",
        right: false,
        cell: |row| row.on_store_loss.unwrap_or("-").to_owned(),
    },
];

/// The column of a tenant's table that tells where its quota comes from.
pub const FROM: Column = Column {
    heading: "FROM",
    right: false,
    cell: |row| row.from.clone(),
};

/// The last column, a sentence.
pub const SENTENCE: Column = Column {
    heading: "APPLIES TO",
    right: false,
    cell: sentence,
};

fn quota(row: &Row) -> String {
    if let Some(bytes) = row
        .quota
        .filter(|bytes| row.kind == "body_bytes" && bytes.is_multiple_of(1_000_000))
    {
        return format!("{} MB", thousands(bytes / 1_000_000));
    }
    number(row.quota)
}

fn number(value: Option<u64>) -> String {
    value.map_or_else(|| "-".to_owned(), thousands)
}

fn sentence(row: &Row) -> String {
    let mut text = row.applies_to.clone();
    if let Some(strings) = row.quota_strings {
        text.push_str(&format!("; {} for strings", thousands(strings)));
    }
    for plan in &row.plans {
        text.push_str(&format!("; plan {}: {}", plan.plan, thousands(u64::from(plan.quota))));
    }
    if let Some(within) = &row.within {
        let most = thousands(u64::from(within.subkeys_max));
        text.push_str(&format!(
            "; at most {most} separate counts at a time per {}, further ones share one count",
            within.scope
        ));
        if let Some(parent) = &within.limit {
            text.push_str(&format!("; all of them together are limited by {parent}"));
        }
    }
    text
}

// === impl Column ===

impl Column {
    /// Returns its width, with its heading.
    pub fn width(&self, rows: &[Row]) -> usize {
        rows.iter()
            .map(|row| (self.cell)(row).chars().count())
            .chain([self.heading.len()])
            .max()
            .unwrap_or_default()
    }

    /// The choice that all rows have taken alike which have one; a limit on one request has none.
    pub fn uniform(&self, rows: &[Row]) -> Option<String> {
        let is_choice = ["COUNTS AT", "STORE LOST"].contains(&self.heading);
        let mut taken = rows.iter().map(|row| (self.cell)(row)).filter(|cell| cell != "-");
        let first = taken.next().filter(|_| is_choice)?;
        taken.all(|other| other == first).then_some(first)
    }
}
