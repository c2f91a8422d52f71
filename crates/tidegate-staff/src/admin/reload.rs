//! Reloads of the limits file.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use serde::Serialize;

use super::{Admin, problem::Problem, staff::Owner};
use crate::{explanation::instant, program::Reloaded};

/// The outcome of a reload.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ReloadRow {
    /// The time of the reload, RFC 3339 in UTC.
    pub at: String,
    /// The cause: `signal`, `watch` or `admin`.
    pub asked: &'static str,
    /// True when the file is in force. If false, all of the previous limits stay in force.
    pub ok: bool,
    /// The mistakes in the file, one on each line: `FILE:LINE: key: what is wrong; what would be right`.
    pub error: Option<String>,
    /// Keys of `[server]` that differ from those in force; they take effect with a restart.
    pub needs_restart: Vec<&'static str>,
    /// Reloads that failed since the start.
    pub failures: u64,
}

/// Reads the limits file again and puts it in force, as a whole or not at all. Counts do not change, and sockets stay
/// open.
#[utoipa::path(post, path = "/reload", tag = "limits", responses(
    (status = 200, description = "The file is in force.", body = ReloadRow),
    (status = 409, description = "The policy is built in, so there is no file.", body = Problem),
    (status = 422, description = "The file has mistakes; the previous limits stay in force.", body = Problem),
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

/// Shows the outcome of the last reload; `null` if there was none.
#[utoipa::path(get, path = "/reload", tag = "limits", responses((status = 200, description = "The last reload, or `null`.", body = Option<ReloadRow>)))]
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
