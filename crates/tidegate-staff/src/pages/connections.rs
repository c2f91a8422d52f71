//! The caller's own open sockets.

use http::{Response, StatusCode};
use serde_json::json;
use tidegate_core::identity::Known;
use tidegate_engine::sockets::{CloseReason, SocketId};
use tidegate_gateway::Body;

use super::{Pages, page_error::PageError, page_request::PageRequest, response};
use crate::socket_row::SocketRow;

/// Lists the caller's open sockets.
pub fn list(pages: &Pages, visit: &PageRequest) -> Result<Response<Body>, PageError> {
    Ok(response::json(
        StatusCode::OK,
        &json!(open(pages, visit, visit.known()?)),
    ))
}

/// Returns the rows of the caller's open sockets.
pub fn open(pages: &Pages, visit: &PageRequest, known: &Known) -> Vec<SocketRow> {
    let open = pages.engine.sockets.of_user(&known.token.subject, visit.now);
    open.into_iter().map(SocketRow::from).collect()
}

/// Closes one of the caller's own sockets. Another caller's socket is answered like one that never was.
pub fn close(pages: &Pages, visit: &PageRequest, id: &str) -> Result<Response<Body>, PageError> {
    let known = visit.known()?;
    let own = |id: &SocketId| {
        let view = pages.engine.sockets.get(*id, visit.now);
        view.is_some_and(|view| view.about.subject == known.token.subject)
    };
    match id.parse::<SocketId>().ok().filter(own) {
        Some(id) => {
            pages.engine.sockets.close(id, CloseReason::ClosedByCaller);
            Ok(response::done(visit))
        }
        None => Err(PageError::new(
            StatusCode::NOT_FOUND,
            "You have no open socket with this id.",
        )),
    }
}
