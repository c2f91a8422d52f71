//! The page that explains one decision.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;

use super::{
    filters,
    layout::{Page, Rendered, shown},
};
use crate::{
    admin::{Admin, decisions, extract::Path},
    explanation::Explanation,
};

#[derive(Template)]
#[template(path = "console/decision.html")]
struct Decision {
    page: Page,
    why: Explanation,
    /// The seconds until the same request would be admitted; 0 when it would be now.
    wait_s: Option<u64>,
}

/// Shows the page.
pub(super) async fn show(State(admin): State<Arc<Admin>>, page: Page, Path(id): Path<String>) -> Rendered {
    let why = decisions::show(State(admin.clone()), Path(id)).await?.0;
    let until: Option<jiff::Timestamp> = why.until.as_deref().and_then(|until| until.parse().ok());
    let wait_s = until.map(|until| {
        let left_ms = until.as_millisecond().saturating_sub(admin.now_ms());
        u64::try_from(left_ms).unwrap_or(0).div_ceil(1_000)
    });
    shown(&Decision { page, why, wait_s })
}
