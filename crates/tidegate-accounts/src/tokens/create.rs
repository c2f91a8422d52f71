//! Making tokens.

use serde_json::{Value, json};
use tidegate_core::identity::TokenKind;

use super::{Created, NewToken, StationList};
use crate::{
    Accounts, AccountsError, Actor, Secret,
    audited_change::{Change, check_room},
    grants::{StationOwners, TokenOwner},
    token_secret, validation,
};

impl Accounts {
    /// Makes a token. Its secret is in the answer and nowhere else.
    ///
    /// Errors: `NoSuchUser`; `ExpiryRequired` (development), `ExpiresInPast`; `StationsRequired` (enterprise),
    /// `NoSuchStation`, `OutOfReach`; `KindNotIssued`; `TooMany`.
    pub async fn token_create(&self, actor: &Actor, new: NewToken, now_ms: i64) -> Result<Created, AccountsError> {
        let new = checked(new, now_ms)?;
        let kind = new.kind;
        let Some(secret) = Secret::mint(kind)? else {
            return Err(AccountsError::KindNotIssued { kind: kind.as_str() });
        };
        let id = token_secret::mint_id()?;

        let mut change = self.change(actor, now_ms).await?;
        let tenant: Option<String> = sqlx::query_scalar("SELECT tenant FROM users WHERE name = $1")
            .bind(&new.user)
            .fetch_optional(change.connection())
            .await?;
        let Some(tenant) = tenant else {
            return Err(AccountsError::no_such_user(&new.user));
        };
        self.make_room(&mut change, &new.user).await?;
        self.check_stations(&mut change, &new, &tenant).await?;

        sqlx::query(
            "INSERT INTO tokens (id, secret_hash, hint, kind, user_name, stations_mode, created_ms, expires_ms, name) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(&id)
        .bind(self.inner.hasher.hash(secret.reveal()).to_text())
        .bind(secret.hint())
        .bind(kind.as_str())
        .bind(&new.user)
        .bind(mode(new.stations.as_ref()))
        .bind(now_ms)
        .bind(new.expires_ms)
        .bind(&new.name)
        .execute(change.connection())
        .await?;
        for station_id in ids(&new) {
            sqlx::query("INSERT INTO token_stations (token_id, station_id) VALUES ($1, $2)")
                .bind(&id)
                .bind(station_id)
                .execute(change.connection())
                .await?;
        }
        change.commit("token.create", &id, detail(&new)).await?;
        Ok(Created { id, secret })
    }

    /// Refuses one live token too many, and deletes the oldest dead ones past the bound.
    async fn make_room(&self, change: &mut Change<'_>, user: &str) -> Result<(), AccountsError> {
        let now_ms = change.now_ms;
        let live: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM tokens WHERE user_name = $1 AND is_session = 0 AND revoked_ms IS NULL \
             AND (expires_ms IS NULL OR expires_ms > $2)",
        )
        .bind(user)
        .bind(now_ms)
        .fetch_one(change.connection())
        .await?;
        check_room("live tokens of this user", live, self.inner.bounds.tokens_per_user)?;
        sqlx::query(
            "DELETE FROM tokens WHERE id IN (SELECT id FROM tokens WHERE user_name = $1 AND is_session = 0 \
             AND (revoked_ms IS NOT NULL OR expires_ms <= $2) ORDER BY created_ms DESC, id LIMIT $3 OFFSET $4)",
        )
        .bind(user)
        .bind(now_ms)
        .bind(i64::MAX)
        .bind(i64::from(self.inner.bounds.dead_tokens_per_user))
        .execute(change.connection())
        .await?;
        Ok(())
    }

    /// Refuses unless every station named exists, and belongs to the owners that the kind is confined to.
    async fn check_stations(&self, change: &mut Change<'_>, new: &NewToken, tenant: &str) -> Result<(), AccountsError> {
        let bound = self.inner.bounds.stations_per_token;
        if ids(new).len() > bound as usize {
            return Err(AccountsError::TooMany {
                what: "stations in this token",
                max: bound,
            });
        }
        let kept_to = match new.kind {
            TokenKind::Personal | TokenKind::App => StationOwners::of(new.kind),
            TokenKind::Development | TokenKind::Enterprise | TokenKind::Opaque | TokenKind::Vouched => None,
        };
        let whose = TokenOwner {
            user: &new.user,
            tenant,
        };
        for id in ids(new).iter().copied() {
            // For a kind that names freely any owners will do: what counts is that the station is there.
            let owners = kept_to.unwrap_or(StationOwners::Own);
            match (owners.holds(change.connection(), whose, id).await?, kept_to) {
                (None, _) => return Err(AccountsError::NoSuchStation { id }),
                (Some(false), Some(owners)) => {
                    return Err(AccountsError::OutOfReach {
                        station_id: id,
                        user: new.user.clone(),
                        kind: new.kind.as_str(),
                        reach: owners.says(),
                    });
                }
                (Some(_), _) => {}
            }
        }
        Ok(())
    }
}

/// Checks all that needs no database; returns the token with its stations sorted, each once.
fn checked(mut new: NewToken, now_ms: i64) -> Result<NewToken, AccountsError> {
    if !new.name.is_empty() {
        validation::TOKEN_NAME.check(&new.name)?;
    }
    match new.expires_ms {
        None if new.kind == TokenKind::Development => return Err(AccountsError::ExpiryRequired),
        Some(at_ms) if at_ms <= now_ms => {
            return Err(AccountsError::ExpiresInPast {
                what: "the token",
                at_ms,
                now_ms,
            });
        }
        _ => {}
    }
    match &mut new.stations {
        None if new.kind == TokenKind::Enterprise => return Err(AccountsError::StationsRequired),
        Some(StationList::Ids(ids)) if ids.is_empty() => {
            return Err(AccountsError::OutOfRange {
                what: "the list of stations",
                given: "(empty)".to_owned(),
                rule: "at least one id, or `all`",
            });
        }
        Some(StationList::Ids(ids)) => {
            ids.sort_unstable();
            ids.dedup();
        }
        _ => {}
    }
    Ok(new)
}

fn ids(new: &NewToken) -> &[i64] {
    match &new.stations {
        Some(StationList::Ids(ids)) => ids,
        Some(StationList::All) | None => &[],
    }
}

fn mode(stations: Option<&StationList>) -> &'static str {
    match stations {
        None => "default",
        Some(StationList::All) => "all",
        Some(StationList::Ids(_)) => "listed",
    }
}

fn detail(new: &NewToken) -> Value {
    let mut detail = json!({ "user": new.user, "kind": new.kind.as_str() });
    if let Some(expires_ms) = new.expires_ms {
        detail["expires_ms"] = expires_ms.into();
    }
    if !new.name.is_empty() {
        detail["name"] = new.name.as_str().into();
    }
    match &new.stations {
        None => {}
        Some(StationList::All) => detail["stations"] = "all".into(),
        Some(StationList::Ids(ids)) => detail["stations"] = ids.as_slice().into(),
    }
    detail
}
