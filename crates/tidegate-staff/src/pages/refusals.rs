//! The caller's own refusals, each with its explanation.

use askama::Template;
use http::{Response, StatusCode};
use serde_json::json;
use tidegate_engine::refusals::{DecisionId, Remembered};
use tidegate_gateway::Body;

use super::{Pages, filters, page_error::PageError, page_request::PageRequest, response};
use crate::explanation::Explanation;

/// The age up to which refusals are listed: a day, in milliseconds.
const LISTED_MS: i64 = 86_400_000;

#[derive(Template)]
#[template(path = "pages/decision.html")]
struct Page<'a> {
    prefix: &'a str,
    of: &'a Explanation,
}

/// Explains one of the caller's own refusals. Another caller's refusal is answered like one that never was.
pub fn show(pages: &Pages, visit: &PageRequest, id: &str) -> Result<Response<Body>, PageError> {
    let found = id
        .parse::<DecisionId>()
        .ok()
        .and_then(|id| pages.engine.refusals.get(id));
    let Some(refusal) = found.filter(|refusal| is_own(visit, refusal)) else {
        return Err(PageError::new(
            StatusCode::NOT_FOUND,
            "No decision of yours with this id is remembered.",
        ));
    };
    let of = Explanation::of(&refusal);
    if visit.html {
        let prefix = visit.prefix();
        return Ok(response::page(StatusCode::OK, &Page { prefix, of: &of }));
    }
    Ok(response::json(StatusCode::OK, &json!(of)))
}

/// Lists the remembered refusals of the last day, newest first.
pub fn list(pages: &Pages, visit: &PageRequest) -> Response<Body> {
    response::json(StatusCode::OK, &json!(of_last_day(pages, visit)))
}

/// Returns the explanations of the last day.
pub fn of_last_day(pages: &Pages, visit: &PageRequest) -> Vec<Explanation> {
    let caller = pages.engine.caller(&visit.identity, visit.client);
    let since_ms = visit.now.wall_ms.saturating_sub(LISTED_MS);
    let remembered = pages.engine.refusals.of_caller(caller);
    let own = remembered
        .iter()
        .filter(|refusal| is_own(visit, refusal) && refusal.at_ms >= since_ms);
    own.map(Explanation::of).collect()
}

fn is_own(visit: &PageRequest, refusal: &Remembered) -> bool {
    let user = visit.identity.known().map(|known| &*known.token.subject);
    refusal.user.as_deref() == user && (user.is_some() || refusal.client == visit.client)
}
