//! The list of callers, and the search for a caller or a decision.

use std::{collections::BTreeSet, sync::Arc};

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;
use tidegate_config::table;
use tidegate_engine::refusals::DecisionId;

use super::{
    filters,
    form_state::FormState,
    layout::{Page, Rendered, shown},
};
use crate::{
    admin::{
        Admin,
        callers::{self, CallerRow},
        extract::Query,
        problem::Problem,
    },
    url_encoding::escaped,
};

/// The most callers of each kind on one page.
const ROWS_MAX: u32 = 200;

/// The query of the list and of the search.
#[derive(Debug, Default, Deserialize)]
pub(super) struct FindQuery {
    #[serde(default)]
    find: String,
}

#[derive(Template)]
#[template(path = "console/callers.html")]
struct Callers {
    page: Page,
    find: String,
    rows: Vec<CallerRow>,
    /// True when there may be more callers than are shown.
    is_cut: bool,
    /// The plans that limits name.
    plans: Vec<String>,
    form: FormState,
}

/// Lists the callers whose name or tenant contains the text.
pub(super) async fn list(State(admin): State<Arc<Admin>>, page: Page, Query(asked): Query<FindQuery>) -> Rendered {
    self::page(&admin, page, asked.find.trim().to_owned(), FormState::default()).await
}

/// Renders the list with the form of a new user.
pub(super) async fn page(admin: &Arc<Admin>, page: Page, find: String, form: FormState) -> Rendered {
    let found = callers::CallersQuery {
        find: find.clone(),
        limit: Some(ROWS_MAX),
    };
    let rows = callers::list(State(admin.clone()), Query(found)).await?.0;
    let snapshot = admin.engine.current.load();
    let plans: BTreeSet<String> = table::rows(&snapshot.policy)
        .into_iter()
        .flat_map(|row| row.plans)
        .map(|plan| plan.plan)
        .collect();
    shown(&Callers {
        page,
        find,
        is_cut: rows.len() >= ROWS_MAX as usize,
        rows,
        plans: plans.into_iter().collect(),
        form,
    })
}

/// Redirects to the decision or the caller that the text names, or to the callers whose name contains it.
pub(super) async fn find(State(admin): State<Arc<Admin>>, Query(asked): Query<FindQuery>) -> Result<Response, Problem> {
    let text = asked.find.trim();
    let encoded = escaped(text);
    let to = if let Ok(id) = text.parse::<DecisionId>() {
        format!("/console/decisions/{id}")
    } else if !text.is_empty() && admin.caller(text).await.is_ok() {
        format!("/console/callers/{encoded}")
    } else {
        format!("/console/callers?find={encoded}")
    };
    Ok(Redirect::to(&to).into_response())
}
