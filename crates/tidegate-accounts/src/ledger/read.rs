//! Reading the ledger: a month's sums, and the batches in them.

use sqlx::{AssertSqlSafe, Row, sqlite::SqliteRow};
use tidegate_core::usage::{Month, Payer, Sums};

use super::{Book, Entries, Ledger, UsageBy, UsageQuery, UsageRow};
use crate::{AccountsError, bounds::ROWS_PER_LIST_MAX};

impl Ledger {
    /// Reads the rows of a month, sorted by tenant and then by the grouping; at most [`ROWS_PER_LIST_MAX`]. The flag is true
    /// when there are more.
    pub async fn usage(&self, month: Month, query: &UsageQuery) -> Result<(Vec<UsageRow>, bool), AccountsError> {
        let (second, names) = match query.by {
            UsageBy::Tenant => ("tenant", "tenant, '' AS user_name, '' AS route"),
            UsageBy::User => ("user_name", "tenant, user_name, '' AS route"),
            UsageBy::Route => ("route", "tenant, '' AS user_name, route"),
        };
        let text = format!(
            "SELECT {names}, {} FROM usage WHERE book = $1 AND month = $2 \
             AND ($3 IS NULL OR tenant = $3) AND ($4 IS NULL OR user_name = $4) \
             GROUP BY tenant, {second} ORDER BY tenant, {second} LIMIT $5",
            summed("")
        );
        let rows = sqlx::query(AssertSqlSafe(text))
            .bind(Book::Shipped.number())
            .bind(month.number())
            .bind(query.tenant.as_deref())
            .bind(query.user.as_deref())
            .bind(ROWS_PER_LIST_MAX + 1)
            .fetch_all(self.database.readers())
            .await?;
        let has_more = rows.len() > ROWS_PER_LIST_MAX as usize;
        let rows = rows.iter().take(ROWS_PER_LIST_MAX as usize).map(usage_row);
        Ok((rows.collect::<Result<_, _>>()?, has_more))
    }

    /// Reads a book's sums of each tenant and month; those of [`Book::Shipped`] must equal [`Book::Retired`] and the rest of
    /// the log together.
    pub async fn totals(&self, book: Book) -> Result<Vec<(Month, Option<String>, Sums)>, AccountsError> {
        let text = format!(
            "SELECT month, tenant, '' AS user_name, '' AS route, {} FROM usage WHERE book = $1 GROUP BY month, tenant",
            summed("")
        );
        let rows = sqlx::query(AssertSqlSafe(text))
            .bind(book.number())
            .fetch_all(self.database.readers())
            .await?;
        let total = |row: &SqliteRow| {
            let month =
                Month::numbered(row.try_get("month")?).ok_or(AccountsError::Corrupt { what: "ledger's month" })?;
            let UsageRow { payer, sums } = usage_row(row)?;
            Ok((month, payer.tenant.map(|tenant| tenant.to_string()), sums))
        };
        rows.iter().map(total).collect()
    }

    /// Reads the ids of the batches in a book.
    pub async fn entries(&self, book: Book) -> Result<Entries, AccountsError> {
        let rows = sqlx::query("SELECT node, epoch, seqs FROM entered WHERE book = $1")
            .bind(book.number())
            .fetch_all(self.database.readers())
            .await?;
        let mut entries = Entries::default();
        for row in rows {
            let (node, epoch): (i64, i64) = (row.try_get("node")?, row.try_get("epoch")?);
            let seqs: String = row.try_get("seqs")?;
            let seqs = seqs.parse().map_err(|_| AccountsError::Corrupt {
                what: "ledger's batches",
            })?;
            entries.0.insert((node.cast_unsigned(), epoch.cast_unsigned()), seqs);
        }
        Ok(entries)
    }
}

/// Writes the columns that sum usage. `TOTAL` would be a floating number, and `SUM` fails on overflow rather than be wrong.
pub(super) fn summed(table: &str) -> String {
    let sums: Vec<String> = Sums::NAMES
        .iter()
        .map(|name| format!("SUM({table}{name}) AS {name}"))
        .collect();
    sums.join(", ")
}

pub(super) fn usage_row(row: &SqliteRow) -> Result<UsageRow, AccountsError> {
    let name = |column: &str| -> Result<_, AccountsError> {
        let text: String = row.try_get(column)?;
        Ok((!text.is_empty()).then(|| text.into()))
    };
    let payer = Payer {
        tenant: name("tenant")?,
        user: name("user_name")?,
        route: name("route")?,
    };
    let sums = sums_of(row)?;
    Ok(UsageRow { payer, sums })
}

/// Reads the sums of a row, by the names of its columns.
pub(super) fn sums_of(row: &SqliteRow) -> Result<Sums, AccountsError> {
    let mut values = [0; Sums::NAMES.len()];
    for (value, column) in values.iter_mut().zip(Sums::NAMES) {
        let found: i64 = row.try_get(column)?;
        *value = u64::try_from(found).map_err(|_| AccountsError::Corrupt { what: "ledger's sum" })?;
    }
    Ok(Sums::from_values(values))
}
