//! Shares: an owner lets another user read a station.

use std::collections::HashMap;

use serde_json::json;
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection};

use crate::{Accounts, AccountsError, Actor, audited_change::check_room, bounds, redaction::echo, users};

impl Accounts {
    /// Shares a station with a user, whose personal tokens reach it from the next request on. Returns `false`
    /// when it was shared before. Callers check the actor's permission before ([`Accounts::require_owner`]).
    ///
    /// Errors: `NoSuchStation`, `NoSuchUser`, `ShareWithOwner`, `TooMany`.
    pub async fn station_share(
        &self,
        actor: &Actor,
        station_id: i64,
        with_user: &str,
        now_ms: i64,
    ) -> Result<bool, AccountsError> {
        let mut change = self.change(actor, now_ms).await?;
        let owner = owner(change.connection(), station_id).await?;
        users::require(change.connection(), with_user).await?;
        if owner == with_user {
            return Err(AccountsError::ShareWithOwner {
                station_id,
                user: owner,
            });
        }
        let shared = sqlx::query(
            "INSERT INTO shares (station_id, with_user, created_ms) VALUES ($1, $2, $3) \
             ON CONFLICT (station_id, with_user) DO NOTHING",
        )
        .bind(station_id)
        .bind(with_user)
        .bind(now_ms)
        .execute(change.connection())
        .await?;
        if shared.rows_affected() == 0 {
            return Ok(false);
        }
        // Counted with the new one in place; a refusal takes it away again with the whole transaction.
        let of_station: i64 = sqlx::query_scalar("SELECT COUNT(*) - 1 FROM shares WHERE station_id = $1")
            .bind(station_id)
            .fetch_one(change.connection())
            .await?;
        check_room(
            "shares of this station",
            of_station,
            self.inner.bounds.shares_per_station,
        )?;
        let of_user: i64 = sqlx::query_scalar("SELECT COUNT(*) - 1 FROM shares WHERE with_user = $1")
            .bind(with_user)
            .fetch_one(change.connection())
            .await?;
        check_room(
            "stations shared with this user",
            of_user,
            self.inner.bounds.shares_per_user,
        )?;
        let detail = json!({ "with": with_user, "owner": owner });
        change.commit("station.share", &station_id.to_string(), detail).await?;
        Ok(true)
    }

    /// Ends a share; it acts at the next request. Returns `false` when there was none.
    ///
    /// Errors: `NoSuchStation`, `NoSuchUser`.
    pub async fn station_unshare(
        &self,
        actor: &Actor,
        station_id: i64,
        with_user: &str,
        now_ms: i64,
    ) -> Result<bool, AccountsError> {
        let mut change = self.change(actor, now_ms).await?;
        let owner = owner(change.connection(), station_id).await?;
        users::require(change.connection(), with_user).await?;
        let ended = sqlx::query("DELETE FROM shares WHERE station_id = $1 AND with_user = $2")
            .bind(station_id)
            .bind(with_user)
            .execute(change.connection())
            .await?;
        if ended.rows_affected() == 0 {
            return Ok(false);
        }
        let detail = json!({ "with": with_user, "owner": owner });
        change
            .commit("station.unshare", &station_id.to_string(), detail)
            .await?;
        Ok(true)
    }

    /// Reads the users that a station is shared with, by name. Errors: `NoSuchStation`.
    pub async fn station_shares(&self, station_id: i64) -> Result<Vec<String>, AccountsError> {
        let mut reader = self.inner.database.readers().acquire().await?;
        owner(&mut reader, station_id).await?;
        let users =
            sqlx::query_scalar("SELECT with_user FROM shares WHERE station_id = $1 ORDER BY with_user LIMIT $2")
                .bind(station_id)
                .bind(i64::from(bounds::ROWS_PER_LIST_MAX))
                .fetch_all(&mut *reader)
                .await?;
        Ok(users)
    }

    /// Reads the users that each of these stations is shared with, by name; stations shared with nobody are left out. It
    /// is one query for all of them, and a listing has at most [`bounds::STATIONS_PER_USER_MAX`].
    pub async fn shares_of(&self, station_ids: &[i64]) -> Result<HashMap<i64, Vec<String>>, AccountsError> {
        let mut shares: HashMap<i64, Vec<String>> = HashMap::new();
        let mut query: QueryBuilder<Sqlite> =
            QueryBuilder::new("SELECT station_id, with_user FROM shares WHERE station_id IN (");
        let mut listed = query.separated(", ");
        for id in station_ids {
            listed.push_bind(*id);
        }
        query.push(") ORDER BY station_id, with_user");
        for row in query.build().fetch_all(self.inner.database.readers()).await? {
            let with: String = row.try_get("with_user")?;
            shares.entry(row.try_get("station_id")?).or_default().push(with);
        }
        Ok(shares)
    }

    /// Refuses unless the station belongs to this user. It is checked first for callers who share on their own pages; a
    /// station never changes owner, so the answer stays true. Errors: `NoSuchStation`, `NotOwner`.
    pub async fn require_owner(&self, station_id: i64, user: &str) -> Result<(), AccountsError> {
        let mut reader = self.inner.database.readers().acquire().await?;
        if owner(&mut reader, station_id).await? == user {
            return Ok(());
        }
        Err(AccountsError::NotOwner {
            station_id,
            user: echo(user),
        })
    }
}

async fn owner(connection: &mut SqliteConnection, station_id: i64) -> Result<String, AccountsError> {
    sqlx::query_scalar("SELECT owner FROM stations WHERE id = $1")
        .bind(station_id)
        .fetch_optional(connection)
        .await?
        .ok_or(AccountsError::NoSuchStation { id: station_id })
}

#[cfg(test)]
mod tests;
