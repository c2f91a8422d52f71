//! The caller's own tokens: creates, lists and revokes them.

use askama::Template;
use http::{Response, StatusCode};
use serde_json::json;
use tidegate_accounts::{AccountsError, Actor, Created, NewToken, StationList, TokenRow};
use tidegate_core::identity::TokenKind;
use tidegate_gateway::Body;

use super::{Pages, page_error::PageError, page_request::PageRequest, response};
use crate::form_body;
use crate::token_row::{self, TokenListed};

#[derive(Template)]
#[template(path = "pages/token.html")]
struct CreatedTokenPage<'a> {
    prefix: &'a str,
    token: &'a str,
}

/// Lists the caller's tokens.
pub async fn list(pages: &Pages, visit: &PageRequest) -> Result<Response<Body>, PageError> {
    let user = visit.owner()?;
    Ok(response::json(StatusCode::OK, &json!(rows(pages, visit, user).await?)))
}

/// Returns the rows of a user's tokens.
pub async fn rows(pages: &Pages, visit: &PageRequest, user: &str) -> Result<Vec<TokenListed>, AccountsError> {
    let tokens = pages.accounts.tokens(user).await?;
    let rows = tokens
        .into_iter()
        .map(|token| TokenListed::of(token, visit.now.wall_ms));
    Ok(rows.collect())
}

/// Creates a personal token. It lasts no longer than the token it is created with, so that nobody extends a leaked
/// token past its end.
pub async fn create(pages: &Pages, visit: &PageRequest, body: Body) -> Result<Response<Body>, PageError> {
    let (user, own) = whole(pages, visit).await?;
    let values = form_body::read(&visit.head.headers, body)
        .await
        .map_err(PageError::unread)?;
    let value = |name: &str| values.get(name).map(|text| text.trim()).filter(|text| !text.is_empty());
    let asked = TokenRequest {
        name: value("name").unwrap_or_default().to_owned(),
        expires_s: value("expires_s"),
        expires_days: value("expires_days"),
        stations: value("stations"),
    };
    let new = asked
        .checked(visit, user.to_owned(), own.expires_ms)
        .map_err(|why| PageError::new(StatusCode::UNPROCESSABLE_ENTITY, why))?;
    let actor = Actor(user.to_owned());
    let created = pages.accounts.token_create(&actor, new, visit.now.wall_ms).await?;
    Ok(shown(visit, &created))
}

/// Revokes a token. It is refused from the next request on.
pub async fn revoke(pages: &Pages, visit: &PageRequest, id: &str) -> Result<Response<Body>, PageError> {
    let (user, _) = whole(pages, visit).await?;
    pages.accounts.require_token_of(id, user).await?;
    let actor = Actor(user.to_owned());
    pages.accounts.token_revoke(&actor, id, visit.now.wall_ms).await?;
    Ok(response::done(visit))
}

/// Returns the user and token of a caller whose token reaches everything that is theirs. A token that names stations
/// was handed out for those, so it may not create, revoke or share anything.
pub async fn whole<'v>(pages: &Pages, visit: &'v PageRequest) -> Result<(&'v str, TokenRow), PageError> {
    let user = visit.owner()?;
    let id = visit.known()?.token.id.clone();
    let rows = pages.accounts.tokens(user).await?;
    match rows.into_iter().find(|row| row.id == *id) {
        Some(row) if !matches!(row.stations, Some(StationList::Ids(_))) => Ok((user, row)),
        _ => Err(PageError::new(
            StatusCode::FORBIDDEN,
            "This token is for certain stations only, so it cannot change anything here. Use a token that reaches all your stations.",
        )),
    }
}

fn shown(visit: &PageRequest, created: &Created) -> Response<Body> {
    let token = created.secret.reveal();
    if visit.html {
        let prefix = visit.prefix();
        return response::page(StatusCode::CREATED, &CreatedTokenPage { prefix, token });
    }
    response::json(StatusCode::CREATED, &json!({ "id": created.id, "token": token }))
}

/// The values of a request for a token.
struct TokenRequest<'a> {
    name: String,
    expires_s: Option<&'a str>,
    expires_days: Option<&'a str>,
    stations: Option<&'a str>,
}

impl TokenRequest<'_> {
    fn checked(self, visit: &PageRequest, user: String, end_of_own: Option<i64>) -> Result<NewToken, String> {
        let seconds = match (self.expires_s, self.expires_days) {
            (Some(seconds), _) => Some(number(seconds, "expires_s")?),
            (None, Some(days)) => Some(number(days, "expires_days")?.saturating_mul(86_400)),
            (None, None) => None,
        };
        let end = seconds.map(|seconds| {
            let ms = i64::try_from(seconds.saturating_mul(1_000)).unwrap_or(i64::MAX);
            visit.now.wall_ms.saturating_add(ms)
        });
        Ok(NewToken {
            user,
            kind: TokenKind::Personal,
            expires_ms: [end, end_of_own].into_iter().flatten().min(),
            stations: self.stations.map(token_row::stations).transpose()?,
            name: self.name,
        })
    }
}

fn number(text: &str, what: &str) -> Result<u64, String> {
    text.parse()
        .map_err(|_| format!("`{what}` must be a whole number, not {text:?}."))
}
