//! One's own refusals, each explained.

use askama::Template;
use http::{Response, StatusCode};
use serde_json::json;
use tidegate_engine::refusals::{DecisionId, Remembered};
use tidegate_gateway::Body;

use super::{Pages, filters, reply, unfit::Unfit, visit::Visit};
use crate::explanation::Explanation;

/// How far back one's own refusals are listed: a day, in milliseconds.
const LISTED_MS: i64 = 86_400_000;

#[derive(Template)]
#[template(path = "pages/decision.html")]
struct Page<'a> {
    prefix: &'a str,
    of: &'a Explanation,
}

/// One's own refusal: somebody else's is as unknown as one that never was.
pub fn show(pages: &Pages, visit: &Visit, id: &str) -> Result<Response<Body>, Unfit> {
    let found = id
        .parse::<DecisionId>()
        .ok()
        .and_then(|id| pages.engine.refusals.get(id));
    let Some(refusal) = found.filter(|refusal| is_own(visit, refusal)) else {
        return Err(Unfit::new(
            StatusCode::NOT_FOUND,
            "No decision of yours with this id is remembered.",
        ));
    };
    let of = Explanation::of(&refusal);
    if visit.html {
        let prefix = visit.prefix();
        return Ok(reply::page(StatusCode::OK, &Page { prefix, of: &of }));
    }
    Ok(reply::json(StatusCode::OK, &json!(of)))
}

/// Those of the last day that are remembered, newest first.
pub fn list(pages: &Pages, visit: &Visit) -> Response<Body> {
    reply::json(StatusCode::OK, &json!(of_last_day(pages, visit)))
}

/// The rows.
pub fn of_last_day(pages: &Pages, visit: &Visit) -> Vec<Explanation> {
    let caller = pages.engine.caller(&visit.identity, visit.client);
    let since_ms = visit.now.wall_ms.saturating_sub(LISTED_MS);
    let remembered = pages.engine.refusals.of_caller(caller);
    let own = remembered
        .iter()
        .filter(|refusal| is_own(visit, refusal) && refusal.at_ms >= since_ms);
    own.map(Explanation::of).collect()
}

fn is_own(visit: &Visit, refusal: &Remembered) -> bool {
    let user = visit.identity.known().map(|known| &*known.token.subject);
    refusal.user.as_deref() == user && (user.is_some() || refusal.client == visit.client)
}
