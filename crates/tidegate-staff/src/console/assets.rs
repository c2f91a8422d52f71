//! The files that pages load: one stylesheet, one script and one picture.

use axum::{
    http::{HeaderName, header},
    response::IntoResponse,
};

/// `GET /assets/console.css`.
pub(super) async fn style() -> impl IntoResponse {
    kind(
        "text/css; charset=utf-8",
        include_str!("../../assets/console/console.css"),
    )
}

/// `GET /assets/console.js`.
pub(super) async fn script() -> impl IntoResponse {
    kind(
        "text/javascript; charset=utf-8",
        include_str!("../../assets/console/console.js"),
    )
}

/// `GET /assets/mark.svg`.
pub(super) async fn mark() -> impl IntoResponse {
    kind("image/svg+xml", include_str!("../../assets/console/mark.svg"))
}

fn kind(kind: &'static str, text: &'static str) -> ([(HeaderName, &'static str); 1], &'static str) {
    ([(header::CONTENT_TYPE, kind)], text)
}
