//! A tenant as the limits file knows it: the hosts of its leased instance, its plan, and what it has of a limit.

use std::{borrow::Cow, collections::HashMap, sync::Arc};

/// The tenants that have a table in the limits file, found by name and by host.
#[derive(Clone, Debug, Default)]
pub struct Tenants {
    list: Vec<Tenant>,
    names: HashMap<Arc<str>, usize>,
    hosts: HashMap<Arc<str>, usize>,
}

/// One tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    /// Its name, as the accounts know it.
    pub name: Arc<str>,
    /// The host names of its leased instance, as [`host_name`] writes them; none: it has no instance of its own.
    pub hosts: Vec<Arc<str>>,
    /// The plan it bought: the plan of its callers whose user has none.
    pub plan: Option<Arc<str>>,
}

/// A tenant's own quota of one limit, instead of the limit's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Own {
    /// From its own table.
    pub amount: Option<OwnAmount>,
    /// From its own table: how many live sub-keys one parent may have.
    pub subkeys_max: Option<u32>,
    /// From the plan of the tenant: the plan's name, and its quota.
    pub plan: Option<(Arc<str>, u32)>,
}

/// A quota that a tenant's table gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnAmount {
    /// Units per window, or at once; at least 1.
    pub quota: u32,
    /// Units from idle, where they do not scale with the quota.
    pub burst: Option<u32>,
}

/// The terms that may give a limit of any kind another quota.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'l> {
    /// The limit's name.
    pub limit: &'l str,
    /// Quotas of plans.
    pub plans: &'l [(Arc<str>, u32)],
    /// The tenants' own quotas.
    pub tenants: &'l HashMap<Arc<str>, Own>,
}

// === impl Tenants ===

impl Tenants {
    /// Adds one. Of a name or host that is there already, the later one counts.
    pub fn add(&mut self, tenant: Tenant) {
        let index = self.list.len();
        self.names.insert(tenant.name.clone(), index);
        self.hosts.extend(tenant.hosts.iter().map(|host| (host.clone(), index)));
        self.list.push(tenant);
    }

    /// The tenant of a name.
    pub fn named(&self, name: &str) -> Option<&Tenant> {
        self.list.get(*self.names.get(name)?)
    }

    /// The tenant whose leased instance a Host field names.
    pub fn at_host(&self, field: &str) -> Option<&Tenant> {
        // Most gates have none, and need not look.
        if self.hosts.is_empty() {
            return None;
        }
        self.list.get(*self.hosts.get(&*host_name(field))?)
    }

    /// All of them, in the order of the files.
    pub fn iter(&self) -> impl Iterator<Item = &Tenant> {
        self.list.iter()
    }
}

/// A host in the one form that is compared: without port, without the dot that ends a full name, in lower case (names of
/// hosts have no case, RFC 9110 4.2.3).
pub fn host_name(field: &str) -> Cow<'_, str> {
    let name = match field.rfind(':') {
        // The colons of an IPv6 address stand in brackets, and what follows the last one within them is no port.
        Some(at) if !field[at..].contains(']') => &field[..at],
        _ => field,
    };
    let name = name.strip_suffix('.').unwrap_or(name);
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(name.to_ascii_lowercase())
    } else {
        Cow::Borrowed(name)
    }
}

#[cfg(test)]
mod tests;
