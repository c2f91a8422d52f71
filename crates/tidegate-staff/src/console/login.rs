//! Login by a link or by the admin token, and logout.

use std::sync::Arc;

use askama::Template;
use axum::{
    Extension, Form,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use super::{layout::shown, session_check::local};
use crate::admin::{
    Admin,
    auth::LoggedIn,
    extract::Query,
    problem::Problem,
    session::{self, Flash},
    staff::Staff,
};

/// The query of the login page.
#[derive(Debug, Default, Deserialize)]
pub(super) struct LoginQuery {
    /// The secret of a link.
    key: Option<String>,
    /// The path to go to after the login.
    to: Option<String>,
}

/// The login form: a link's secret, or the admin token.
#[derive(Deserialize)]
pub(super) struct LoginForm {
    #[serde(default)]
    key: String,
    #[serde(default)]
    token: String,
    #[serde(default)]
    to: String,
}

#[derive(Template)]
#[template(path = "console/login.html")]
struct Login {
    key: Option<String>,
    to: String,
    failed: Option<&'static str>,
}

/// Shows the login page. Opening a link does not use it up, since mail programs and previews open links; its button
/// does.
pub(super) async fn show(Query(asked): Query<LoginQuery>) -> Result<Html<String>, Problem> {
    shown(&Login {
        key: asked.key.filter(|key| !key.is_empty()),
        to: asked.to.as_deref().and_then(local).unwrap_or("/").to_owned(),
        failed: None,
    })
}

/// Begins a new session.
pub(super) async fn log_in(State(admin): State<Arc<Admin>>, Form(form): Form<LoginForm>) -> Result<Response, Problem> {
    let now = admin.engine.clock.now();
    let staff = match form.key.is_empty() {
        true => admin.is_token(form.token.trim()).then(Staff::admin),
        false => admin.links.redeem(&form.key, now),
    };
    let to = local(&form.to).unwrap_or("/");
    let Some(staff) = staff else {
        let failed = match form.key.is_empty() {
            true => "That is not the admin token. The token is in the file admin-token of the data directory.",
            false => "This link was already used, or it is older than 15 minutes. Ask for a new one.",
        };
        let page = shown(&Login {
            key: None,
            to: to.to_owned(),
            failed: Some(failed),
        });
        return Ok((StatusCode::FORBIDDEN, page?).into_response());
    };
    admin
        .accounts
        .audit_note(&staff.actor(), "console.login", &staff.name, "{}", now.wall_ms)
        .await?;
    let secret = admin.sessions.begin(staff, now);
    let secret = secret.map_err(|error| Problem::new(StatusCode::SERVICE_UNAVAILABLE, error.to_string()))?;
    let lasts_s = session::LIFETIME.as_secs();
    Ok(with_cookie(&admin, secret.reveal(), lasts_s, to))
}

/// Ends the session.
pub(super) async fn log_out(State(admin): State<Arc<Admin>>, Extension(who): Extension<LoggedIn>) -> Response {
    admin.sessions.end(&who.secret);
    with_cookie(&admin, "", 0, "/login")
}

impl LoggedIn {
    /// Redirects to a page that shows a message.
    pub(super) fn told(&self, admin: &Admin, text: String, to: &str) -> Redirect {
        let flash = Flash { is_good: true, text };
        admin.sessions.say(&self.secret, flash);
        Redirect::to(to)
    }
}

/// Redirects and sets the session cookie. The cookie is for this host, hidden from scripts, and not sent with forms of
/// other sites.
fn with_cookie(admin: &Admin, secret: &str, lasts_s: u64, to: &str) -> Response {
    let name = admin.cookie_name();
    let cookie = format!("{name}={secret}; Path=/; HttpOnly; SameSite=Lax; Max-Age={lasts_s}");
    let mut answer = Redirect::to(to).into_response();
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        answer.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    answer
}
