//! The page of the audit trail.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use serde::Deserialize;

use super::{
    filters,
    layout::{Page, Rendered, shown},
};
use crate::{
    admin::{
        Admin,
        extract::Query,
        trail::{self, Act, TrailQuery},
    },
    explanation::instant,
};

/// The most rows on one page.
const ROWS: u32 = 50;

/// The query of the page.
#[derive(Debug, Default, Deserialize)]
pub(super) struct AuditQuery {
    before: Option<i64>,
}

#[derive(Template)]
#[template(path = "console/trail.html")]
struct Trail {
    page: Page,
    rows: Vec<ActView>,
    is_newest: bool,
    /// The number that the next page begins below, if there is one.
    before: Option<i64>,
}

/// One entry, as the page shows it.
struct ActView {
    act: Act,
    /// The details, as names and values.
    details: Vec<(String, String)>,
}

/// Shows the page.
pub(super) async fn list(State(admin): State<Arc<Admin>>, page: Page, Query(asked): Query<AuditQuery>) -> Rendered {
    let part = TrailQuery {
        before: asked.before,
        limit: Some(ROWS),
    };
    let rows = trail::list(State(admin), Query(part)).await?.0;
    let is_full = rows.len() == ROWS as usize;
    shown(&Trail {
        page,
        is_newest: asked.before.is_none(),
        before: rows.last().map(|last| last.seq).filter(|_| is_full),
        rows: rows.into_iter().map(ActView::from).collect(),
    })
}

// === impl ActView ===

impl From<Act> for ActView {
    fn from(act: Act) -> ActView {
        let fields = act.detail.as_object().into_iter().flatten();
        let said = fields.filter(|(_, value)| !value.is_null()).map(|(word, value)| {
            let value = match (word.as_str(), value.as_i64(), value.as_str()) {
                (word, Some(ms), _) if word.ends_with("_ms") => filters::moment_of(instant(ms)),
                (_, _, Some(text)) => text.to_owned(),
                _ => value.to_string(),
            };
            (word.trim_end_matches("_ms").to_owned(), value)
        });
        ActView {
            details: said.collect(),
            act,
        }
    }
}
