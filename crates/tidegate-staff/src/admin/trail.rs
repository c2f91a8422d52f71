//! The audit trail: who did what, to whom, when.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use tidegate_accounts::bounds;

use super::{
    Admin,
    problem::Problem,
    read::{self, Query},
};
use crate::explanation::instant;

/// One act.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Act {
    /// Its number, ascending.
    pub seq: i64,
    /// When, RFC 3339 in UTC.
    pub at: String,
    /// Who.
    pub actor: String,
    /// What, e.g. `limit.set`.
    pub action: String,
    /// To whom or what.
    pub subject: String,
    /// More.
    #[schema(value_type = Object)]
    pub detail: serde_json::Value,
}

/// Which part of the trail.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Part {
    /// Only acts with a smaller number.
    pub before: Option<i64>,
    /// At most so many; 100 without it.
    #[param(minimum = 1, maximum = 10000)]
    pub limit: Option<u32>,
}

/// The newest acts first.
#[utoipa::path(get, path = "/audit", tag = "audit", params(Part), responses((status = 200, description = "The acts, newest first.", body = Vec<Act>)))]
pub async fn list(State(admin): State<Arc<Admin>>, Query(part): Query<Part>) -> Result<Json<Vec<Act>>, Problem> {
    let rows_max = read::rows(part.limit, 100, bounds::ROWS_PER_LIST_MAX)?;
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
