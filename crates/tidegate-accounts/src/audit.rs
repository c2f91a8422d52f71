//! The audit trail: one row for each change, with its actor, subject and time.

use sqlx::{Row, sqlite::SqliteRow};

use crate::{Accounts, AccountsError, Actor, bounds, validation};

/// A row of the audit trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRow {
    /// The row's number; later rows have greater ones.
    pub seq: i64,
    /// The time of the change, Unix milliseconds.
    pub at_ms: i64,
    /// The one who made the change.
    pub actor: String,
    /// The action: `user.add`, `token.create`, `token.revoke`, `station.add`, `station.share`, `station.unshare`,
    /// `password.set`, `password.remove`, `session.begin`, `session.end`, `limit.set`, `limit.unset`, or the word of a note.
    pub action: String,
    /// The subject: a user's name, a token's id, a station's id or a limit's name.
    pub subject: String,
    /// Details, as a JSON object. It holds no secret.
    pub detail: String,
}

impl Accounts {
    /// Adds a row for something that happened elsewhere, such as a pardon. `detail` is JSON text, made by the caller.
    /// Errors: `BadName`, and `HoldsSecret` when any of the texts holds a token.
    pub async fn audit_note(
        &self,
        actor: &Actor,
        action: &str,
        subject: &str,
        detail: &str,
        now_ms: i64,
    ) -> Result<(), AccountsError> {
        let action = validation::ACTION.check(action)?;
        let subject = validation::SUBJECT.check(subject)?;
        let detail = validation::DETAIL.check(detail)?;
        self.change(actor, now_ms)
            .await?
            .commit_text(action, subject, detail)
            .await
    }

    /// Reads the trail, newest first: rows before `before_seq` (or the newest), at most `limit` and never more than
    /// [`bounds::ROWS_PER_LIST_MAX`].
    pub async fn audit(&self, before_seq: Option<i64>, limit: u32) -> Result<Vec<AuditRow>, AccountsError> {
        let rows = sqlx::query("SELECT * FROM audit WHERE seq < $1 ORDER BY seq DESC LIMIT $2")
            .bind(before_seq.unwrap_or(i64::MAX))
            .bind(i64::from(limit.min(bounds::ROWS_PER_LIST_MAX)))
            .fetch_all(self.inner.database.readers())
            .await?;
        rows.iter().map(audit_row).collect()
    }
}

fn audit_row(row: &SqliteRow) -> Result<AuditRow, AccountsError> {
    Ok(AuditRow {
        seq: row.try_get("seq")?,
        at_ms: row.try_get("at_ms")?,
        actor: row.try_get("actor")?,
        action: row.try_get("action")?,
        subject: row.try_get("subject")?,
        detail: row.try_get("detail")?,
    })
}

#[cfg(test)]
mod tests;
