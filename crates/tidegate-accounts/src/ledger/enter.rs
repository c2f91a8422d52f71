//! Entering batches, each once, in one transaction with their sums.

use std::collections::{BTreeMap, HashMap, hash_map::Entry};

use sqlx::{AssertSqlSafe, SqliteConnection};
use tidegate_core::usage::{Batch, Month, Payer, Seqs, Sums};

use super::{Book, Entered, Ledger, days::Used};
use crate::{AccountsError, bounds::ENTERED_RANGES_MAX};

impl Ledger {
    /// Enters batches into a book. A batch that the book has already is left out, so a caller that does not know
    /// whether an earlier call succeeded calls again.
    ///
    /// Errors: `Database`, `TooMany` past the bound of gaps in a run's numbers; then nothing was entered.
    pub async fn enter(&self, book: Book, batches: &[Batch]) -> Result<Entered, AccountsError> {
        let mut change = self.database.begin().await?;
        let mut runs: HashMap<(u64, u64), Seqs> = HashMap::new();
        let mut sums: BTreeMap<(Month, Payer), Sums> = BTreeMap::new();
        let (mut entered, mut days) = (Entered::default(), Used::default());
        for batch in batches {
            let run = (batch.id.node, batch.id.epoch);
            let seqs = match runs.entry(run) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(unknown) => unknown.insert(run_of(&mut change, book, run).await?),
            };
            if !seqs.insert(batch.id.seq) {
                entered.again += 1;
                continue;
            }
            entered.new += 1;
            for entry in &batch.entries {
                let key = (entry.when.month(), entry.payer.clone());
                sums.entry(key).or_default().add(&entry.sums);
                if let Some(day) = entry.when.day() {
                    let payer = Payer {
                        route: None,
                        ..entry.payer.clone()
                    };
                    days.entry(day).or_default().entry(payer).or_default().add(&entry.sums);
                }
            }
        }
        if entered.new == 0 {
            return Ok(entered);
        }
        for (run, seqs) in runs {
            set_run(&mut change, book, run, &seqs).await?;
        }
        for ((month, payer), sums) in sums {
            self.add(&mut change, book, month, payer, &sums).await?;
        }
        if book == Book::Shipped {
            self.add_days(&mut change, days).await?;
        }
        change.commit().await?;
        Ok(entered)
    }

    /// Adds to the row of a payer. A month has a bound of rows; past it a new payer is added up under its tenant, and past
    /// as many again under nobody.
    async fn add(
        &self,
        connection: &mut SqliteConnection,
        book: Book,
        month: Month,
        mut payer: Payer,
        sums: &Sums,
    ) -> Result<(), AccountsError> {
        let most = i64::from(self.payers_per_month_max);
        let mut is_there = update(connection, book, month, &payer, sums).await?;
        let mut room = most;
        while !is_there {
            let payers: Option<i64> = sqlx::query_scalar("SELECT payers FROM months WHERE book = $1 AND month = $2")
                .bind(book.number())
                .bind(month.number())
                .fetch_optional(&mut *connection)
                .await?;
            if payers.unwrap_or(0) < room || payer == Payer::default() {
                return insert(connection, book, month, &payer, sums).await;
            }
            payer = payer.coarser();
            room = 2 * most;
            is_there = update(connection, book, month, &payer, sums).await?;
        }
        Ok(())
    }
}

async fn run_of(connection: &mut SqliteConnection, book: Book, run: (u64, u64)) -> Result<Seqs, AccountsError> {
    let seqs: Option<String> =
        sqlx::query_scalar("SELECT seqs FROM entered WHERE book = $1 AND node = $2 AND epoch = $3")
            .bind(book.number())
            .bind(signed(run.0))
            .bind(signed(run.1))
            .fetch_optional(connection)
            .await?;
    let seqs = seqs.unwrap_or_default();
    seqs.parse().map_err(|_| AccountsError::Corrupt {
        what: "ledger's batches",
    })
}

async fn set_run(
    connection: &mut SqliteConnection,
    book: Book,
    run: (u64, u64),
    seqs: &Seqs,
) -> Result<(), AccountsError> {
    if seqs.ranges() > ENTERED_RANGES_MAX as usize {
        return Err(AccountsError::TooMany {
            what: "gaps in the batches of a run",
            max: ENTERED_RANGES_MAX,
        });
    }
    sqlx::query(
        "INSERT INTO entered (book, node, epoch, seqs) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (book, node, epoch) DO UPDATE SET seqs = excluded.seqs",
    )
    .bind(book.number())
    .bind(signed(run.0))
    .bind(signed(run.1))
    .bind(seqs.to_string())
    .execute(connection)
    .await?;
    Ok(())
}

/// Adds to an existing row; returns false when there is none.
async fn update(
    connection: &mut SqliteConnection,
    book: Book,
    month: Month,
    payer: &Payer,
    sums: &Sums,
) -> Result<bool, AccountsError> {
    let sets: Vec<String> = Sums::NAMES
        .iter()
        .zip(6..)
        // A sum that would pass SQLite's largest number stays there.
        .map(|(name, at)| format!("{name} = {name} + MIN(${at}, {} - {name})", i64::MAX))
        .collect();
    let text = format!(
        "UPDATE usage SET {} WHERE book = $1 AND month = $2 AND tenant = $3 AND user_name = $4 AND route = $5",
        sets.join(", ")
    );
    let done = bound(sqlx::query(AssertSqlSafe(text)), book, month, payer, sums);
    Ok(done.execute(connection).await?.rows_affected() > 0)
}

async fn insert(
    connection: &mut SqliteConnection,
    book: Book,
    month: Month,
    payer: &Payer,
    sums: &Sums,
) -> Result<(), AccountsError> {
    let text = format!(
        "INSERT INTO usage (book, month, tenant, user_name, route, {}) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        Sums::NAMES.join(", ")
    );
    bound(sqlx::query(AssertSqlSafe(text)), book, month, payer, sums)
        .execute(&mut *connection)
        .await?;
    sqlx::query(
        "INSERT INTO months (book, month, payers) VALUES ($1, $2, 1) \
         ON CONFLICT (book, month) DO UPDATE SET payers = payers + 1",
    )
    .bind(book.number())
    .bind(month.number())
    .execute(connection)
    .await?;
    Ok(())
}

type Query<'q> = sqlx::query::Query<'q, sqlx::Sqlite, sqlx::sqlite::SqliteArguments>;

fn bound<'q>(query: Query<'q>, book: Book, month: Month, payer: &'q Payer, sums: &Sums) -> Query<'q> {
    let mut query = query.bind(book.number()).bind(month.number());
    for name in [&payer.tenant, &payer.user, &payer.route] {
        query = query.bind(name.as_deref().unwrap_or_default());
    }
    for value in sums.values() {
        query = query.bind(i64::try_from(value).unwrap_or(i64::MAX));
    }
    query
}

/// Casts a name for SQLite, whose numbers have a sign. The bits stay as they are.
fn signed(name: u64) -> i64 {
    name.cast_signed()
}
