//! Answers in the platform's form.

use std::time::Duration;

use http::{
    HeaderValue, Response, StatusCode,
    header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, SET_COOKIE, WWW_AUTHENTICATE},
};
use serde_json::{Value, json};
use tidegate_accounts::Session;
use tidegate_core::fields;
use tidegate_gateway::Body;
use tidegate_streams::{organization_uid, user_uid};

use super::error::LoginError;

/// The cookie that holds a session, as the preset of the platform reads it.
const COOKIE: &str = "session";

/// A session was begun. The platform calls its secret `sessionUid`; `session` is the parameter that shows it.
pub fn begun(user: &str, session: &Session, lifetime: Duration, is_secure: bool) -> Response<Body> {
    let (token, tenant) = (session.token.secret.reveal(), &session.tenant);
    let organization = json!({"uid": organization_uid(tenant), "name": tenant, "type": "organization"});
    let document = json!({
        "message": "Login succeeded.",
        "organization": [organization],
        "userUid": user_uid(tenant, user),
        "userFirstName": user,
        "userLastName": "",
        "sessionUid": token,
        "session": token,
        "success": true,
    });
    with_cookie(json(StatusCode::OK, &document), token, lifetime, is_secure)
}

/// A session was ended, and a browser forgets it.
pub fn ended(is_secure: bool) -> Response<Body> {
    let document = json!({"message": "Session ended", "success": true});
    with_cookie(json(StatusCode::OK, &document), "", Duration::ZERO, is_secure)
}

/// Answers with an error.
pub fn error(why: &LoginError) -> Response<Body> {
    let mut document = json!({"success": false, "message": why.message()});
    if let Some(wait) = why.retry_after() {
        document["retry_after_ms"] = fields::retry_after_ms(wait).into();
    }
    let mut answer = json(why.status(), &document);
    let headers = answer.headers_mut();
    if let Some(wait) = why.retry_after() {
        headers.insert(RETRY_AFTER, fields::retry_after_secs(wait).into());
    }
    match why.status() {
        StatusCode::METHOD_NOT_ALLOWED => _ = headers.insert(ALLOW, HeaderValue::from_static("POST, DELETE")),
        StatusCode::UNAUTHORIZED => _ = headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")),
        _ => {}
    }
    answer
}

fn json(status: StatusCode, document: &Value) -> Response<Body> {
    let mut answer = Response::new(Body::full(document.to_string()));
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

/// Sets the cookie of a session, or removes it from a browser that had one. No script reads it, and no link of another
/// site brings it along: with `asPut` a GET writes.
fn with_cookie(mut answer: Response<Body>, token: &str, lifetime: Duration, is_secure: bool) -> Response<Body> {
    let secure = if is_secure { "; Secure" } else { "" };
    let max_age_s = lifetime.as_secs();
    let line = format!("{COOKIE}={token}; Path=/api; Max-Age={max_age_s}; HttpOnly; SameSite=Strict{secure}");
    if let Ok(mut line) = HeaderValue::try_from(line) {
        line.set_sensitive(true);
        answer.headers_mut().insert(SET_COOKIE, line);
    }
    answer
}
