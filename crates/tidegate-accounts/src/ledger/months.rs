//! Reading the usage of one user over several months.

use sqlx::{AssertSqlSafe, Row, sqlite::SqliteRow};
use tidegate_core::usage::{Month, Sums};

use super::{
    Book, Ledger,
    read::{summed, usage_row},
};
use crate::AccountsError;

impl Ledger {
    /// Reads the sums of a user of a tenant in these months, the earliest first. Months without usage are left out.
    pub async fn months_of(
        &self,
        tenant: &str,
        user: &str,
        months: &[Month],
    ) -> Result<Vec<(Month, Sums)>, AccountsError> {
        // Numbers, so that each month is found by the key and no other payer's rows are read.
        let numbers: Vec<String> = months.iter().map(|month| month.number().to_string()).collect();
        let text = format!(
            "SELECT month, tenant, '' AS user_name, '' AS route, {} FROM usage \
             WHERE book = $1 AND month IN ({}) AND tenant = $2 AND user_name = $3 GROUP BY month ORDER BY month",
            summed(""),
            numbers.join(", ")
        );
        let rows = sqlx::query(AssertSqlSafe(text))
            .bind(Book::Shipped.number())
            .bind(tenant)
            .bind(user)
            .fetch_all(self.database.readers())
            .await?;
        let one = |row: &SqliteRow| {
            let month = Month::numbered(row.try_get("month")?);
            let month = month.ok_or(AccountsError::Corrupt { what: "ledger's month" })?;
            Ok((month, usage_row(row)?.sums))
        };
        rows.iter().map(one).collect()
    }
}
