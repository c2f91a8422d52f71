//! The schema, and the migration of a file to it, version by version.

use sqlx::{AssertSqlSafe, SqlitePool};

use super::Database;
use crate::AccountsError;

/// The steps of the accounts' schema, one for each version: step 0 makes version 1 of an empty file. Steps are only ever
/// added.
pub(crate) const STEPS: &[&str] = &[
    include_str!("schema/0001.sql"),
    include_str!("schema/0002.sql"),
    include_str!("schema/0003.sql"),
];

/// Runs the steps that the file has not seen, all or none.
pub(super) async fn migrate(writer: &SqlitePool, steps: &[&'static str]) -> Result<(), AccountsError> {
    let known = steps.len() as i64;
    let mut change = writer.begin_with("BEGIN IMMEDIATE").await?;
    let found: i64 = sqlx::query_scalar("PRAGMA user_version")
        .fetch_one(&mut *change)
        .await?;
    if found < 0 || found > known {
        return Err(AccountsError::NewerSchema { found, known });
    }
    for step in &steps[found as usize..] {
        sqlx::raw_sql(*step).execute(&mut *change).await?;
    }
    if found < known {
        // A pragma takes no parameters; the number is ours.
        sqlx::raw_sql(AssertSqlSafe(format!("PRAGMA user_version = {known}")))
            .execute(&mut *change)
            .await?;
    }
    change.commit().await?;
    Ok(())
}

/// Stores the key's fingerprint in the file at the first opening, and fails with `WrongKey` where a later one differs.
/// With another key every token would be unknown, and nothing would say why.
pub(crate) async fn check_key(database: &Database, fingerprint: &str) -> Result<(), AccountsError> {
    let mut change = database.begin().await?;
    sqlx::query("INSERT INTO meta (name, value) VALUES ('key_fingerprint', $1) ON CONFLICT (name) DO NOTHING")
        .bind(fingerprint)
        .execute(&mut *change)
        .await?;
    let kept: String = sqlx::query_scalar("SELECT value FROM meta WHERE name = 'key_fingerprint'")
        .fetch_one(&mut *change)
        .await?;
    if kept != fingerprint {
        return Err(AccountsError::WrongKey);
    }
    change.commit().await?;
    Ok(())
}
