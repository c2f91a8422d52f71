//! Tokens: their rows, listings and revocation.

use std::collections::HashMap;

use serde_json::json;
use sqlx::{Row, sqlite::SqliteRow};
use tidegate_core::identity::TokenKind;

use crate::{Accounts, AccountsError, Actor, Secret, bounds, users};

mod create;

/// A token to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewToken {
    /// The user it belongs to.
    pub user: String,
    /// The kind; [`TokenKind::Opaque`] and [`TokenKind::Vouched`] are not made here.
    pub kind: TokenKind,
    /// The time at which it expires, Unix milliseconds. A development token must have one.
    pub expires_ms: Option<i64>,
    /// The stations it names. An enterprise token must name some. A development token may name any; without, it reaches
    /// its user's own. For a personal token (own and shared stations) and an app token (the tenant's) it narrows.
    pub stations: Option<StationList>,
    /// The name its holder gives it; may be empty.
    pub name: String,
}

/// The stations that a token names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StationList {
    /// All: every station for enterprise and development tokens, all that the kind reaches for the others.
    All,
    /// These, by id.
    Ids(Vec<i64>),
}

/// A token just made.
#[derive(Clone, Debug)]
pub struct Created {
    /// Its public id, such as `t_4fQ0aZ8Lm2Xc`.
    pub id: String,
    /// Its secret, which is shown only once.
    pub secret: Secret,
}

/// A token as a listing shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRow {
    /// The public id.
    pub id: String,
    /// The kind.
    pub kind: TokenKind,
    /// The user it belongs to.
    pub user: String,
    /// The time at which it was made, Unix milliseconds.
    pub created_ms: i64,
    /// The time at which it expires, Unix milliseconds.
    pub expires_ms: Option<i64>,
    /// The time at which it was revoked, Unix milliseconds.
    pub revoked_ms: Option<i64>,
    /// The stations it names, if it names any.
    pub stations: Option<StationList>,
    /// The last four characters of its secret, by which its holder recognises it.
    pub hint: String,
    /// The name its holder gives it; may be empty.
    pub name: String,
    /// True when a login made it.
    pub is_session: bool,
}

impl Accounts {
    /// Revokes a token; it is refused from the next request on. Returns `false` when it was revoked before.
    /// Errors: `NoSuchToken`.
    pub async fn token_revoke(&self, actor: &Actor, id: &str, now_ms: i64) -> Result<bool, AccountsError> {
        let mut change = self.change(actor, now_ms).await?;
        let row: Option<(String, Option<i64>)> =
            sqlx::query_as("SELECT user_name, revoked_ms FROM tokens WHERE id = $1")
                .bind(id)
                .fetch_optional(change.connection())
                .await?;
        let Some((user, revoked_ms)) = row else {
            return Err(AccountsError::no_such_token(id));
        };
        if revoked_ms.is_some() {
            return Ok(false);
        }
        sqlx::query("UPDATE tokens SET revoked_ms = $1 WHERE id = $2")
            .bind(now_ms)
            .bind(id)
            .execute(change.connection())
            .await?;
        change.commit("token.revoke", id, json!({ "user": user })).await?;
        Ok(true)
    }

    /// The user's tokens, those not taken back first, then the newest first; at most
    /// [`bounds::ROWS_PER_LIST_MAX`]. Errors: `NoSuchUser`.
    pub async fn tokens(&self, user: &str) -> Result<Vec<TokenRow>, AccountsError> {
        let mut reader = self.inner.database.readers().acquire().await?;
        users::require(&mut reader, user).await?;
        let rows = sqlx::query(
            "SELECT id, kind, user_name, stations_mode, created_ms, expires_ms, revoked_ms, hint, name, is_session FROM tokens \
             WHERE user_name = $1 ORDER BY (revoked_ms IS NOT NULL), created_ms DESC, id LIMIT $2",
        )
        .bind(user)
        .bind(i64::from(bounds::ROWS_PER_LIST_MAX))
        .fetch_all(&mut *reader)
        .await?;
        let named: Vec<(String, i64)> = sqlx::query_as(
            "SELECT n.token_id, n.station_id FROM token_stations n JOIN tokens t ON t.id = n.token_id \
             WHERE t.user_name = $1 ORDER BY n.station_id",
        )
        .bind(user)
        .fetch_all(&mut *reader)
        .await?;
        let mut by_token: HashMap<String, Vec<i64>> = HashMap::new();
        for (token_id, station_id) in named {
            by_token.entry(token_id).or_default().push(station_id);
        }
        rows.iter().map(|row| token_row(row, &mut by_token)).collect()
    }

    /// Refuses unless the token belongs to this user. It is checked first for users who may only revoke their own tokens.
    /// Errors: `NoSuchToken`, also for somebody else's.
    pub async fn require_token_of(&self, id: &str, user: &str) -> Result<(), AccountsError> {
        let there: Option<i64> = sqlx::query_scalar("SELECT 1 FROM tokens WHERE id = $1 AND user_name = $2")
            .bind(id)
            .bind(user)
            .fetch_optional(self.inner.database.readers())
            .await?;
        there.map(|_| ()).ok_or_else(|| AccountsError::no_such_token(id))
    }
}

/// Reads the kind that a row's word stands for.
pub(crate) fn kind(word: &str) -> Result<TokenKind, AccountsError> {
    [
        TokenKind::Personal,
        TokenKind::App,
        TokenKind::Development,
        TokenKind::Enterprise,
    ]
    .into_iter()
    .find(|kind| kind.as_str() == word)
    .ok_or(AccountsError::Corrupt { what: "token's kind" })
}

fn token_row(row: &SqliteRow, named: &mut HashMap<String, Vec<i64>>) -> Result<TokenRow, AccountsError> {
    let id: String = row.try_get("id")?;
    let stations = match row.try_get("stations_mode")? {
        "all" => Some(StationList::All),
        "listed" => Some(StationList::Ids(named.remove(&id).unwrap_or_default())),
        _ => None,
    };
    Ok(TokenRow {
        id,
        kind: kind(row.try_get("kind")?)?,
        user: row.try_get("user_name")?,
        created_ms: row.try_get("created_ms")?,
        expires_ms: row.try_get("expires_ms")?,
        revoked_ms: row.try_get("revoked_ms")?,
        stations,
        hint: row.try_get("hint")?,
        name: row.try_get("name")?,
        is_session: row.try_get("is_session")?,
    })
}

#[cfg(test)]
mod tests;
