//! Limits as running, and quotas by hand.

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
    Admin, load_overrides,
    problem::Problem,
    read::{Body, Path, Query},
    staff::Support,
};
use crate::{
    explanation::instant,
    standing::{self, StandingRow},
};

/// A quota by hand.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OverrideSet {
    /// For one user; this or `tenant`.
    #[serde(default)]
    pub user: Option<String>,
    /// For one organisation.
    #[serde(default)]
    pub tenant: Option<String>,
    /// Units per window; the burst scales with it.
    #[schema(minimum = 1)]
    pub quota: u32,
    /// When it ends by itself, in Unix milliseconds.
    #[serde(default)]
    pub until_ms: Option<i64>,
    /// Why.
    #[serde(default)]
    pub reason: Option<String>,
}

/// Whose quota by hand to end.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OverrideUnset {
    /// Of one user; this or `tenant`.
    pub user: Option<String>,
    /// Of one organisation.
    pub tenant: Option<String>,
}

/// Whose limits to show.
#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Shown {
    /// An organisation's, with where each quota comes from; without it, everybody's.
    pub tenant: Option<String>,
}

/// A quota by hand, in force.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct OverrideRow {
    /// The limit.
    pub limit: String,
    /// `user …` or `tenant …`.
    pub scope: String,
    /// Units per window.
    pub quota: u64,
    /// When it ends by itself, RFC 3339 in UTC.
    pub until: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// Who set it.
    pub set_by: String,
    /// When.
    pub set_at: String,
}

/// The limits as the limits page shows them.
#[utoipa::path(get, path = "/limits", tag = "limits", params(Shown), responses((status = 200, description = "The rows of the limits page.", body = Vec<Object>)))]
pub async fn list(State(admin): State<Arc<Admin>>, Query(shown): Query<Shown>) -> Json<Vec<table::Row>> {
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

/// Where a user stands in each limit.
#[utoipa::path(get, path = "/users/{name}/limits", tag = "users", params(("name" = String, Path, description = "The user's name.")), responses(
    (status = 200, description = "One row a limit.", body = Vec<StandingRow>),
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
    Ok(Json(standing::of_user(
        &admin.engine,
        &admin.engine.current.load(),
        &caller,
        admin.engine.clock.now(),
    )))
}

/// The quotas by hand of a limit.
#[utoipa::path(get, path = "/limits/{limit}/overrides", tag = "limits", params(("limit" = String, Path, description = "The limit.")), responses(
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

/// The quotas by hand of all limits, by limit and whom they are for.
#[utoipa::path(get, path = "/overrides", tag = "limits", responses((status = 200, description = "The overrides.", body = Vec<OverrideRow>)))]
pub async fn all_overrides(State(admin): State<Arc<Admin>>) -> Result<Json<Vec<OverrideRow>>, Problem> {
    let now_ms = admin.now_ms();
    let rows = admin.accounts.overrides().await?.into_iter();
    let in_force = rows.filter(|row| row.until_ms.is_none_or(|until_ms| until_ms > now_ms));
    Ok(Json(in_force.map(OverrideRow::from).collect()))
}

/// Sets a quota by hand, in force at the next decision; no count is touched.
#[utoipa::path(put, path = "/limits/{limit}/overrides", tag = "limits", params(("limit" = String, Path, description = "The limit.")),
    request_body = OverrideSet, responses(
    (status = 204, description = "It is in force."),
    (status = 404, description = "There is no such limit, user or tenant.", body = Problem),
    (status = 422, description = "Something is not accepted.", body = Problem),
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

/// Ends a quota by hand.
#[utoipa::path(delete, path = "/limits/{limit}/overrides", tag = "limits", params(("limit" = String, Path, description = "The limit."), OverrideUnset), responses(
    (status = 204, description = "It is ended."),
    (status = 404, description = "There was none.", body = Problem),
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
    /// The largest quota that the limit of a name may have, or the problem that there is none, with the nearest name.
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

    /// Whether the limits file speaks for the name, so that our accounts need not know it: it has a table of the tenant,
    /// or an issuer or a proxy that gives such names.
    fn is_declared(&self, scope: &OverrideScope) -> bool {
        let is_tenant = matches!(scope, OverrideScope::Tenant(name) if self.has_tenant_table(name));
        let snapshot = self.engine.current.load();
        let mut sources = snapshot.policy.pages.iter().flat_map(|page| &page.identity.sources);
        is_tenant || sources.any(|source| source.names(scope.name()))
    }

    /// Whether the limits file has a table of this tenant.
    pub(super) fn has_tenant_table(&self, name: &str) -> bool {
        self.engine.current.load().policy.tenants.named(name).is_some()
    }

    /// Puts the overrides that the database holds in force. The caller holds the turn, so that of two changes at
    /// once the later one's state is the one that stays.
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
