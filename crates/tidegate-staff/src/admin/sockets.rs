//! Open sockets: lists them, counts them and closes them.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use tidegate_engine::sockets::{CloseReason, Socket, SocketId};

use super::{
    Admin,
    extract::{self, Path, Query},
    problem::Problem,
    staff::Support,
};
use crate::socket_row::SocketRow;

/// Lists a user's open sockets, including those of their keys, the oldest first.
#[utoipa::path(get, path = "/users/{name}/sockets", tag = "sockets", params(("name" = String, Path, description = "The user's name.")), responses(
    (status = 200, description = "The open sockets.", body = Vec<SocketRow>),
    (status = 404, description = "There is no such user.", body = Problem),
))]
pub async fn of_user(
    State(admin): State<Arc<Admin>>,
    Path(name): Path<String>,
) -> Result<Json<Vec<SocketRow>>, Problem> {
    let user = admin.caller(&name).await?;
    // A key that counts by itself still belongs to a user, so its sockets are listed under that user.
    let of_user = |socket: &Socket| {
        *socket.about.subject == *user.name || socket.about.user.as_deref() == Some(user.name.as_str())
    };
    let mut open = admin.engine.sockets.find(of_user, admin.engine.clock.now());
    open.sort_by_key(|socket| (socket.since_ms, socket.id));
    Ok(Json(open.into_iter().map(SocketRow::from).collect()))
}

/// The number of open sockets, in all and by caller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct OpenSockets {
    /// The number of open sockets.
    pub open: usize,
    /// The callers with the most open sockets, the most first.
    pub by_user: Vec<OpenOfUser>,
}

/// The number of sockets that one caller has open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct OpenOfUser {
    /// The user, or the key that counts by itself.
    pub user: String,
    /// The number of open sockets.
    pub open: usize,
}

/// The query of the count of open sockets.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SocketsQuery {
    /// The most callers to return; the default is 20.
    #[param(minimum = 1, maximum = 1000)]
    pub limit: Option<u32>,
}

/// Counts the open sockets, and lists the callers with the most.
#[utoipa::path(get, path = "/sockets", tag = "sockets", params(SocketsQuery), responses((status = 200, description = "The counts.", body = OpenSockets)))]
pub async fn open(
    State(admin): State<Arc<Admin>>,
    Query(most): Query<SocketsQuery>,
) -> Result<Json<OpenSockets>, Problem> {
    let rows_max = extract::rows(most.limit, 20, 1_000)?;
    let rows = admin.engine.sockets.most_open(rows_max as usize);
    Ok(Json(OpenSockets {
        open: admin.engine.sockets.len(),
        by_user: rows
            .into_iter()
            .map(|(user, open)| OpenOfUser {
                user: user.to_string(),
                open,
            })
            .collect(),
    }))
}

/// Closes a socket. Its slot is free before its client is told.
#[utoipa::path(delete, path = "/sockets/{id}", tag = "sockets", params(("id" = String, Path, description = "The socket's id.")), responses(
    (status = 204, description = "The socket is closing."),
    (status = 404, description = "No such socket is open.", body = Problem),
))]
pub async fn close(
    State(admin): State<Arc<Admin>>,
    Support(staff): Support,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let none = || Problem::new(StatusCode::NOT_FOUND, format!("no socket {id:?} is open"));
    let socket: SocketId = id.parse().map_err(|_| none())?;
    let now = admin.engine.clock.now();
    let view = admin.engine.sockets.get(socket, now).ok_or_else(none)?;
    let subject = view.about.subject.to_string();
    let detail = serde_json::json!({ "socket": id, "peer": view.about.peer.to_string() }).to_string();
    admin
        .accounts
        .audit_note(&staff.actor(), "socket.close", &subject, &detail, now.wall_ms)
        .await?;
    admin.engine.sockets.close(socket, CloseReason::ClosedByStaff);
    Ok(StatusCode::NO_CONTENT)
}
