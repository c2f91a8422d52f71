//! Callers: listed, and found by what somebody on the phone says.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use super::{
    filters,
    page::{Page, Shown, shown},
};
use crate::{
    admin::{
        Admin,
        callers::{self, CallerRow},
        problem::Problem,
        read::Query,
    },
    client::escaped,
};

/// Callers of each kind on one page.
const ROWS_MAX: u32 = 200;

/// What is looked for.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    find: String,
}

#[derive(Template)]
#[template(path = "console/callers.html")]
struct Callers {
    page: Page,
    find: String,
    rows: Vec<CallerRow>,
    /// Whether there may be more than are shown.
    is_cut: bool,
}

/// Those whose name or tenant holds the text.
pub(super) async fn list(State(admin): State<Arc<Admin>>, page: Page, Query(asked): Query<Asked>) -> Shown {
    let found = callers::Found {
        find: asked.find.trim().to_owned(),
        limit: Some(ROWS_MAX),
    };
    let find = found.find.clone();
    let rows = callers::list(State(admin), Query(found)).await?.0;
    shown(&Callers {
        page,
        find,
        is_cut: rows.len() >= ROWS_MAX as usize,
        rows,
    })
}

/// Goes where the text leads: to the decision or the caller that it names, or to those it is a part of.
pub(super) async fn find(State(admin): State<Arc<Admin>>, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    let text = asked.find.trim();
    let encoded = escaped(text);
    let to = if text.parse::<tidegate_engine::refusals::DecisionId>().is_ok() {
        format!("/console/decisions/{encoded}")
    } else if !text.is_empty() && admin.caller(text).await.is_ok() {
        format!("/console/callers/{encoded}")
    } else {
        format!("/console/callers?find={encoded}")
    };
    Ok(Redirect::to(&to).into_response())
}
