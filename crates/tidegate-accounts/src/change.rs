//! A change: one write transaction that ends with its audit row, or not at all.

use sqlx::{SqliteConnection, Transaction, sqlite::Sqlite};

use crate::{Accounts, AccountsError, Actor, accounts::Inner, detail::Detail, text};

/// A change under way. It can only be committed together with its audit row; dropped, it leaves no trace.
pub(crate) struct Change<'a> {
    transaction: Transaction<'static, Sqlite>,
    inner: &'a Inner,
    actor: &'a str,
    /// When it happens, Unix milliseconds.
    pub(crate) now_ms: i64,
}

/// Empties the cache when it goes out of scope, so also when the call that commits is dropped half way.
struct Forget<'a>(&'a Inner);

impl Accounts {
    /// Begins a change. It waits until the writer is free.
    pub(crate) async fn change<'a>(&'a self, actor: &'a Actor, now_ms: i64) -> Result<Change<'a>, AccountsError> {
        let actor = text::ACTOR.check(&actor.0)?;
        let transaction = self.inner.database.begin().await?;
        Ok(Change { transaction, inner: &self.inner, actor, now_ms })
    }
}

impl Change<'_> {
    /// The connection that holds the transaction.
    pub(crate) fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.transaction
    }

    /// Writes the audit row, commits, and makes the change act at the next request.
    pub(crate) async fn commit(self, action: &str, subject: &str, detail: Detail) -> Result<(), AccountsError> {
        self.commit_text(action, subject, &detail.into_text()).await
    }

    /// [`Change::commit`] with a detail that is text already.
    pub(crate) async fn commit_text(
        mut self,
        action: &str,
        subject: &str,
        detail: &str,
    ) -> Result<(), AccountsError> {
        sqlx::query("INSERT INTO audit (at_ms, actor, action, subject, detail) VALUES ($1, $2, $3, $4, $5)")
            .bind(self.now_ms)
            .bind(self.actor)
            .bind(action)
            .bind(subject)
            .bind(detail)
            .execute(&mut *self.transaction)
            .await?;
        let _forget = Forget(self.inner);
        self.transaction.commit().await?;
        Ok(())
    }

    /// Refuses when there are `max` already. `count` is a query that counts by one text.
    pub(crate) async fn check_room(
        &mut self,
        what: &'static str,
        max: u32,
        count: &'static str,
        by: &str,
    ) -> Result<(), AccountsError> {
        let held: i64 = sqlx::query_scalar(count).bind(by).fetch_one(self.connection()).await?;
        if held < i64::from(max) { Ok(()) } else { Err(AccountsError::TooMany { what, max }) }
    }
}

impl Drop for Forget<'_> {
    fn drop(&mut self) {
        self.0.forget();
    }
}
