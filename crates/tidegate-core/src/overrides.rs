//! Quotas by hand: what staff set for one tenant or one user; and which of all quotas is in force for whom.

use std::{collections::HashMap, sync::Arc};

use crate::{
    identity::{Known, Token, TokenKind},
    limit::{Limit, Part, Quantity},
    tenant::{Own, OwnAmount},
};

/// All overrides in force, by limit and name.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    users: HashMap<Arc<str>, HashMap<Arc<str>, Override>>,
    tenants: HashMap<Arc<str>, HashMap<Arc<str>, Override>>,
}

/// One quota by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Override {
    /// The quota in force; the burst scales with it.
    pub quota: u32,
    /// When it ends by itself, in Unix milliseconds.
    pub until_ms: Option<i64>,
}

/// Where an effective quota comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The limit itself.
    Limit,
    /// The caller's plan, or that of their tenant.
    Plan(Arc<str>),
    /// Their tenant's table in the limits file.
    TenantTable(Arc<str>),
    /// An override of their tenant, by hand.
    Tenant(Arc<str>),
    /// An override of the user, by hand.
    User(Arc<str>),
}

/// What a limit admits for one caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effective {
    /// How much, for this caller.
    pub quantity: Quantity,
    /// Where that comes from.
    pub origin: Origin,
    /// How many live sub-keys a parent may have, where their tenant's table says so.
    pub subkeys_max: Option<u32>,
    /// When the quantity ends by itself, in Unix milliseconds.
    pub until_ms: Option<i64>,
}

/// The quantity in force for a caller: user over tenant by hand over the tenant's table over plan over limit.
///
/// `instance` is the tenant whose leased instance was asked. Somebody with an account brings their tenant along; of
/// everybody else the host alone says whose they are.
pub fn effective(
    limit: &Limit,
    known: Option<&Known>,
    instance: Option<&Arc<str>>,
    overrides: &Overrides,
    wall_ms: i64,
) -> Effective {
    let token = known.map(|known| match &known.app {
        Some(app) if limit.counts_by(&Part::App) => app,
        _ => &known.token,
    });
    let tenant = match (token, instance) {
        (Some(token), Some(instance)) if token.kind == TokenKind::Opaque => Some(instance),
        (Some(token), _) => Some(&token.tenant),
        (None, instance) => instance,
    };
    let own = tenant.and_then(|tenant| limit.tenants.get(tenant));
    let by_hand = by_hand(limit, token.map(|token| &**token), tenant, overrides, wall_ms);
    let until_ms = by_hand.as_ref().and_then(|(found, _)| found.until_ms);
    let (quantity, origin) = match by_hand {
        Some((found, origin)) => (limit.quantity.with_quota(found.quota), origin),
        None => quantity(limit, token.map(|token| &**token), tenant, own),
    };
    Effective {
        quantity,
        origin,
        until_ms,
        subkeys_max: own.and_then(|own| own.subkeys_max),
    }
}

/// The strongest word about a quota: read from the top, the first one counts. Those by hand stand above all others.
fn by_hand(
    limit: &Limit,
    token: Option<&Token>,
    tenant: Option<&Arc<str>>,
    overrides: &Overrides,
    wall_ms: i64,
) -> Option<(Override, Origin)> {
    if let Some(token) = token
        && let Some(found) = live(&overrides.users, &limit.name, &token.subject, wall_ms)
    {
        return Some((found, Origin::User(token.subject.clone())));
    }
    let tenant = tenant?;
    let found = live(&overrides.tenants, &limit.name, tenant, wall_ms)?;
    Some((found, Origin::Tenant(tenant.clone())))
}

fn quantity(limit: &Limit, token: Option<&Token>, tenant: Option<&Arc<str>>, own: Option<&Own>) -> (Quantity, Origin) {
    let with = |quota| limit.quantity.with_quota(quota);
    if let Some(tenant) = tenant
        && let Some(OwnAmount { quota, burst }) = own.and_then(|own| own.amount)
    {
        let scaled = with(quota);
        let quantity = burst.map_or(scaled, |burst| scaled.with_burst(burst));
        return (quantity, Origin::TenantTable(tenant.clone()));
    }
    let of_user = token
        .and_then(|token| token.plan.as_ref())
        .and_then(|plan| limit.plans.iter().find(|(name, _)| name == plan));
    match of_user.or(own.and_then(|own| own.plan.as_ref())) {
        Some((plan, quota)) => (with(*quota), Origin::Plan(plan.clone())),
        None => (limit.quantity, Origin::Limit),
    }
}

fn live(
    map: &HashMap<Arc<str>, HashMap<Arc<str>, Override>>,
    limit: &str,
    name: &str,
    wall_ms: i64,
) -> Option<Override> {
    let found = map.get(limit)?.get(name)?;
    found.until_ms.is_none_or(|until| wall_ms < until).then_some(*found)
}

// === impl Overrides ===

impl Overrides {
    /// Adds one for a user.
    pub fn set_user(&mut self, limit: &str, user: &str, value: Override) {
        self.users.entry(limit.into()).or_default().insert(user.into(), value);
    }

    /// Adds one for a tenant.
    pub fn set_tenant(&mut self, limit: &str, tenant: &str, value: Override) {
        self.tenants
            .entry(limit.into())
            .or_default()
            .insert(tenant.into(), value);
    }
}

// === impl Origin ===

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Origin::Limit => f.write_str("limit"),
            Origin::Plan(name) => write!(f, "plan {name}"),
            Origin::TenantTable(name) => write!(f, "tenant {name} (limits file)"),
            Origin::Tenant(name) => write!(f, "tenant {name}"),
            Origin::User(name) => write!(f, "user {name}"),
        }
    }
}

#[cfg(test)]
mod tests;
