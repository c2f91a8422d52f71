//! The limits file read again.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use serde::Serialize;

use super::{Admin, problem::Problem, staff::Owner};
use crate::{explanation::instant, program::Reloaded};

/// How the limits file was read again.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ReloadRow {
    /// When, RFC 3339 in UTC.
    pub at: String,
    /// Who asked: `signal`, `watch` or `admin`.
    pub asked: &'static str,
    /// Whether it is in force. If not, what was in force before is, all of it.
    pub ok: bool,
    /// What is wrong with the file, one mistake a line: `FILE:LINE: key: what is wrong; what would be right`.
    pub error: Option<String>,
    /// Keys of `[server]` that differ from what is in force, which a restart changes.
    pub needs_restart: Vec<&'static str>,
    /// Times that it failed since the start.
    pub failures: u64,
}

/// Reads the limits file again and puts it in force, the whole of it or nothing. No count is touched, no socket closed.
#[utoipa::path(post, path = "/reload", tag = "limits", responses(
    (status = 200, description = "It is in force.", body = ReloadRow),
    (status = 409, description = "There is no file: the policy is built in.", body = Problem),
    (status = 422, description = "Something is wrong with the file; what was in force stays.", body = Problem),
))]
pub async fn now(State(admin): State<Arc<Admin>>, Owner(staff): Owner) -> Result<Json<ReloadRow>, Problem> {
    let program = admin.program.clone();
    let reloaded = tokio::task::spawn_blocking(move || program.reload()).await;
    let reloaded = reloaded.map_err(|error| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))?;
    let name = admin.program.limits_file();
    let Some(reloaded) = reloaded else {
        let detail = format!(
            "the policy {name} is built in, so there is no file to read again; start with --config FILE to use a file"
        );
        return Err(Problem::new(StatusCode::CONFLICT, detail));
    };
    let detail = serde_json::json!({ "ok": reloaded.outcome.is_ok() }).to_string();
    admin
        .accounts
        .audit_note(&staff.actor(), "reload", &name, &detail, admin.now_ms())
        .await?;
    match &reloaded.outcome {
        Ok(_) => Ok(Json(reloaded.into())),
        Err(errors) => Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, errors.to_string())),
    }
}

/// How the limits file was last read again; `null` if it never was.
#[utoipa::path(get, path = "/reload", tag = "limits", responses((status = 200, description = "The last time.", body = Option<ReloadRow>)))]
pub async fn last(State(admin): State<Arc<Admin>>) -> Json<Option<ReloadRow>> {
    Json(admin.program.last_reload().map(ReloadRow::from))
}

impl From<Reloaded> for ReloadRow {
    fn from(reloaded: Reloaded) -> ReloadRow {
        let (error, needs_restart) = match reloaded.outcome {
            Ok(needs_restart) => (None, needs_restart),
            Err(errors) => (Some(errors.to_string()), Vec::new()),
        };
        ReloadRow {
            at: instant(reloaded.at_ms),
            asked: reloaded.cause.as_str(),
            ok: error.is_none(),
            error,
            needs_restart,
            failures: reloaded.failures,
        }
    }
}
