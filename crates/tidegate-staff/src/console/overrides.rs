//! The page of all overrides.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;

use super::{
    filters,
    layout::{Page, Rendered, shown},
};
use crate::admin::{
    Admin,
    limits::{self, OverrideRow},
};

/// The most rows on the page; the admin API has them all.
const ROWS_MAX: usize = 500;

#[derive(Template)]
#[template(path = "console/overrides.html")]
struct Overrides {
    page: Page,
    rows: Vec<OverrideRow>,
    /// The number of rows that are not shown.
    left_out: usize,
}

/// Shows the page.
pub(super) async fn list(State(admin): State<Arc<Admin>>, page: Page) -> Rendered {
    let mut rows = limits::all_overrides(State(admin)).await?.0;
    let left_out = rows.len().saturating_sub(ROWS_MAX);
    rows.truncate(ROWS_MAX);
    shown(&Overrides { page, rows, left_out })
}
