//! Quotas by hand: what staff set for one tenant or one user; and which of all quotas is in force for whom.

use std::{collections::HashMap, sync::Arc};

use crate::{
    identity::{Known, Token, TokenKind},
    limit::{Limit, Part, Quantity},
    tenant::{OwnAmount, Terms},
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
    /// The time at which it ends by itself, in Unix milliseconds.
    pub until_ms: Option<i64>,
}

/// The origin of an effective quota.
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

/// The quantity that a limit admits for one caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effective {
    /// The amount for this caller.
    pub quantity: Quantity,
    /// The origin of that quota.
    pub origin: Origin,
    /// The most live sub-keys a parent may have, where their tenant's table says so.
    pub subkeys_max: Option<u32>,
    /// The time at which the quantity ends by itself, in Unix milliseconds.
    pub until_ms: Option<i64>,
}

/// A quota in the place of the limit's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// The amount.
    pub amount: OwnAmount,
    /// The origin of the override.
    pub origin: Origin,
    /// The time at which it ends by itself, in Unix milliseconds.
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
    let token = token.map(|token| &**token);
    let (quantity, origin, until_ms) = match given(&limit.terms(), token, instance, overrides, wall_ms) {
        Some(Given {
            amount: OwnAmount { quota, burst },
            origin,
            until_ms,
        }) => {
            let scaled = limit.quantity.with_quota(quota);
            let quantity = burst.map_or(scaled, |burst| scaled.with_burst(burst));
            (quantity, origin, until_ms)
        }
        None => (limit.quantity, Origin::Limit, None),
    };
    let own = tenant_of(token, instance).and_then(|tenant| limit.tenants.get(tenant));
    Effective {
        quantity,
        origin,
        until_ms,
        subkeys_max: own.and_then(|own| own.subkeys_max),
    }
}

fn tenant_of<'a>(token: Option<&'a Token>, instance: Option<&'a Arc<str>>) -> Option<&'a Arc<str>> {
    match (token, instance) {
        (Some(token), Some(instance)) if token.kind == TokenKind::Opaque => Some(instance),
        (Some(token), _) => Some(&token.tenant),
        (None, instance) => instance,
    }
}

/// The strongest word about a quota: read from the top, the first one counts. Those by hand stand above all others.
/// `None`: nobody gives one, and the limit's own is in force.
pub fn given(
    terms: &Terms<'_>,
    token: Option<&Token>,
    instance: Option<&Arc<str>>,
    overrides: &Overrides,
    wall_ms: i64,
) -> Option<Given> {
    let by_hand = |found: Override, origin| Given {
        amount: OwnAmount {
            quota: found.quota,
            burst: None,
        },
        origin,
        until_ms: found.until_ms,
    };
    let tenant = tenant_of(token, instance);
    let own = tenant.and_then(|tenant| terms.tenants.get(tenant));
    if let Some(token) = token
        && let Some(found) = live(&overrides.users, terms.limit, &token.subject, wall_ms)
    {
        return Some(by_hand(found, Origin::User(token.subject.clone())));
    }
    if let Some(tenant) = tenant {
        if let Some(found) = live(&overrides.tenants, terms.limit, tenant, wall_ms) {
            return Some(by_hand(found, Origin::Tenant(tenant.clone())));
        }
        if let Some(amount) = own.and_then(|own| own.amount) {
            return Some(Given {
                amount,
                origin: Origin::TenantTable(tenant.clone()),
                until_ms: None,
            });
        }
    }
    let of_user = token
        .and_then(|token| token.plan.as_ref())
        .and_then(|plan| terms.plans.iter().find(|(name, _)| name == plan));
    let (plan, quota) = of_user.or(own.and_then(|own| own.plan.as_ref()))?;
    Some(Given {
        amount: OwnAmount {
            quota: *quota,
            burst: None,
        },
        origin: Origin::Plan(plan.clone()),
        until_ms: None,
    })
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
