//! Tokens: made, listed, taken back.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, Query, State},
    http::StatusCode,
};
use serde::{Deserialize, Serialize};
use tidegate_accounts::{NewToken, StationList, TokenRow};
use tidegate_core::identity::TokenKind;

use super::{
    Admin,
    problem::{Body, Problem},
};
use crate::explanation::instant;

/// A token to make.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenCreate {
    /// Whose.
    pub user: String,
    /// `personal`, `app`, `development` or `enterprise`; without it, `personal`.
    #[serde(default)]
    pub kind: Option<String>,
    /// Seconds until it ends; without it, it does not. A development token must have an end.
    #[serde(default)]
    pub expires_s: Option<u64>,
    /// `all`, or ids with commas; an enterprise token must say.
    #[serde(default)]
    pub stations: Option<String>,
}

// No `Debug`: it holds the secret.
/// A token just made.
#[derive(Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TokenCreated {
    /// Its public id, for listing and revoking.
    pub id: String,
    /// The token, shown this once.
    pub token: String,
}

/// A token as a listing shows it.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TokenListed {
    /// Its public id.
    pub id: String,
    /// What kind.
    pub kind: String,
    /// Whose.
    pub user: String,
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

/// Whose tokens.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Whose {
    /// The user's name.
    pub user: String,
}

/// Makes a token.
#[utoipa::path(post, path = "/tokens", tag = "tokens", request_body = TokenCreate, responses(
    (status = 201, description = "The token, shown this once.", body = TokenCreated),
    (status = 404, description = "There is no such user.", body = Problem),
    (status = 422, description = "Something is not accepted.", body = Problem),
))]
pub async fn create(
    State(admin): State<Arc<Admin>>,
    Body(new): Body<TokenCreate>,
) -> Result<(StatusCode, Json<TokenCreated>), Problem> {
    let now_ms = admin.now_ms();
    let new = NewToken {
        user: new.user,
        kind: kind(new.kind.as_deref().unwrap_or("personal"))?,
        expires_ms: new
            .expires_s
            .map(|secs| now_ms.saturating_add(i64::try_from(secs.saturating_mul(1000)).unwrap_or(i64::MAX))),
        stations: new.stations.as_deref().map(stations).transpose()?,
    };
    let created = admin.accounts.token_create(&admin.actor(), new, now_ms).await?;
    Ok((
        StatusCode::CREATED,
        Json(TokenCreated {
            id: created.id,
            token: created.secret.reveal().to_owned(),
        }),
    ))
}

/// Lists a user's tokens.
#[utoipa::path(get, path = "/tokens", tag = "tokens", params(Whose), responses(
    (status = 200, description = "The tokens.", body = Vec<TokenListed>),
    (status = 404, description = "There is no such user.", body = Problem),
))]
pub async fn list(
    State(admin): State<Arc<Admin>>,
    Query(whose): Query<Whose>,
) -> Result<Json<Vec<TokenListed>>, Problem> {
    let now_ms = admin.now_ms();
    let tokens = admin.accounts.tokens(&whose.user).await?;
    Ok(Json(
        tokens.into_iter().map(|token| TokenListed::of(token, now_ms)).collect(),
    ))
}

/// Takes a token back; it is refused from the next request on.
#[utoipa::path(delete, path = "/tokens/{id}", tag = "tokens", params(("id" = String, Path, description = "The token's public id.")), responses(
    (status = 204, description = "It is taken back."),
    (status = 404, description = "There is no such token.", body = Problem),
))]
pub async fn revoke(State(admin): State<Arc<Admin>>, Path(id): Path<String>) -> Result<StatusCode, Problem> {
    admin.accounts.token_revoke(&admin.actor(), &id, admin.now_ms()).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn kind(word: &str) -> Result<TokenKind, Problem> {
    let kinds = [
        TokenKind::Personal,
        TokenKind::App,
        TokenKind::Development,
        TokenKind::Enterprise,
    ];
    kinds.into_iter().find(|kind| kind.as_str() == word).ok_or_else(|| {
        Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            format!("{word:?} is no kind of token: it is personal, app, development or enterprise"),
        )
    })
}

fn stations(text: &str) -> Result<StationList, Problem> {
    if text == "all" {
        return Ok(StationList::All);
    }
    let ids = text
        .split(',')
        .map(|id| id.trim().parse())
        .collect::<Result<Vec<i64>, _>>();
    ids.map(StationList::Ids).map_err(|_| {
        Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            format!("{text:?} names no stations: write ids with commas, as `1,2`, or `all`"),
        )
    })
}

// === impl TokenListed ===

impl TokenListed {
    fn of(token: TokenRow, now_ms: i64) -> TokenListed {
        let state = match (token.revoked_ms, token.expires_ms) {
            (Some(_), _) => "revoked",
            (None, Some(end)) if end <= now_ms => "expired",
            _ => "live",
        };
        TokenListed {
            id: token.id,
            kind: token.kind.as_str().to_owned(),
            user: token.user,
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
