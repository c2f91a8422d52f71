//! The cookie in which a browser keeps a token for these pages.

use http::{
    HeaderMap, HeaderValue, Response,
    header::{COOKIE as COOKIE_FIELD, SET_COOKIE},
};
use tidegate_gateway::Body;

use super::{Pages, page_error::PageError, page_request::PageRequest, response};
use crate::form_body;

/// The name of the cookie that holds the token. It is sent to these pages only, never to the API behind the gate, and
/// no script reads it.
pub const COOKIE: &str = "tidegate_token";

/// The seconds that the browser keeps the cookie.
const MAX_AGE_S: u32 = 12 * 3_600;

/// The most characters of a token, including an issuer's.
const TOKEN_CHARS_MAX: usize = 3_500;

/// Returns true when the browser holds a token.
pub fn is_held(headers: &HeaderMap) -> bool {
    headers
        .get_all(COOKIE_FIELD)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .any(|(name, value)| name == COOKIE && !value.is_empty())
}

/// Sets the cookie with the token that was sent. The next page shows whose it is.
pub async fn begin(pages: &Pages, visit: &PageRequest, body: Body) -> Result<Response<Body>, PageError> {
    let values = form_body::read(&visit.head.headers, body)
        .await
        .map_err(PageError::unread)?;
    let token = values.get("token").map(|token| token.trim()).unwrap_or_default();
    let is_written = |c: char| c.is_ascii_graphic() && !"\";,\\".contains(c);
    if token.is_empty() || token.len() > TOKEN_CHARS_MAX || !token.chars().all(is_written) {
        return Err(PageError::unread(
            "That is not in the form of a token: paste the whole token, without spaces.".to_owned(),
        ));
    }
    Ok(with_cookie(pages, visit, token, MAX_AGE_S))
}

/// Removes the cookie.
pub fn end(pages: &Pages, visit: &PageRequest) -> Response<Body> {
    with_cookie(pages, visit, "", 0)
}

fn with_cookie(pages: &Pages, visit: &PageRequest, token: &str, max_age_s: u32) -> Response<Body> {
    let secure = if pages.is_secure { "; Secure" } else { "" };
    let path = visit.prefix();
    let line = format!("{COOKIE}={token}; Path={path}; Max-Age={max_age_s}; HttpOnly; SameSite=Strict{secure}");
    let mut answer = response::see_me(visit);
    if let Ok(mut line) = HeaderValue::try_from(line) {
        line.set_sensitive(true);
        answer.headers_mut().insert(SET_COOKIE, line);
    }
    answer
}
