//! Days of usage, beside the months: entered with them, and deleted when there are enough newer ones.
//!
//! They are for charts. Bills come from the months, and only the months are compared with the log.

use std::collections::BTreeMap;

use sqlx::{AssertSqlSafe, SqliteConnection};
use tidegate_core::usage::{Day, Month, Payer, Sums};

use super::{
    Ledger,
    read::{summed, sums_of},
};
use crate::{AccountsError, bounds::DAYS_KEPT_MAX};

/// The payers whose days to read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum DaysOf {
    /// All payers together.
    #[default]
    Everybody,
    /// One tenant, by name.
    Tenant(String),
    /// One user of a tenant.
    User {
        /// The tenant.
        tenant: String,
        /// The user.
        user: String,
    },
}

/// The sums of days by payer; routes are not told apart.
pub(super) type Used = BTreeMap<Day, BTreeMap<Payer, Sums>>;

impl Ledger {
    /// Reads the days of a month that have usage, in order. The last [`DAYS_KEPT_MAX`] days with usage are kept.
    pub async fn days(&self, month: Month, of: &DaysOf) -> Result<Vec<(Day, Sums)>, AccountsError> {
        let (tenant, user) = match of {
            DaysOf::Everybody => (None, None),
            DaysOf::Tenant(tenant) => (Some(tenant), None),
            DaysOf::User { tenant, user } => (Some(tenant), Some(user)),
        };
        let (mut first, mut last) = (u32::MAX, 0);
        for day in month.days() {
            (first, last) = (first.min(day.number()), last.max(day.number()));
        }
        let text = match tenant {
            None => format!(
                "SELECT day, {} FROM days WHERE day BETWEEN $1 AND $2 ORDER BY day",
                Sums::NAMES.join(", ")
            ),
            // From day to day, so that each one's rows are found by its key and none of anybody else's is read.
            Some(_) => format!(
                "SELECT days.day AS day, {} FROM days CROSS JOIN day_usage AS used ON used.day = days.day \
                 WHERE days.day BETWEEN $1 AND $2 AND used.tenant = $3 AND ($4 IS NULL OR used.user_name = $4) \
                 GROUP BY days.day ORDER BY days.day",
                summed("used.")
            ),
        };
        let mut query = sqlx::query(AssertSqlSafe(text)).bind(first).bind(last);
        if let Some(tenant) = tenant {
            query = query.bind(tenant).bind(user);
        }
        let rows = query.fetch_all(self.database.readers()).await?;
        let mut days = Vec::new();
        for row in &rows {
            let number = sqlx::Row::try_get(row, "day")?;
            let day = Day::numbered(number).ok_or(AccountsError::Corrupt { what: "ledger's day" })?;
            days.push((day, sums_of(row)?));
        }
        Ok(days)
    }

    /// Adds to days, and deletes the oldest past the bound.
    pub(super) async fn add_days(&self, connection: &mut SqliteConnection, used: Used) -> Result<(), AccountsError> {
        for (day, payers) in used {
            let mut whole = Sums::default();
            payers.values().for_each(|sums| whole.add(sums));
            let room = add_whole(connection, day, &whole).await?;
            self.add_payers(connection, day, room, payers).await?;
        }
        for table in ["day_usage", "days"] {
            let oldest = format!(
                "DELETE FROM {table} WHERE day IN (SELECT day FROM days ORDER BY day DESC LIMIT -1 OFFSET {DAYS_KEPT_MAX})"
            );
            sqlx::raw_sql(AssertSqlSafe(oldest)).execute(&mut *connection).await?;
        }
        Ok(())
    }

    /// Adds to the rows of a day that has `rows` of them. Past the bound of rows a day tells less apart, as a month does.
    async fn add_payers(
        &self,
        connection: &mut SqliteConnection,
        day: Day,
        mut rows: i64,
        payers: BTreeMap<Payer, Sums>,
    ) -> Result<(), AccountsError> {
        let most = i64::from(self.payers_per_day_max);
        for (mut payer, sums) in payers {
            let mut room = most;
            while !update(connection, day, &payer, &sums).await? {
                if rows < room || payer == Payer::default() {
                    insert(connection, day, &payer, &sums).await?;
                    rows += 1;
                    break;
                }
                payer = payer.coarser();
                room = 2 * most;
            }
        }
        sqlx::query("UPDATE days SET payers = $2 WHERE day = $1")
            .bind(day.number())
            .bind(rows)
            .execute(connection)
            .await?;
        Ok(())
    }
}

/// Adds to a day as a whole, and returns how many rows of payers it has.
async fn add_whole(connection: &mut SqliteConnection, day: Day, sums: &Sums) -> Result<i64, AccountsError> {
    let text = format!(
        "INSERT INTO days (day, payers, {}) VALUES ($1, 0, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
         ON CONFLICT (day) DO UPDATE SET {} RETURNING payers",
        Sums::NAMES.join(", "),
        added(2),
    );
    let mut query = sqlx::query_scalar(AssertSqlSafe(text)).bind(day.number());
    for value in values(sums) {
        query = query.bind(value);
    }
    Ok(query.fetch_one(connection).await?)
}

/// Adds to an existing row; returns false when there is none.
async fn update(
    connection: &mut SqliteConnection,
    day: Day,
    payer: &Payer,
    sums: &Sums,
) -> Result<bool, AccountsError> {
    let text = format!(
        "UPDATE day_usage SET {} WHERE day = $1 AND tenant = $2 AND user_name = $3",
        added(4)
    );
    let query = bound(sqlx::query(AssertSqlSafe(text)), day, payer, sums);
    Ok(query.execute(connection).await?.rows_affected() > 0)
}

async fn insert(connection: &mut SqliteConnection, day: Day, payer: &Payer, sums: &Sums) -> Result<(), AccountsError> {
    let text = format!(
        "INSERT INTO day_usage (day, tenant, user_name, {}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        Sums::NAMES.join(", ")
    );
    let query = bound(sqlx::query(AssertSqlSafe(text)), day, payer, sums);
    query.execute(connection).await?;
    Ok(())
}

/// Writes the `SET` list that adds to sums, whose parameters begin at number `first`. A sum that would pass SQLite's
/// largest number stays at it.
fn added(first: usize) -> String {
    let names = Sums::NAMES.iter().zip(first..);
    let sets: Vec<String> = names
        .map(|(name, at)| format!("{name} = {name} + MIN(${at}, {} - {name})", i64::MAX))
        .collect();
    sets.join(", ")
}

type Query<'q> = sqlx::query::Query<'q, sqlx::Sqlite, sqlx::sqlite::SqliteArguments>;

fn bound<'q>(query: Query<'q>, day: Day, payer: &'q Payer, sums: &Sums) -> Query<'q> {
    let mut query = query.bind(day.number());
    for name in [&payer.tenant, &payer.user] {
        query = query.bind(name.as_deref().unwrap_or_default());
    }
    for value in values(sums) {
        query = query.bind(value);
    }
    query
}

fn values(sums: &Sums) -> impl Iterator<Item = i64> + use<> {
    let values = sums.values().into_iter();
    values.map(|value| i64::try_from(value).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests;
