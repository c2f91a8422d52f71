//! One token, as `tidegate token list` and `/limits/me/tokens` show it.

use serde::{Deserialize, Serialize};
use tidegate_accounts::{StationList, TokenRow};

use crate::explanation::instant;

/// A token as a listing shows it.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TokenListed {
    /// Its public id.
    pub id: String,
    /// What kind.
    pub kind: String,
    /// A login by password made it, and a new password ends it.
    #[serde(default)]
    pub session: bool,
    /// Whose.
    pub user: String,
    /// What its holder calls it; often nothing.
    #[serde(default)]
    pub name: String,
    /// `live`, `expired` or `revoked`.
    pub state: String,
    /// The last four characters of the token.
    pub hint: String,
    /// When it was made, RFC 3339 in UTC.
    pub created: String,
    /// When it ends.
    pub expires: Option<String>,
    /// When it was taken back.
    pub revoked: Option<String>,
    /// The stations it names: `all`, or ids with commas.
    pub stations: Option<String>,
}

/// Stations as they are written: `all`, or ids with commas.
///
/// # Errors
/// What would be right.
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
    /// What people are shown as its kind: a session is nothing that somebody made.
    pub fn kind_or_session(&self) -> &str {
        if self.session { "session" } else { &self.kind }
    }

    /// Of a row, as it is at a moment.
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
