//! Setting and removing a user's password.

use serde_json::json;

use crate::{Accounts, AccountsError, Actor, Password, sessions, users};

impl Accounts {
    /// Sets a user's password in place of the old one, if any. All sessions that began with the old one end;
    /// returns how many. Tokens that people made stay.
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

    /// Removes a user's password: the user can no longer log in, and their sessions end. Returns `false` when there was none.
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

fn detail(ended: u64) -> serde_json::Value {
    json!({ "sessions_ended": ended })
}

#[cfg(test)]
mod tests;
