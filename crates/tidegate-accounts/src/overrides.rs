//! Overrides: a quota set by hand for one user or one tenant (docs/semantics.md rule 10).

use serde_json::json;
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use crate::{
    Accounts, AccountsError, Actor, audited_change::check_room, bounds::QUOTA_MAX, redaction::echo, users, validation,
};

/// An override to set. One that was set before for the same limit and scope is replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// The limit's name. The host checks that the running policy has it.
    pub limit: String,
    /// The user or tenant it is for.
    pub scope: OverrideScope,
    /// The quota in the limit's own units, at most [`QUOTA_MAX`]. The admin API takes no 0: a caller
    /// is shut out by revoking their tokens.
    pub quota: u64,
    /// The time at which it ends by itself, Unix milliseconds.
    pub until_ms: Option<i64>,
    /// The reason: 1 to 500 printable characters.
    pub reason: Option<String>,
}

/// The user or tenant that an override is for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum OverrideScope {
    /// One user, by name.
    User(String),
    /// All users of a tenant together, by the tenant's name.
    Tenant(String),
}

/// An override in force, with who set it and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OverrideRow {
    /// The limit's name.
    pub limit: String,
    /// The user or tenant it is for.
    pub scope: OverrideScope,
    /// The quota in the limit's own units.
    pub quota: u64,
    /// The time at which it ends by itself, Unix milliseconds. The host compares it with the time: a row may outlast its
    /// end.
    pub until_ms: Option<i64>,
    /// The reason.
    pub reason: Option<String>,
    /// The actor who set it.
    pub set_by: String,
    /// The time at which it was set, Unix milliseconds.
    pub set_at_ms: i64,
}

impl Accounts {
    /// Sets an override, and drops those of others that have ended.
    ///
    /// Errors: `NoSuchUser`, `NoSuchTenant`, `BadName`, `OutOfRange`, `ExpiresInPast`, `TooMany`.
    pub async fn override_set(&self, actor: &Actor, new: Override, now_ms: i64) -> Result<(), AccountsError> {
        self.override_put(actor, new, false, now_ms).await
    }

    /// Sets an override for a name that the host vouches for: a tenant that it declares, to which nobody need belong yet, or
    /// a foreign name, with a colon in it.
    ///
    /// Errors: those of [`Accounts::override_set`] without `NoSuchTenant`; `NoSuchUser` for a name without a colon.
    pub async fn override_set_declared(&self, actor: &Actor, new: Override, now_ms: i64) -> Result<(), AccountsError> {
        self.override_put(actor, new, true, now_ms).await
    }

    async fn override_put(
        &self,
        actor: &Actor,
        new: Override,
        is_declared: bool,
        now_ms: i64,
    ) -> Result<(), AccountsError> {
        let quota = check(&new, now_ms)?;
        let mut change = self.change(actor, now_ms).await?;
        match &new.scope {
            OverrideScope::User(name) | OverrideScope::Tenant(name) if is_declared && name.contains(':') => {
                validation::FOREIGN_NAME.check(name)?;
            }
            OverrideScope::Tenant(name) if is_declared => _ = validation::TENANT.check(name)?,
            scope => scope.require(change.connection()).await?,
        }
        sqlx::query("DELETE FROM overrides WHERE until_ms <= $1")
            .bind(now_ms)
            .execute(change.connection())
            .await?;
        sqlx::query(
            "INSERT INTO overrides (limit_name, scope_kind, scope_name, quota, until_ms, reason, set_by, set_at_ms) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (limit_name, scope_kind, scope_name) DO UPDATE SET \
             quota = excluded.quota, until_ms = excluded.until_ms, reason = excluded.reason, \
             set_by = excluded.set_by, set_at_ms = excluded.set_at_ms",
        )
        .bind(&new.limit)
        .bind(new.scope.kind())
        .bind(new.scope.name())
        .bind(quota)
        .bind(new.until_ms)
        .bind(new.reason.as_deref())
        .bind(&actor.0)
        .bind(now_ms)
        .execute(change.connection())
        .await?;
        let others: i64 = sqlx::query_scalar("SELECT COUNT(*) - 1 FROM overrides")
            .fetch_one(change.connection())
            .await?;
        check_room("overrides", others, self.inner.bounds.overrides)?;
        let mut detail = json!({ new.scope.kind(): new.scope.name(), "quota": quota });
        if let Some(until_ms) = new.until_ms {
            detail["until_ms"] = until_ms.into();
        }
        if let Some(reason) = new.reason.as_deref() {
            detail["reason"] = reason.into();
        }
        change.commit("limit.set", &new.limit, detail).await
    }

    /// Removes an override; the policy's quota is in force again. Returns `false` when there was none.
    pub async fn override_unset(
        &self,
        actor: &Actor,
        limit: &str,
        scope: &OverrideScope,
        now_ms: i64,
    ) -> Result<bool, AccountsError> {
        let mut change = self.change(actor, now_ms).await?;
        let taken: Option<i64> = sqlx::query_scalar(
            "DELETE FROM overrides WHERE limit_name = $1 AND scope_kind = $2 AND scope_name = $3 RETURNING quota",
        )
        .bind(limit)
        .bind(scope.kind())
        .bind(scope.name())
        .fetch_optional(change.connection())
        .await?;
        let Some(quota) = taken else { return Ok(false) };
        let detail = json!({ scope.kind(): scope.name(), "quota": quota });
        change.commit("limit.unset", limit, detail).await?;
        Ok(true)
    }

    /// Reads all overrides, at most [`crate::bounds::OVERRIDES_MAX`]. The host holds them in memory, loads them again when
    /// [`Accounts::changes`] tells of a change, and compares `until_ms` itself.
    pub async fn overrides(&self) -> Result<Vec<OverrideRow>, AccountsError> {
        let rows = sqlx::query("SELECT * FROM overrides ORDER BY limit_name, scope_kind, scope_name")
            .fetch_all(self.inner.database.readers())
            .await?;
        rows.iter().map(override_row).collect()
    }
}

// === impl OverrideScope ===

impl OverrideScope {
    /// Returns `user` or `tenant`.
    pub fn kind(&self) -> &'static str {
        match self {
            OverrideScope::User(_) => "user",
            OverrideScope::Tenant(_) => "tenant",
        }
    }

    /// Returns the user's or the tenant's name.
    pub fn name(&self) -> &str {
        match self {
            OverrideScope::User(name) | OverrideScope::Tenant(name) => name,
        }
    }

    async fn require(&self, connection: &mut SqliteConnection) -> Result<(), AccountsError> {
        let tenant = match self {
            OverrideScope::User(name) => return users::require(connection, name).await,
            OverrideScope::Tenant(tenant) => tenant,
        };
        match users::is_tenant(connection, tenant).await? {
            true => Ok(()),
            false => Err(AccountsError::NoSuchTenant { name: echo(tenant) }),
        }
    }
}

/// Returns the quota as the database holds it, when every part of the override is valid.
fn check(new: &Override, now_ms: i64) -> Result<i64, AccountsError> {
    validation::LIMIT.check(&new.limit)?;
    if let Some(reason) = &new.reason {
        validation::REASON.check(reason)?;
    }
    if let Some(at_ms) = new.until_ms.filter(|until_ms| *until_ms <= now_ms) {
        return Err(AccountsError::ExpiresInPast {
            what: "the override",
            at_ms,
            now_ms,
        });
    }
    i64::try_from(new.quota)
        .ok()
        .filter(|_| new.quota <= QUOTA_MAX)
        .ok_or_else(|| AccountsError::OutOfRange {
            what: "a quota",
            given: new.quota.to_string(),
            rule: "0 to 9007199254740992",
        })
}

fn override_row(row: &SqliteRow) -> Result<OverrideRow, AccountsError> {
    let name: String = row.try_get("scope_name")?;
    let scope = match row.try_get("scope_kind")? {
        "user" => OverrideScope::User(name),
        "tenant" => OverrideScope::Tenant(name),
        _ => {
            return Err(AccountsError::Corrupt {
                what: "override's scope",
            });
        }
    };
    let quota: i64 = row.try_get("quota")?;
    Ok(OverrideRow {
        limit: row.try_get("limit_name")?,
        scope,
        quota: u64::try_from(quota).map_err(|_| AccountsError::Corrupt {
            what: "override's quota",
        })?,
        until_ms: row.try_get("until_ms")?,
        reason: row.try_get("reason")?,
        set_by: row.try_get("set_by")?,
        set_at_ms: row.try_get("set_at_ms")?,
    })
}

#[cfg(test)]
mod tests;
