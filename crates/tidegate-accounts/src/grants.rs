//! The grants of a token: the stations it reaches, and through them the devices. They are computed from ownership and
//! shares at each look-up, so that a share or its end acts at once.

use std::collections::HashSet;

use sqlx::{AssertSqlSafe, SqliteConnection};
use tidegate_core::identity::{Grants, Resource, TokenKind};

use crate::{Accounts, AccountsError, DEVICE, STATION};

/// The rule by which a token's stations are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StationGrants {
    /// Every station.
    Everything,
    /// The stations the token names, whoever owns them.
    Named,
    /// The stations that the kind reaches, cut down to those the token names if it names any.
    OwnedBy {
        /// The owners.
        owners: StationOwners,
        /// True when only those count that the token names.
        narrowed: bool,
    },
}

/// The owners whose stations a kind of token reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StationOwners {
    /// The user's own and those shared with the user.
    OwnAndShared,
    /// The user's own. Stations that others shared with the user are not the user's to publish.
    Own,
    /// Those of all users of the tenant.
    Tenant,
}

impl StationGrants {
    /// Finds the rule of a token from its kind and the stations mode of its row.
    pub(crate) fn of(kind: TokenKind, stations_mode: &str) -> Result<StationGrants, AccountsError> {
        let names_freely = matches!(kind, TokenKind::Enterprise | TokenKind::Development);
        match (stations_mode, StationOwners::of(kind)) {
            ("all", _) if names_freely => Ok(StationGrants::Everything),
            ("listed", _) if names_freely => Ok(StationGrants::Named),
            ("default" | "all", Some(owners)) => Ok(StationGrants::OwnedBy {
                owners,
                narrowed: false,
            }),
            ("listed", Some(owners)) => Ok(StationGrants::OwnedBy { owners, narrowed: true }),
            _ => Err(AccountsError::Corrupt {
                what: "token's stations",
            }),
        }
    }
}

impl StationOwners {
    /// Returns the owners whose stations the kind reaches without naming any.
    pub(crate) fn of(kind: TokenKind) -> Option<StationOwners> {
        match kind {
            TokenKind::Personal => Some(StationOwners::OwnAndShared),
            TokenKind::Development => Some(StationOwners::Own),
            TokenKind::App => Some(StationOwners::Tenant),
            TokenKind::Enterprise | TokenKind::Opaque | TokenKind::Vouched => None,
        }
    }

    /// Describes the stations, in words.
    pub(crate) fn says(self) -> &'static str {
        match self {
            StationOwners::OwnAndShared => "their own stations and those shared with them",
            StationOwners::Own => "their own stations",
            StationOwners::Tenant => "stations of their tenant",
        }
    }

    /// Returns true when the station is one of theirs; `None` when there is no such station.
    pub(crate) async fn holds(
        self,
        connection: &mut SqliteConnection,
        whose: TokenOwner<'_>,
        station_id: i64,
    ) -> Result<Option<bool>, AccountsError> {
        let within = self.condition();
        let query = format!("SELECT CASE WHEN {within} THEN 1 ELSE 0 END FROM stations s WHERE s.id = $2");
        let held: Option<i64> = sqlx::query_scalar(AssertSqlSafe(query))
            .bind(self.key(whose))
            .bind(station_id)
            .fetch_optional(connection)
            .await?;
        Ok(held.map(|held| held == 1))
    }

    /// Returns a condition over `stations s`; `$1` is [`StationOwners::key`].
    fn condition(self) -> &'static str {
        match self {
            StationOwners::OwnAndShared => {
                "(s.owner = $1 OR s.id IN (SELECT station_id FROM shares WHERE with_user = $1))"
            }
            StationOwners::Own => "s.owner = $1",
            StationOwners::Tenant => "s.owner IN (SELECT name FROM users WHERE tenant = $1)",
        }
    }

    fn key(self, whose: TokenOwner<'_>) -> &str {
        match self {
            StationOwners::OwnAndShared | StationOwners::Own => whose.user,
            StationOwners::Tenant => whose.tenant,
        }
    }
}

/// The user a token belongs to.
#[derive(Clone, Copy)]
pub(crate) struct TokenOwner<'a> {
    pub(crate) user: &'a str,
    pub(crate) tenant: &'a str,
}

impl Accounts {
    /// Computes the resources that a token with these grants reaches now.
    pub(crate) async fn grants(
        &self,
        stations: StationGrants,
        token_id: &str,
        user: &str,
        tenant: &str,
    ) -> Result<Grants, AccountsError> {
        const NAMED: &str = "s.id IN (SELECT station_id FROM token_stations WHERE token_id =";
        let (condition, key) = match stations {
            StationGrants::Everything => return Ok(Grants::All),
            StationGrants::Named => (format!("{NAMED} $1)"), token_id),
            StationGrants::OwnedBy { owners, narrowed } => {
                let narrowing = if narrowed {
                    format!(" AND {NAMED} $3)")
                } else {
                    String::new()
                };
                (
                    format!("{}{narrowing}", owners.condition()),
                    owners.key(TokenOwner { user, tenant }),
                )
            }
        };
        // Only our own texts are put together here; what comes from outside is bound.
        let query = format!(
            "SELECT s.id, d.id FROM stations s LEFT JOIN devices d ON d.station_id = s.id WHERE {condition} \
             ORDER BY s.id, d.id LIMIT $2"
        );
        // Each row is a station and a device.
        let rows_max = self.inner.bounds.grants_per_token / 2;
        let mut query = sqlx::query_as(AssertSqlSafe(query))
            .bind(key)
            .bind(i64::from(rows_max) + 1);
        if matches!(stations, StationGrants::OwnedBy { narrowed: true, .. }) {
            query = query.bind(token_id);
        }
        let mut rows: Vec<(i64, Option<i64>)> = query.fetch_all(self.inner.database.readers()).await?;
        if rows.len() > rows_max as usize {
            tracing::warn!(
                token = token_id,
                rows_max,
                "token reaches more stations than one may be granted; cut"
            );
            rows.truncate(rows_max as usize);
        }
        Ok(Grants::Only(resources(&rows)))
    }
}

fn resources(rows: &[(i64, Option<i64>)]) -> HashSet<Resource> {
    rows.iter()
        .flat_map(|(station, device)| [Some(STATION.of(*station)), device.map(|id| DEVICE.of(id))])
        .flatten()
        .collect()
}
