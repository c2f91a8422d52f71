//! Quotas by hand: what staff set for one tenant or one user, over plan and limit.

use std::{collections::HashMap, sync::Arc};

use crate::{
    identity::Known,
    limit::{Limit, Part, Quantity},
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
    /// The caller's plan.
    Plan(Arc<str>),
    /// An override of their tenant.
    Tenant(Arc<str>),
    /// An override of the user.
    User(Arc<str>),
}

/// A limit's quantity for one caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effective {
    /// How much, for this caller.
    pub quantity: Quantity,
    /// Where that comes from.
    pub origin: Origin,
}

/// The quantity in force for a caller: user over tenant over plan over limit.
pub fn effective(limit: &Limit, known: Option<&Known>, overrides: &Overrides, wall_ms: i64) -> Effective {
    let Some(known) = known else {
        return Effective {
            quantity: limit.quantity,
            origin: Origin::Limit,
        };
    };
    let token = if limit.counts_by(&Part::App) {
        known.app.as_ref().unwrap_or(&known.token)
    } else {
        &known.token
    };
    if let Some(quota) = live(&overrides.users, &limit.name, &token.subject, wall_ms) {
        return Effective {
            quantity: limit.quantity.with_quota(quota),
            origin: Origin::User(token.subject.clone()),
        };
    }
    if let Some(quota) = live(&overrides.tenants, &limit.name, &token.tenant, wall_ms) {
        return Effective {
            quantity: limit.quantity.with_quota(quota),
            origin: Origin::Tenant(token.tenant.clone()),
        };
    }
    let plan = token
        .plan
        .as_ref()
        .and_then(|plan| limit.plans.iter().find(|(name, _)| name == plan));
    match plan {
        Some((plan, quota)) => Effective {
            quantity: limit.quantity.with_quota(*quota),
            origin: Origin::Plan(plan.clone()),
        },
        None => Effective {
            quantity: limit.quantity,
            origin: Origin::Limit,
        },
    }
}

fn live(map: &HashMap<Arc<str>, HashMap<Arc<str>, Override>>, limit: &str, name: &str, wall_ms: i64) -> Option<u32> {
    let found = map.get(limit)?.get(name)?;
    found
        .until_ms
        .is_none_or(|until| wall_ms < until)
        .then_some(found.quota)
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
            Origin::Tenant(name) => write!(f, "tenant {name}"),
            Origin::User(name) => write!(f, "user {name}"),
        }
    }
}

#[cfg(test)]
mod tests;
