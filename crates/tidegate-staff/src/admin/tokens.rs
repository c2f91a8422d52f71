//! Tokens: creates, lists and revokes them.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use tidegate_accounts::{NewToken, StationList};
use tidegate_core::identity::TokenKind;

use super::{
    Admin,
    extract::{Body, Path, Query},
    problem::Problem,
    staff::Owner,
};
use crate::token_row::{self, TokenListed};

/// A token to create.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenCreate {
    /// The name of the user whose token it is.
    pub user: String,
    /// The kind: `personal`, `app`, `development` or `enterprise`; the default is `personal`.
    #[serde(default)]
    #[schema(pattern = "^(personal|app|development|enterprise)$")]
    pub kind: Option<String>,
    /// Seconds until the token ends; without it, the token has no end. A development token must have an end.
    #[serde(default)]
    pub expires_s: Option<u64>,
    /// The stations: `all`, or ids with commas. An enterprise token must name them.
    #[serde(default)]
    #[schema(pattern = "^(all|[0-9]+(,[0-9]+)*)$")]
    pub stations: Option<String>,
    /// The holder's name for the token; at most 60 characters.
    #[serde(default)]
    #[schema(max_length = 60)]
    pub name: Option<String>,
}

// No `Debug`: it holds the secret.
/// A token that was created.
#[derive(Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TokenCreated {
    /// The public id, for listing and revoking.
    pub id: String,
    /// The token. It is shown only once.
    pub token: String,
}

/// The query of the list of tokens.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TokensQuery {
    /// The user's name.
    pub user: String,
}

/// Creates a token.
#[utoipa::path(post, path = "/tokens", tag = "tokens", request_body = TokenCreate, responses(
    (status = 201, description = "The token. It is shown only once.", body = TokenCreated),
    (status = 404, description = "There is no such user.", body = Problem),
    (status = 422, description = "A value is not accepted.", body = Problem),
))]
pub async fn create(
    State(admin): State<Arc<Admin>>,
    Owner(staff): Owner,
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
        name: new.name.unwrap_or_default(),
    };
    let created = admin.accounts.token_create(&staff.actor(), new, now_ms).await?;
    Ok((
        StatusCode::CREATED,
        Json(TokenCreated {
            id: created.id,
            token: created.secret.reveal().to_owned(),
        }),
    ))
}

/// Lists a user's tokens.
#[utoipa::path(get, path = "/tokens", tag = "tokens", params(TokensQuery), responses(
    (status = 200, description = "The tokens.", body = Vec<TokenListed>),
    (status = 404, description = "There is no such user.", body = Problem),
))]
pub async fn list(
    State(admin): State<Arc<Admin>>,
    Query(whose): Query<TokensQuery>,
) -> Result<Json<Vec<TokenListed>>, Problem> {
    let now_ms = admin.now_ms();
    let tokens = admin.accounts.tokens(&whose.user).await?;
    Ok(Json(
        tokens.into_iter().map(|token| TokenListed::of(token, now_ms)).collect(),
    ))
}

/// Revokes a token. It is refused from the next request on.
#[utoipa::path(delete, path = "/tokens/{id}", tag = "tokens", params(("id" = String, Path, description = "The token's public id.")), responses(
    (status = 204, description = "The token is revoked."),
    (status = 404, description = "There is no such token.", body = Problem),
))]
pub async fn revoke(
    State(admin): State<Arc<Admin>>,
    Owner(staff): Owner,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    admin.accounts.token_revoke(&staff.actor(), &id, admin.now_ms()).await?;
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
            format!("{word:?} is not a kind of token: write personal, app, development or enterprise"),
        )
        .about("kind")
    })
}

fn stations(text: &str) -> Result<StationList, Problem> {
    token_row::stations(text).map_err(|why| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, why).about("stations"))
}
