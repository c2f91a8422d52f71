//! The row of one token, as `tidegate token list` and `/limits/me/tokens` show it.

use serde::{Deserialize, Serialize};
use tidegate_accounts::{StationList, TokenRow};

use crate::explanation::instant;

/// A token, without its secret.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TokenListed {
    /// The public id.
    pub id: String,
    /// The kind.
    pub kind: String,
    /// True when a login by password created it; a new password ends it.
    #[serde(default)]
    pub session: bool,
    /// The user whose token it is.
    pub user: String,
    /// The holder's name for it; often empty.
    #[serde(default)]
    pub name: String,
    /// `live`, `expired` or `revoked`.
    pub state: String,
    /// The last four characters of the token.
    pub hint: String,
    /// The time at which it was created, RFC 3339 in UTC.
    pub created: String,
    /// The time at which it ends, RFC 3339 in UTC; null where it has no end.
    pub expires: Option<String>,
    /// The time at which it was revoked, RFC 3339 in UTC; null where it was not.
    pub revoked: Option<String>,
    /// The stations that it names: `all`, or ids with commas.
    pub stations: Option<String>,
}

/// Reads a list of stations: `all`, or ids with commas.
///
/// # Errors
/// Says what would be right.
pub fn stations(text: &str) -> Result<StationList, String> {
    if text == "all" {
        return Ok(StationList::All);
    }
    let ids = text
        .split(',')
        .map(|id| id.trim().parse())
        .collect::<Result<Vec<i64>, _>>();
    ids.map(StationList::Ids)
        .map_err(|_| format!("{text:?} is not a list of stations: write ids with commas, such as `1,2`, or `all`"))
}

// === impl TokenListed ===

impl TokenListed {
    /// Returns the kind that people see. A session is shown as such, since no person created it.
    pub fn kind_or_session(&self) -> &str {
        if self.session { "session" } else { &self.kind }
    }

    /// Creates the row of a token at a moment.
    pub fn of(token: TokenRow, now_ms: i64) -> TokenListed {
        let state = match (token.revoked_ms, token.expires_ms) {
            (Some(_), _) => "revoked",
            (None, Some(end)) if end <= now_ms => "expired",
            _ => "live",
        };
        TokenListed {
            id: token.id,
            kind: token.kind.as_str().to_owned(),
            session: token.is_session,
            user: token.user,
            name: token.name,
            state: state.to_owned(),
            hint: token.hint,
            created: instant(token.created_ms),
            expires: token.expires_ms.map(instant),
            revoked: token.revoked_ms.map(instant),
            stations: token.stations.map(|stations| match stations {
                StationList::All => "all".to_owned(),
                StationList::Ids(ids) => ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(","),
            }),
        }
    }
}
