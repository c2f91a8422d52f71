//! Sessions: tokens that a login by password makes and that expire.

use serde_json::json;
use sqlx::SqliteConnection;
use tidegate_core::identity::TokenKind;

use crate::{
    Accounts, AccountsError, Actor, Created, Password, Secret, audited_change::Change, password, token_secret,
};

/// A login to check.
#[derive(Clone, Debug)]
pub struct Login {
    /// The name given.
    pub user: String,
    /// The password given.
    pub password: Password,
    /// The only tenant whose users may log in, where one is given.
    pub tenant: Option<String>,
    /// The time at which the session ends, Unix milliseconds.
    pub expires_ms: i64,
}

/// A new session.
#[derive(Clone, Debug)]
pub struct Session {
    /// Its token, of the kind personal.
    pub token: Created,
    /// The user's tenant.
    pub tenant: String,
}

impl Accounts {
    /// Begins a session for the user whose password is given; `None` when the password is wrong, or the user has none, is
    /// of another tenant or does not exist. Neither the answer nor its time tells these cases apart. The oldest
    /// session of the user ends when there are [`crate::bounds::SESSIONS_PER_USER_MAX`].
    ///
    /// Errors: `Busy` when too many passwords are being hashed.
    pub async fn session_begin(&self, login: Login, now_ms: i64) -> Result<Option<Session>, AccountsError> {
        let Login { user, password, .. } = login;
        let kept = password::kept(&mut *self.inner.database.readers().acquire().await?, &user).await?;
        let hash = kept.as_ref().map(|(hash, _)| hash.clone());
        let is_right = self.inner.hashing.is_of(password, hash).await?;
        let Some((hash, tenant)) = kept.filter(|_| is_right) else {
            return Ok(None);
        };
        if login.tenant.is_some_and(|only| only != tenant) {
            return Ok(None);
        }
        let Some(secret) = Secret::mint(TokenKind::Personal)? else {
            return Ok(None);
        };
        let id = token_secret::mint_id()?;
        let actor = Actor(user.clone());
        let mut change = self.change(&actor, now_ms).await?;
        // It may have been changed while it was hashed; a session of the old one would outlive that.
        if password::kept(change.connection(), &user).await?.map(|(hash, _)| hash) != Some(hash) {
            return Ok(None);
        }
        self.make_room_for_session(&mut change, &user).await?;
        sqlx::query(
            "INSERT INTO tokens (id, secret_hash, hint, kind, user_name, stations_mode, created_ms, expires_ms, is_session) \
             VALUES ($1, $2, $3, $4, $5, 'default', $6, $7, 1)",
        )
        .bind(&id)
        .bind(self.inner.hasher.hash(secret.reveal()).to_text())
        .bind(secret.hint())
        .bind(TokenKind::Personal.as_str())
        .bind(&user)
        .bind(now_ms)
        .bind(login.expires_ms)
        .execute(change.connection())
        .await?;
        let detail = json!({ "user": user, "expires_ms": login.expires_ms });
        change.commit("session.begin", &id, detail).await?;
        let token = Created { id, secret };
        Ok(Some(Session { token, tenant }))
    }

    /// Ends a session by the public id of its token; returns `false` when there is no such session, or it has ended
    /// already. Tokens that somebody made are not ended.
    pub async fn session_end(&self, id: &str, now_ms: i64) -> Result<bool, AccountsError> {
        let user: Option<String> = sqlx::query_scalar("SELECT user_name FROM tokens WHERE id = $1 AND is_session = 1")
            .bind(id)
            .fetch_optional(self.inner.database.readers())
            .await?;
        let Some(user) = user else { return Ok(false) };
        let actor = Actor(user.clone());
        let mut change = self.change(&actor, now_ms).await?;
        let ended = sqlx::query("UPDATE tokens SET revoked_ms = $1 WHERE id = $2 AND revoked_ms IS NULL")
            .bind(now_ms)
            .bind(id)
            .execute(change.connection())
            .await?;
        if ended.rows_affected() == 0 {
            return Ok(false);
        }
        change.commit("session.end", id, json!({ "user": user })).await?;
        Ok(true)
    }

    /// Ends the oldest live session when there is no room for another one, and deletes the oldest ended ones past the
    /// bound.
    async fn make_room_for_session(&self, change: &mut Change<'_>, user: &str) -> Result<(), AccountsError> {
        let (now_ms, max) = (change.now_ms, self.inner.bounds.sessions_per_user);
        sqlx::query(
            "UPDATE tokens SET revoked_ms = $2 WHERE id IN (SELECT id FROM tokens WHERE user_name = $1 \
             AND is_session = 1 AND revoked_ms IS NULL AND expires_ms > $2 \
             ORDER BY created_ms DESC, rowid DESC LIMIT -1 OFFSET $3)",
        )
        .bind(user)
        .bind(now_ms)
        .bind(i64::from(max.saturating_sub(1)))
        .execute(change.connection())
        .await?;
        sqlx::query(
            "DELETE FROM tokens WHERE id IN (SELECT id FROM tokens WHERE user_name = $1 AND is_session = 1 \
             AND (revoked_ms IS NOT NULL OR expires_ms <= $2) ORDER BY created_ms DESC, rowid DESC LIMIT -1 OFFSET $3)",
        )
        .bind(user)
        .bind(now_ms)
        .bind(i64::from(max))
        .execute(change.connection())
        .await?;
        Ok(())
    }
}

/// Ends all live sessions of a user; returns how many.
pub(crate) async fn end_all(change: &mut Change<'_>, user: &str) -> Result<u64, AccountsError> {
    let now_ms = change.now_ms;
    let connection: &mut SqliteConnection = change.connection();
    let ended = sqlx::query(
        "UPDATE tokens SET revoked_ms = $2 WHERE user_name = $1 AND is_session = 1 AND revoked_ms IS NULL \
         AND expires_ms > $2",
    );
    Ok(ended.bind(user).bind(now_ms).execute(connection).await?.rows_affected())
}

#[cfg(test)]
mod tests;
