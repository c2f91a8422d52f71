//! Users, and the tenants they belong to.

use serde_json::json;
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use crate::{Accounts, AccountsError, Actor, audited_change::check_room, bounds, validation};

/// Somebody with an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The name, which is also the id; capitals count.
    pub name: String,
    /// The tenant, the organisation they belong to.
    pub tenant: String,
    /// The plan, where they have one.
    pub plan: Option<String>,
    /// The time at which they were added, Unix milliseconds.
    pub created_ms: i64,
}

/// A user to add. Names are 1 to 64 of `A-Z a-z 0-9 . _ @ + -`, a letter or digit first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewUser {
    /// The name.
    pub name: String,
    /// The tenant; without one, a new tenant with the user's own name.
    pub tenant: Option<String>,
    /// The plan, where they have one.
    pub plan: Option<String>,
}

impl Accounts {
    /// Adds a user. Errors: `NameTaken`, `TenantThere`, `BadName`, `HoldsSecret`, `TooMany`.
    pub async fn user_add(&self, actor: &Actor, new: NewUser, now_ms: i64) -> Result<User, AccountsError> {
        let name = validation::USER_NAME.check(&new.name)?;
        let tenant = match &new.tenant {
            Some(tenant) => validation::TENANT.check(tenant)?,
            None => name,
        };
        let plan = new
            .plan
            .as_deref()
            .map(|plan| validation::PLAN.check(plan))
            .transpose()?;

        let mut change = self.change(actor, now_ms).await?;
        let held: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM users")
            .fetch_one(change.connection())
            .await?;
        check_room("users", held, self.inner.bounds.users)?;
        // A name alone must not give access to a tenant's quotas, counts and streams.
        if new.tenant.is_none() && is_tenant(change.connection(), tenant).await? {
            return Err(match exists(change.connection(), name).await? {
                true => AccountsError::NameTaken { name: name.to_owned() },
                false => AccountsError::TenantThere { name: name.to_owned() },
            });
        }
        let added = sqlx::query(
            "INSERT INTO users (name, tenant, plan, created_ms) VALUES ($1, $2, $3, $4) ON CONFLICT (name) DO NOTHING",
        )
        .bind(name)
        .bind(tenant)
        .bind(plan)
        .bind(now_ms)
        .execute(change.connection())
        .await?;
        if added.rows_affected() == 0 {
            return Err(AccountsError::NameTaken { name: name.to_owned() });
        }
        let mut detail = json!({ "tenant": tenant });
        if let Some(plan) = plan {
            detail["plan"] = plan.into();
        }
        change.commit("user.add", name, detail).await?;
        Ok(User {
            name: name.to_owned(),
            tenant: tenant.to_owned(),
            plan: plan.map(str::to_owned),
            created_ms: now_ms,
        })
    }

    /// Finds the user of that name.
    pub async fn user(&self, name: &str) -> Result<Option<User>, AccountsError> {
        let row = sqlx::query("SELECT name, tenant, plan, created_ms FROM users WHERE name = $1")
            .bind(name)
            .fetch_optional(self.inner.database.readers())
            .await?;
        row.as_ref().map(user).transpose()
    }

    /// Reads users by name, at most `limit` and never more than [`bounds::ROWS_PER_LIST_MAX`].
    pub async fn users(&self, limit: u32) -> Result<Vec<User>, AccountsError> {
        let rows = sqlx::query("SELECT name, tenant, plan, created_ms FROM users ORDER BY name LIMIT $1")
            .bind(i64::from(limit.min(bounds::ROWS_PER_LIST_MAX)))
            .fetch_all(self.inner.database.readers())
            .await?;
        rows.iter().map(user).collect()
    }

    /// Finds users whose name or tenant holds the text, by name, without regard to the case of ASCII letters; at most
    /// `limit` and never more than [`bounds::ROWS_PER_LIST_MAX`]. It walks all users.
    pub async fn users_with(&self, part: &str, limit: u32) -> Result<Vec<User>, AccountsError> {
        let rows = sqlx::query(
            "SELECT name, tenant, plan, created_ms FROM users \
             WHERE instr(lower(name), lower($1)) > 0 OR instr(lower(tenant), lower($1)) > 0 ORDER BY name LIMIT $2",
        )
        .bind(part)
        .bind(i64::from(limit.min(bounds::ROWS_PER_LIST_MAX)))
        .fetch_all(self.inner.database.readers())
        .await?;
        rows.iter().map(user).collect()
    }
}

/// Refuses when there is no such user.
pub(crate) async fn require(connection: &mut SqliteConnection, name: &str) -> Result<(), AccountsError> {
    match exists(connection, name).await? {
        true => Ok(()),
        false => Err(AccountsError::no_such_user(name)),
    }
}

async fn exists(connection: &mut SqliteConnection, name: &str) -> Result<bool, AccountsError> {
    let there: Option<i64> = sqlx::query_scalar("SELECT 1 FROM users WHERE name = $1")
        .bind(name)
        .fetch_optional(connection)
        .await?;
    Ok(there.is_some())
}

/// Returns true when somebody belongs to that tenant.
pub(crate) async fn is_tenant(connection: &mut SqliteConnection, name: &str) -> Result<bool, AccountsError> {
    let there: Option<i64> = sqlx::query_scalar("SELECT 1 FROM users WHERE tenant = $1 LIMIT 1")
        .bind(name)
        .fetch_optional(connection)
        .await?;
    Ok(there.is_some())
}

fn user(row: &SqliteRow) -> Result<User, AccountsError> {
    Ok(User {
        name: row.try_get("name")?,
        tenant: row.try_get("tenant")?,
        plan: row.try_get("plan")?,
        created_ms: row.try_get("created_ms")?,
    })
}

#[cfg(test)]
mod tests;
