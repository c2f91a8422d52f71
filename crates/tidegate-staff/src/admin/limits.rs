//! The limits in force, where a user stands in them, and overrides.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use serde::{Deserialize, Serialize};
use tidegate_accounts::{Override, OverrideScope};
use tidegate_config::{compile::quantity::too_large, suggest, table};
use tidegate_core::limit_check::Caller;

use tokio::sync::MutexGuard;

use super::{
    Admin,
    extract::{Body, Path, Query},
    load_overrides,
    problem::Problem,
    staff::Support,
};
use crate::{
    explanation::instant,
    limit_standing::{self, StandingRow},
};

/// An override to set.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OverrideSet {
    /// The user whom the override is for; name either this or `tenant`.
    #[serde(default)]
    pub user: Option<String>,
    /// The organisation that the override is for.
    #[serde(default)]
    pub tenant: Option<String>,
    /// The quota, in units per window; the burst scales with it.
    #[schema(minimum = 1)]
    pub quota: u32,
    /// The time at which the override ends by itself, in Unix milliseconds; without it, it has no end.
    #[serde(default)]
    pub until_ms: Option<i64>,
    /// The reason, for the audit trail.
    #[serde(default)]
    pub reason: Option<String>,
}

/// The query that names the override to remove.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OverrideUnset {
    /// The user whom the override is for; name either this or `tenant`.
    pub user: Option<String>,
    /// The organisation that the override is for.
    pub tenant: Option<String>,
}

/// The query of the list of limits.
#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LimitsQuery {
    /// The organisation whose limits to list, with the source of each quota. Without it, the limits of all callers are
    /// listed.
    pub tenant: Option<String>,
}

/// An override in force.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct OverrideRow {
    /// The name of the limit.
    pub limit: String,
    /// The user or tenant whom the override is for: `user …` or `tenant …`.
    pub scope: String,
    /// The quota, in units per window.
    pub quota: u64,
    /// The time at which the override ends by itself, RFC 3339 in UTC; `null` where it has no end.
    pub until: Option<String>,
    /// The reason.
    pub reason: Option<String>,
    /// The member of staff who set it.
    pub set_by: String,
    /// The time at which it was set, RFC 3339 in UTC.
    pub set_at: String,
}

/// Lists the limits as the limits page shows them.
#[utoipa::path(get, path = "/limits", tag = "limits", params(LimitsQuery), responses((status = 200, description = "The rows of the limits page.", body = Vec<Object>)))]
pub async fn list(State(admin): State<Arc<Admin>>, Query(shown): Query<LimitsQuery>) -> Json<Vec<table::Row>> {
    let snapshot = admin.engine.current.load();
    Json(match shown.tenant {
        Some(tenant) => table::rows_of_tenant(
            &snapshot.policy,
            &tenant.into(),
            &snapshot.overrides,
            admin.engine.clock.now().wall_ms,
        ),
        None => table::rows(&snapshot.policy),
    })
}

/// Shows where a user stands in each limit.
#[utoipa::path(get, path = "/users/{name}/limits", tag = "users", params(("name" = String, Path, description = "The user's name.")), responses(
    (status = 200, description = "One row for each limit.", body = Vec<StandingRow>),
    (status = 404, description = "There is no such user.", body = Problem),
))]
pub async fn show(
    State(admin): State<Arc<Admin>>,
    Path(name): Path<String>,
) -> Result<Json<Vec<StandingRow>>, Problem> {
    let identity = admin.caller(&name).await?.as_known();
    let headers = HeaderMap::new();
    let client = std::net::Ipv4Addr::UNSPECIFIED.into();
    let caller = Caller {
        identity: &identity,
        client,
        headers: &headers,
        instance: None,
        counts_whoever: false,
    };
    Ok(Json(limit_standing::of_user(
        &admin.engine,
        &admin.engine.current.load(),
        &caller,
        admin.engine.clock.now(),
    )))
}

/// Lists the overrides of one limit, including those that have ended by themselves.
#[utoipa::path(get, path = "/limits/{limit}/overrides", tag = "limits", params(("limit" = String, Path, description = "The name of the limit.")), responses(
    (status = 200, description = "The overrides.", body = Vec<OverrideRow>),
))]
pub async fn overrides(
    State(admin): State<Arc<Admin>>,
    Path(limit): Path<String>,
) -> Result<Json<Vec<OverrideRow>>, Problem> {
    let rows = admin
        .accounts
        .overrides()
        .await?
        .into_iter()
        .filter(|row| row.limit == limit);
    Ok(Json(rows.map(OverrideRow::from).collect()))
}

/// Lists the overrides in force of all limits, by limit and by whom they are for.
#[utoipa::path(get, path = "/overrides", tag = "limits", responses((status = 200, description = "The overrides.", body = Vec<OverrideRow>)))]
pub async fn all_overrides(State(admin): State<Arc<Admin>>) -> Result<Json<Vec<OverrideRow>>, Problem> {
    let now_ms = admin.now_ms();
    let rows = admin.accounts.overrides().await?.into_iter();
    let in_force = rows.filter(|row| row.until_ms.is_none_or(|until_ms| until_ms > now_ms));
    Ok(Json(in_force.map(OverrideRow::from).collect()))
}

/// Sets an override. It is in force at the next decision; counts do not change.
#[utoipa::path(put, path = "/limits/{limit}/overrides", tag = "limits", params(("limit" = String, Path, description = "The name of the limit.")),
    request_body = OverrideSet, responses(
    (status = 204, description = "The override is in force."),
    (status = 404, description = "There is no such limit, user or tenant.", body = Problem),
    (status = 422, description = "A value is not accepted.", body = Problem),
))]
pub async fn set(
    State(admin): State<Arc<Admin>>,
    Support(staff): Support,
    Path(limit): Path<String>,
    Body(new): Body<OverrideSet>,
) -> Result<StatusCode, Problem> {
    let quota_max = admin.require_limit(&limit)?;
    if new.quota == 0 {
        let detail = "a quota is at least 1; to shut a caller out, revoke their tokens";
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail));
    }
    if new.quota > quota_max {
        let detail = format!("{}; write at most {quota_max}", too_large(new.quota));
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail));
    }
    if let Some(until_ms) = new.until_ms.filter(|until_ms| *until_ms <= admin.now_ms()) {
        let detail = format!(
            "{} is in the past: it is {} now",
            instant(until_ms),
            instant(admin.now_ms())
        );
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail));
    }
    let scope = scope(new.user, new.tenant)?;
    let set = Override {
        limit,
        scope,
        quota: u64::from(new.quota),
        until_ms: new.until_ms,
        reason: new.reason,
    };
    let turn = admin.overrides_turn.lock().await;
    if admin.is_declared(&set.scope) {
        admin
            .accounts
            .override_set_declared(&staff.actor(), set, admin.now_ms())
            .await?;
    } else {
        admin.accounts.override_set(&staff.actor(), set, admin.now_ms()).await?;
    }
    admin.reload_overrides(&turn).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Removes an override.
#[utoipa::path(delete, path = "/limits/{limit}/overrides", tag = "limits", params(("limit" = String, Path, description = "The name of the limit."), OverrideUnset), responses(
    (status = 204, description = "The override is removed."),
    (status = 404, description = "There was no such override.", body = Problem),
))]
pub async fn unset(
    State(admin): State<Arc<Admin>>,
    Support(staff): Support,
    Path(limit): Path<String>,
    Query(whose): Query<OverrideUnset>,
) -> Result<StatusCode, Problem> {
    let scope = scope(whose.user, whose.tenant)?;
    let turn = admin.overrides_turn.lock().await;
    let was_there = admin
        .accounts
        .override_unset(&staff.actor(), &limit, &scope, admin.now_ms())
        .await?;
    admin.reload_overrides(&turn).await?;
    if was_there {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(Problem::new(
        StatusCode::NOT_FOUND,
        format!("`{limit}` has no override for {} {:?}", scope.kind(), scope.name()),
    ))
}

fn scope(user: Option<String>, tenant: Option<String>) -> Result<OverrideScope, Problem> {
    match (user, tenant) {
        (Some(user), None) => Ok(OverrideScope::User(user)),
        (None, Some(tenant)) => Ok(OverrideScope::Tenant(tenant)),
        _ => Err(Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "name either `user` or `tenant`",
        )),
    }
}

// === impl Admin ===

impl Admin {
    /// Returns the largest quota that the limit of a name may have. The problem where there is none suggests the
    /// nearest name.
    pub(super) fn require_limit(&self, name: &str) -> Result<u32, Problem> {
        let snapshot = self.engine.current.load();
        if let Some(limit) = snapshot.policy.limit_named(name) {
            return Ok(limit.quantity.quota_max());
        }
        let policy = &snapshot.policy;
        if policy.payload_named(name).is_some() {
            return Ok(u32::MAX);
        }
        let shapes = policy.payload_limits.iter().map(|limit| &*limit.name);
        let names: Vec<&str> = policy.limits.iter().map(|limit| &*limit.name).chain(shapes).collect();
        let instead = suggest::instead_of(name, &names);
        Err(Problem::new(
            StatusCode::NOT_FOUND,
            format!("there is no limit `{name}`; {instead}"),
        ))
    }

    /// Returns true when the limits file declares the name, so that the accounts need not know it: the file has a table
    /// of the tenant, or an issuer or a proxy that gives such names.
    fn is_declared(&self, scope: &OverrideScope) -> bool {
        let is_tenant = matches!(scope, OverrideScope::Tenant(name) if self.has_tenant_table(name));
        let snapshot = self.engine.current.load();
        let mut sources = snapshot.policy.pages.iter().flat_map(|page| &page.identity.sources);
        is_tenant || sources.any(|source| source.names(scope.name()))
    }

    /// Returns true when the limits file has a table of this tenant.
    pub(super) fn has_tenant_table(&self, name: &str) -> bool {
        self.engine.current.load().policy.tenants.named(name).is_some()
    }

    /// Puts the overrides in the database in force. The caller holds the lock, so that the later of two changes is the
    /// one that stays.
    async fn reload_overrides(&self, _turn: &MutexGuard<'_, ()>) -> Result<(), Problem> {
        let loaded = load_overrides(&self.accounts).await?;
        self.engine.current.set_overrides(loaded);
        Ok(())
    }
}

// === impl OverrideRow ===

impl From<tidegate_accounts::OverrideRow> for OverrideRow {
    fn from(row: tidegate_accounts::OverrideRow) -> OverrideRow {
        OverrideRow {
            scope: format!("{} {}", row.scope.kind(), row.scope.name()),
            limit: row.limit,
            quota: row.quota,
            until: row.until_ms.map(instant),
            reason: row.reason,
            set_by: row.set_by,
            set_at: instant(row.set_at_ms),
        }
    }
}
