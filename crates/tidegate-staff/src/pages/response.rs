//! Builders of answers: pages, JSON, problems, redirects and assets.

use askama::Template;
use http::{
    HeaderValue, Response, StatusCode,
    header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION, VARY, X_CONTENT_TYPE_OPTIONS},
};
use serde_json::json;
use tidegate_gateway::Body;

use super::{page_error::PageError, page_request::PageRequest};
use crate::browser_headers;

/// The seconds that a browser keeps the script and the style sheet.
const ASSET_MAX_AGE: &str = "max-age=3600";

#[derive(Template)]
#[template(path = "pages/problem.html")]
struct Problem<'a> {
    prefix: &'a str,
    title: &'a str,
    status: u16,
    detail: &'a str,
}

/// Answers with a value as JSON, for programs. It may change with every request and belong to one caller.
pub fn json(status: StatusCode, value: &serde_json::Value) -> Response<Body> {
    let mut answer = whole(status, "application/json", format!("{value:#}\n"));
    answer.headers_mut().insert(VARY, HeaderValue::from_static("accept"));
    answer
}

/// Answers with a page, for people.
pub fn page(status: StatusCode, template: &impl Template) -> Response<Body> {
    let Ok(text) = template.render() else {
        // A template fails only where a value cannot be written, and all values here can.
        return whole(
            StatusCode::INTERNAL_SERVER_ERROR,
            "text/plain",
            "The page could not be rendered.\n".to_owned(),
        );
    };
    let mut answer = whole(status, "text/html; charset=utf-8", text);
    let headers = answer.headers_mut();
    for (name, value) in browser_headers::FIELDS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert(VARY, HeaderValue::from_static("accept"));
    answer
}

/// Answers with an error, in the format that the client reads (RFC 9457 for programs).
pub fn problem(visit: &PageRequest, why: &PageError) -> Response<Body> {
    let PageError { status, detail } = why;
    let status = *status;
    let title = status.canonical_reason().unwrap_or("Error");
    if visit.html {
        let prefix = visit.prefix();
        let status_number = status.as_u16();
        let template = Problem {
            prefix,
            title,
            status: status_number,
            detail,
        };
        return page(status, &template);
    }
    let value = json!({ "type": "about:blank", "title": title, "status": status.as_u16(), "detail": detail });
    let mut answer = json(status, &value);
    answer
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    answer
}

/// Answers a change that is done: 204 for programs, and a redirect to the page for people.
pub fn done(visit: &PageRequest) -> Response<Body> {
    if visit.html {
        return see_me(visit);
    }
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = StatusCode::NO_CONTENT;
    answer
}

/// Redirects to the caller's own page, by GET.
pub fn see_me(visit: &PageRequest) -> Response<Body> {
    let mut answer = whole(StatusCode::SEE_OTHER, "text/plain", String::new());
    if let Ok(location) = HeaderValue::try_from(format!("{}/me", visit.prefix())) {
        answer.headers_mut().insert(LOCATION, location);
    }
    answer
}

/// Answers with the script or the style sheet.
pub fn asset(name: &str) -> Result<Response<Body>, PageError> {
    let (content_type, text) = match name {
        "page.css" => ("text/css; charset=utf-8", include_str!("../../assets/pages/page.css")),
        "live.js" => (
            "text/javascript; charset=utf-8",
            include_str!("../../assets/pages/live.js"),
        ),
        _ => return Err(PageError::new(StatusCode::NOT_FOUND, "There is no such file.")),
    };
    let mut answer = whole(StatusCode::OK, content_type, text.to_owned());
    let headers = answer.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(ASSET_MAX_AGE));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    Ok(answer)
}

fn whole(status: StatusCode, content_type: &'static str, text: String) -> Response<Body> {
    let mut answer = Response::new(Body::full(text));
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}
