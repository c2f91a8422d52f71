//! `GET /audit`: the audit trail.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use tidegate_accounts::bounds;

use super::{
    Admin,
    extract::{self, Query},
    problem::Problem,
};
use crate::explanation::instant;

/// One entry of the audit trail.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Act {
    /// The number of the entry, ascending.
    pub seq: i64,
    /// The time, RFC 3339 in UTC.
    pub at: String,
    /// The actor.
    pub actor: String,
    /// The action, e.g. `limit.set`.
    pub action: String,
    /// The target of the action.
    pub subject: String,
    /// Details of the action.
    #[schema(value_type = Object)]
    pub detail: serde_json::Value,
}

/// The query of the audit trail.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TrailQuery {
    /// Return only entries with a smaller number.
    pub before: Option<i64>,
    /// The most entries to return; the default is 100.
    #[param(minimum = 1, maximum = 10000)]
    pub limit: Option<u32>,
}

/// Lists entries of the audit trail, the newest first.
#[utoipa::path(get, path = "/audit", tag = "audit", params(TrailQuery), responses((status = 200, description = "The entries, newest first.", body = Vec<Act>)))]
pub async fn list(State(admin): State<Arc<Admin>>, Query(part): Query<TrailQuery>) -> Result<Json<Vec<Act>>, Problem> {
    let rows_max = extract::rows(part.limit, 100, bounds::ROWS_PER_LIST_MAX)?;
    let rows = admin.accounts.audit(part.before, rows_max).await?;
    let act = |row: tidegate_accounts::AuditRow| Act {
        seq: row.seq,
        at: instant(row.at_ms),
        actor: row.actor,
        action: row.action,
        subject: row.subject,
        detail: serde_json::from_str(&row.detail).unwrap_or(serde_json::Value::Null),
    };
    Ok(Json(rows.into_iter().map(act).collect()))
}
