//! Looking up credentials: the token of a secret, an id or a user's name.

use std::sync::Arc;

use sqlx::{Row, sqlite::SqliteRow};
use tidegate_core::identity::{Invalid, Lookup, Resource, Token, TokenKind};

use crate::{
    Accounts, AccountsError, DEVICE, STATION, grants, lookup_cache::CachedLookup, secret_hash::SecretHash,
    token_format, tokens,
};

/// The query of a token, with its condition.
macro_rules! token_where {
    ($condition:literal) => {
        concat!(
            "SELECT t.id, t.secret_hash, t.kind, t.user_name, t.stations_mode, t.expires_ms, t.revoked_ms, ",
            "u.tenant, u.plan FROM tokens t JOIN users u ON u.name = t.user_name WHERE ",
            $condition
        )
    };
}

impl Accounts {
    /// Finds the token of a credential, and the resources it reaches at `now_ms`.
    ///
    /// A text without the form of a token is refused before any query. Any other is looked up by its keyed hash,
    /// in memory first. Any change made through this handle acts at the next call; one made by another process, after
    /// at most [`crate::bounds::EXTERNAL_CHANGE_MS_MAX`]. An end of validity acts at its very millisecond.
    ///
    /// The outer error is a fault (`Database`), never a statement about the credential.
    pub async fn lookup(&self, secret: &str, now_ms: i64) -> Result<Lookup, AccountsError> {
        if !token_format::is_well_formed(secret) {
            return Ok(Err(Invalid::Malformed));
        }
        self.inner.notice_external_changes(now_ms).await?;
        let hash = self.inner.hasher.hash(secret);
        let found = match self.inner.cache.get(hash) {
            Ok(found) => found,
            Err(generation) => {
                let found = self.find(hash).await?;
                self.inner.cache.put(hash, &found, generation);
                found
            }
        };
        Ok(answer(found, now_ms))
    }

    /// Answers as [`Accounts::lookup`] would now, for the token of that public id. It is for holders of a token's effect,
    /// such as an open socket, who rightly do not hold its secret. It queries the database each time.
    pub async fn lookup_id(&self, id: &str, now_ms: i64) -> Result<Lookup, AccountsError> {
        let row = sqlx::query(token_where!("t.id = $1"))
            .bind(id)
            .fetch_optional(self.inner.database.readers())
            .await?;
        Ok(answer(self.found(row).await?, now_ms))
    }

    /// Finds the user of that name, as their own personal token would show them, when somebody else vouches for the user;
    /// `None` when there is no such user. Its content and the time until a change acts are as with [`Accounts::lookup`].
    pub async fn lookup_user(&self, name: &str, now_ms: i64) -> Result<Option<Arc<Token>>, AccountsError> {
        self.inner.notice_external_changes(now_ms).await?;
        // No token has a space in it, so no answer about one is found here.
        let hash = self.inner.hasher.hash(&format!("user {name}"));
        let found = match self.inner.cache.get(hash) {
            Ok(found) => found,
            Err(generation) => {
                let found = self.find_user(name).await?;
                self.inner.cache.put(hash, &found, generation);
                found
            }
        };
        Ok(answer(found, now_ms).ok())
    }

    /// Returns true when there is such a station or device: a caller without the grant gets 403 then, and 404 otherwise.
    pub async fn resource_exists(&self, resource: Resource) -> Result<bool, AccountsError> {
        let query = if resource.kind == STATION {
            "SELECT 1 FROM stations WHERE id = $1"
        } else if resource.kind == DEVICE {
            "SELECT 1 FROM devices WHERE id = $1"
        } else {
            // Of another kind the accounts keep none.
            return Ok(false);
        };
        let there: Option<i64> = sqlx::query_scalar(query)
            .bind(resource.id)
            .fetch_optional(self.inner.database.readers())
            .await?;
        Ok(there.is_some())
    }

    async fn find(&self, hash: SecretHash) -> Result<CachedLookup, AccountsError> {
        let row = sqlx::query(token_where!("t.secret_hash = $1"))
            .bind(hash.to_text())
            .fetch_optional(self.inner.database.readers())
            .await?;
        if let Some(row) = &row {
            // The index found it byte by byte, which tells a clock at most about a keyed hash; the answer itself
            // hangs on a comparison that tells nothing (fault 65).
            let kept: &str = row.try_get("secret_hash")?;
            if !hash.is_text(kept) {
                return Ok(CachedLookup::Refused(Invalid::Unknown));
            }
        }
        self.found(row).await
    }

    async fn find_user(&self, name: &str) -> Result<CachedLookup, AccountsError> {
        let Some(user) = self.user(name).await? else {
            return Ok(CachedLookup::Refused(Invalid::Unknown));
        };
        let stations = grants::StationGrants::of(TokenKind::Personal, "default")?;
        let grants = self.grants(stations, name, name, &user.tenant).await?;
        Ok(CachedLookup::Token(Arc::new(Token {
            id: name.into(),
            kind: TokenKind::Personal,
            subject: name.into(),
            user: name.into(),
            tenant: user.tenant.into(),
            plan: user.plan.map(Into::into),
            grants,
            expires_ms: None,
        })))
    }

    async fn found(&self, row: Option<SqliteRow>) -> Result<CachedLookup, AccountsError> {
        let Some(row) = row else {
            return Ok(CachedLookup::Refused(Invalid::Unknown));
        };
        if row.try_get::<Option<i64>, _>("revoked_ms")?.is_some() {
            return Ok(CachedLookup::Refused(Invalid::Revoked));
        }
        let id: &str = row.try_get("id")?;
        let user: &str = row.try_get("user_name")?;
        let tenant: &str = row.try_get("tenant")?;
        let plan: Option<&str> = row.try_get("plan")?;
        let kind = tokens::kind(row.try_get("kind")?)?;
        let stations = grants::StationGrants::of(kind, row.try_get("stations_mode")?)?;
        let grants = self.grants(stations, id, user, tenant).await?;
        Ok(CachedLookup::Token(Arc::new(Token {
            id: id.into(),
            kind,
            subject: if kind.is_own_subject() {
                format!("key:{id}").into()
            } else {
                user.into()
            },
            user: user.into(),
            tenant: tenant.into(),
            plan: plan_of(kind, plan).map(Into::into),
            grants,
            expires_ms: row.try_get("expires_ms")?,
        })))
    }
}

/// Turns a cached answer into the answer at `now_ms`. The expiry is checked each time, so that no cache outlives it.
fn answer(found: CachedLookup, now_ms: i64) -> Lookup {
    match found {
        CachedLookup::Refused(reason) => Err(reason),
        CachedLookup::Token(token) => match token.expires_ms {
            Some(expires_ms) if expires_ms <= now_ms => Err(Invalid::Expired),
            _ => Ok(token),
        },
    }
}

/// Returns the plan of a token. A development key is shared in public, so it never carries its user's plan; an enterprise
/// key has the plan `enterprise` unless its user has one.
fn plan_of(kind: TokenKind, plan: Option<&str>) -> Option<&str> {
    match kind {
        TokenKind::Development => Some("development"),
        TokenKind::Enterprise => plan.or(Some("enterprise")),
        TokenKind::Personal | TokenKind::App | TokenKind::Opaque | TokenKind::Vouched => plan,
    }
}

#[cfg(test)]
mod tests;
