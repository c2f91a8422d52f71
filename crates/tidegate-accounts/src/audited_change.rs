//! A write transaction that is committed together with its audit row, or not at all.

use serde_json::Value;
use sqlx::{SqliteConnection, Transaction, sqlite::Sqlite};

use crate::{Accounts, AccountsError, Actor, accounts::Inner, validation};

/// A change under way. It can only be committed together with its audit row; dropped, it leaves no trace.
pub(crate) struct Change<'a> {
    transaction: Transaction<'static, Sqlite>,
    inner: &'a Inner,
    actor: &'a str,
    /// The time of the change, Unix milliseconds.
    pub(crate) now_ms: i64,
}

/// Empties the cache when it goes out of scope, even when the call that commits is dropped half way.
struct Forget<'a>(&'a Inner);

impl Accounts {
    /// Begins a change. It waits until the writer is free.
    pub(crate) async fn change<'a>(&'a self, actor: &'a Actor, now_ms: i64) -> Result<Change<'a>, AccountsError> {
        let actor = validation::ACTOR.check(&actor.0)?;
        let transaction = self.inner.database.begin().await?;
        Ok(Change {
            transaction,
            inner: &self.inner,
            actor,
            now_ms,
        })
    }
}

impl Change<'_> {
    /// Returns the connection that holds the transaction.
    pub(crate) fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.transaction
    }

    /// Writes the audit row, commits, and makes the change act at the next request. `detail` is a flat object, whose
    /// members stand in the row in the order they were put in.
    pub(crate) async fn commit(self, action: &str, subject: &str, detail: Value) -> Result<(), AccountsError> {
        self.commit_text(action, subject, &detail.to_string()).await
    }

    /// Commits as [`Change::commit`] does, with a detail that is text already.
    pub(crate) async fn commit_text(mut self, action: &str, subject: &str, detail: &str) -> Result<(), AccountsError> {
        let seq: i64 = sqlx::query_scalar(
            "INSERT INTO audit (at_ms, actor, action, subject, detail) VALUES ($1, $2, $3, $4, $5) RETURNING seq",
        )
        .bind(self.now_ms)
        .bind(self.actor)
        .bind(action)
        .bind(subject)
        .bind(detail)
        .fetch_one(&mut *self.transaction)
        .await?;
        let _forget = Forget(self.inner);
        self.transaction.commit().await?;
        self.inner.external_changes.own(seq);
        Ok(())
    }
}

/// Refuses when `held` has reached the bound.
pub(crate) fn check_room(what: &'static str, held: i64, max: u32) -> Result<(), AccountsError> {
    if held < i64::from(max) {
        Ok(())
    } else {
        Err(AccountsError::TooMany { what, max })
    }
}

impl Drop for Forget<'_> {
    fn drop(&mut self) {
        self.0.forget();
    }
}

#[cfg(test)]
mod tests;
