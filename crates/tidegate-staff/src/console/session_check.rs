//! Middleware of the console: it requires a login, checks the CSRF token of every form, and restricts what a page may
//! do in a browser.

use std::sync::Arc;

use axum::{
    body::{Body, to_bytes},
    extract::{Form, FromRequest, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use super::layout::{self, Page};
use crate::{
    admin::{
        Admin, BODY_BYTES_MAX,
        auth::{self, LoggedIn},
        problem::Problem,
        session::Flash,
    },
    browser_headers,
    url_encoding::escaped,
};

/// Admits requests with a session, and redirects others to the login page.
pub(super) async fn let_in(State(admin): State<Arc<Admin>>, request: Request, next: Next) -> Response {
    let Some(who) = admin.logged_in(request.headers()) else {
        return Redirect::to(&login_path(&request)).into_response();
    };
    let is_live = request.headers().contains_key(browser_headers::LIVE_FIELD);
    let is_change = !request.method().is_safe();
    let flash = match is_change || is_live {
        // The message waits for a page that a person reads.
        true => None,
        false => admin.sessions.take_flash(&who.secret),
    };
    let page = Page::new(&who, flash, request.uri().path());
    let back = referred_from(request.headers());
    let mut answer = match with_who(request, &who, page.clone()).await {
        Ok(request) => next.run(request).await,
        Err(problem) => problem.into_response(),
    };
    match answer.extensions_mut().remove::<Problem>() {
        Some(problem) if is_change => {
            let flash = Flash {
                is_good: false,
                text: problem.detail,
            };
            admin.sessions.say(&who.secret, flash);
            Redirect::to(back.as_deref().unwrap_or("/")).into_response()
        }
        Some(problem) => layout::problem_page(page, &problem),
        None => answer,
    }
}

/// Adds the header fields that restrict a page and forbid to store it.
pub(super) async fn close_in(mut answer: Response) -> Response {
    for (name, value) in browser_headers::FIELDS {
        answer.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    answer
}

/// Returns a path that is safe to redirect to: one of this console, and none that leads elsewhere.
pub(super) fn local(path: &str) -> Option<&str> {
    let is_ours = path == "/" || path.starts_with("/console/");
    let is_plain = path.chars().all(|c| c.is_ascii_graphic() && c != '\\');
    (is_ours && is_plain).then_some(path)
}

/// Returns the path of the login page, which leads back to the requested page.
fn login_path(request: &Request) -> String {
    let asked = request.uri().path_and_query().map_or("/", |path| path.as_str());
    match local(asked) {
        Some(path) if request.method() == Method::GET && path != "/" => {
            format!("/login?to={}", escaped(path))
        }
        _ => "/login".to_owned(),
    }
}

/// Returns the page that a form was sent from, so that an error is shown there.
fn referred_from(headers: &HeaderMap) -> Option<String> {
    let from: Uri = headers.get(header::REFERER)?.to_str().ok()?.parse().ok()?;
    let path = from.path_and_query()?.as_str();
    local(path).map(str::to_owned)
}

/// Adds the person to the request, once its form has proved that it belongs to their session.
async fn with_who(request: Request, who: &LoggedIn, page: Page) -> Result<Request, Problem> {
    let mut request = match request.method().is_safe() {
        true => request,
        false => shown(request, who).await?,
    };
    request.extensions_mut().insert(who.staff.clone());
    request.extensions_mut().insert(who.clone());
    request.extensions_mut().insert(page);
    Ok(request)
}

#[derive(Deserialize)]
struct CsrfField {
    csrf: String,
}

/// Checks the CSRF token of a form, and returns the request. Every form of every page passes here, so none can omit it.
async fn shown(request: Request, who: &LoggedIn) -> Result<Request, Problem> {
    let (head, body) = request.into_parts();
    let bytes = to_bytes(body, BODY_BYTES_MAX).await;
    let bytes = bytes.map_err(|error| Problem::new(StatusCode::BAD_REQUEST, error.to_string()))?;
    let again = |head: Parts| Request::from_parts(head, Body::from(bytes.clone()));
    let form = Form::<CsrfField>::from_request(again(head.clone()), &()).await;
    match form {
        Ok(Form(form)) if auth::is_csrf_token(&form.csrf, &who.secret) => Ok(again(head)),
        _ => {
            let detail = "this form does not belong to your session: reload the page and send it again";
            Err(Problem::new(StatusCode::FORBIDDEN, detail))
        }
    }
}

#[cfg(test)]
mod tests;
