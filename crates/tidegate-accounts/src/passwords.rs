//! Passwords: what may be one, and how a user's is set and taken away.

use std::fmt;

use serde_json::json;
use sqlx::SqliteConnection;

use crate::{Accounts, AccountsError, Actor, bounds, sessions, users};

pub(crate) mod hashing;

/// A password as somebody typed it. `Debug` does not show it, there is no `Display`, and it cannot be compared: what is
/// kept of one is compared with by its hash alone.
#[derive(Clone)]
pub struct Password(String);

impl Accounts {
    /// Sets a user's password in the place of the one they had, if any. All sessions that were begun with that end;
    /// answers how many. Tokens that people made stay.
    ///
    /// Errors: `BadPassword`, `NoSuchUser`; `Busy` when too many passwords are being hashed.
    pub async fn password_set(
        &self,
        actor: &Actor,
        user: &str,
        password: Password,
        now_ms: i64,
    ) -> Result<u64, AccountsError> {
        password.check()?;
        users::require(&mut *self.inner.database.readers().acquire().await?, user).await?;
        let hash = self.inner.hashing.hash(password).await?;
        let mut change = self.change(actor, now_ms).await?;
        users::require(change.connection(), user).await?;
        sqlx::query(
            "INSERT INTO passwords (user_name, hash, set_ms) VALUES ($1, $2, $3) \
             ON CONFLICT (user_name) DO UPDATE SET hash = excluded.hash, set_ms = excluded.set_ms",
        )
        .bind(user)
        .bind(&hash)
        .bind(now_ms)
        .execute(change.connection())
        .await?;
        let ended = sessions::end_all(&mut change, user).await?;
        change.commit("password.set", user, detail(ended)).await?;
        Ok(ended)
    }

    /// Takes a user's password away: they log in no more, and their sessions end. `false` when they had none.
    /// Errors: `NoSuchUser`.
    pub async fn password_remove(&self, actor: &Actor, user: &str, now_ms: i64) -> Result<bool, AccountsError> {
        let mut change = self.change(actor, now_ms).await?;
        users::require(change.connection(), user).await?;
        let removed = sqlx::query("DELETE FROM passwords WHERE user_name = $1")
            .bind(user)
            .execute(change.connection())
            .await?;
        if removed.rows_affected() == 0 {
            return Ok(false);
        }
        let ended = sessions::end_all(&mut change, user).await?;
        change.commit("password.remove", user, detail(ended)).await?;
        Ok(true)
    }
}

/// What is kept of a user's password, and their tenant; `None` where there is no such user, or they have none.
pub(crate) async fn kept(
    connection: &mut SqliteConnection,
    user: &str,
) -> Result<Option<(String, String)>, AccountsError> {
    let kept = sqlx::query_as(
        "SELECT p.hash, u.tenant FROM passwords p JOIN users u ON u.name = p.user_name WHERE p.user_name = $1",
    );
    Ok(kept.bind(user).fetch_optional(connection).await?)
}

fn detail(ended: u64) -> serde_json::Value {
    json!({ "sessions_ended": ended })
}

// === impl Password ===

impl Password {
    /// Of any text: what is shown at a login may be anything.
    pub fn new(text: String) -> Password {
        Password(text)
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// What may be set as a password. Its length counts and nothing else (NIST SP 800-63B, 5.1.1.2 of
    /// 2017).
    fn check(&self) -> Result<(), AccountsError> {
        let (chars, bytes) = (self.0.chars().count(), self.0.len());
        let wrong = if chars < bounds::PASSWORD_CHARS_MIN {
            format!("has {chars} characters")
        } else if bytes > bounds::PASSWORD_BYTES_MAX {
            format!("has {bytes} bytes")
        } else if self.0.chars().any(char::is_control) {
            "holds a control character".to_owned()
        } else {
            return Ok(());
        };
        Err(AccountsError::BadPassword { wrong })
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

#[cfg(test)]
mod tests;
