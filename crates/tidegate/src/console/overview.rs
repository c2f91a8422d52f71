//! How the whole is doing.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};

use super::{
    chart::Gauge,
    filters,
    page::{Page, Shown, shown},
};
use crate::admin::{
    Admin,
    health::{self, Health},
    sockets::{self, OpenSockets},
};

/// Callers in the picture of sockets.
const CALLERS_MAX: usize = 8;

#[derive(Template)]
#[template(path = "console/overview.html")]
struct Overview {
    page: Page,
    health: Health,
    sockets: OpenSockets,
}

/// The page.
pub(super) async fn show(State(admin): State<Arc<Admin>>, page: Page) -> Shown {
    let most = sockets::Most {
        limit: Some(CALLERS_MAX),
    };
    let health = health::alive(State(admin.clone())).await.0;
    let sockets = sockets::open(State(admin), Query(most)).await.0;
    shown(&Overview { page, health, sockets })
}

// === impl Overview ===

impl Overview {
    /// Beside the caller who has the most.
    fn share(&self, open: &usize) -> Gauge {
        let most = self.sockets.by_user.first().map_or(1, |first| first.open);
        Gauge::beside(*open as u64, most as u64)
    }
}
