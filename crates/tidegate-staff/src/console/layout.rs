//! The frame of every page, and the page of a problem.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::FromRequestParts,
    http::{StatusCode, request::Parts},
    response::{Html, IntoResponse, Response},
};

use super::filters;
use crate::admin::{
    auth::LoggedIn,
    login_secret::csrf_token,
    problem::Problem,
    session::Flash,
    staff::{Role, Staff},
};

/// The person who looks, and the contents of the frame around every page.
#[derive(Clone)]
pub(super) struct Page {
    /// The member of staff.
    pub(super) staff: Staff,
    /// The CSRF token that every form of the page sends back.
    pub(super) csrf: Arc<str>,
    /// The message that is shown once.
    pub(super) flash: Option<Flash>,
    /// The entry of the navigation that the page belongs to.
    pub(super) section: &'static str,
}

/// A rendered page as an answer.
pub(super) type Rendered = Result<Html<String>, Problem>;

/// The page of a problem.
#[derive(Template)]
#[template(path = "console/problem.html")]
struct ProblemPage<'a> {
    page: Page,
    problem: &'a Problem,
}

impl Page {
    /// Creates the frame for a person and a path.
    pub(super) fn new(who: &LoggedIn, flash: Option<Flash>, path: &str) -> Page {
        let below = path.strip_prefix("/console/").unwrap_or_default();
        let section = match below.split('/').next().unwrap_or_default() {
            "callers" | "decisions" | "find" => "callers",
            "limits" => "limits",
            "overrides" => "overrides",
            "usage" => "usage",
            "audit" => "audit",
            _ => "overview",
        };
        Page {
            staff: who.staff.clone(),
            csrf: csrf_token(&who.secret).into(),
            flash,
            section,
        }
    }

    /// Returns true when the forms that help a caller are shown.
    pub(super) fn may_help(&self) -> bool {
        self.staff.may(Role::Support)
    }

    /// Returns true when the forms of owners are shown.
    pub(super) fn may_own(&self) -> bool {
        self.staff.may(Role::Owner)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Page {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Page, Problem> {
        let page = parts.extensions.get::<Page>().cloned();
        page.ok_or_else(|| Problem::new(StatusCode::UNAUTHORIZED, "nobody is logged in"))
    }
}

/// Renders a template as a page.
///
/// # Errors
/// Fails with an internal error, which does not happen: templates only use values that exist.
pub(super) fn shown(template: &impl Template) -> Rendered {
    let text = template.render();
    text.map(Html)
        .map_err(|error| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))
}

/// Renders a problem as a page.
pub(super) fn problem_page(page: Page, problem: &Problem) -> Response {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    match (ProblemPage { page, problem }).render() {
        Ok(text) => (status, Html(text)).into_response(),
        Err(_) => status.into_response(),
    }
}

/// Formats a part of a whole as a percentage.
pub(super) fn percent(part: u64, whole: u64) -> String {
    match u128::from(part) * 1_000 / u128::from(whole.max(1)) {
        0 if part == 0 => "0 %".to_owned(),
        0 => "less than 0.1 %".to_owned(),
        1_000.. => "100 %".to_owned(),
        tenths => format!("{}.{} %", tenths / 10, tenths % 10),
    }
}

/// Answers a request for a path below the console that is no page.
pub(super) async fn no_such_page() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "there is no such page")
}
