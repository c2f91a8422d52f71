//! The tenants: the hosts of their instances, their plan, and quotas over those of plan and limit.

use std::sync::Arc;

use tidegate_core::{
    limit::Who,
    tenant::{Own, OwnAmount, Tenant, Tenants, host_name},
};

use super::{
    Draft,
    adjustable_limit::Overlay,
    limit_names::{self, Names},
    quantity,
};
use crate::{
    diagnostics::{Fault, Report},
    location::{Located, Location},
    parsed_file::ParsedFile,
    sections::tenant::{TenantLimitText, TenantText},
    suggest::instead_of,
};

/// Bytes of a host name (RFC 1035 2.3.4).
const HOST_BYTES_MAX: usize = 253;

/// Gives the limits what tenants have of them, and collects the tenants. Plans are in the draft by now.
pub fn compile(files: &[ParsedFile], names: &Names, draft: &mut Draft, report: &mut Report) -> Tenants {
    let mut tenants = Tenants::default();
    for (name, at) in files
        .iter()
        .filter_map(|file| file.text.tenant.as_ref())
        .flat_map(|tenants| &tenants.value.0)
    {
        limit_names::check_account(name, "tenant", &at.location, report);
        if tenants.named(name).is_some() {
            let wrong = format!("`{name}` already has a table in another file");
            report.error(&at.location, Fault::new(wrong, "write one table for each tenant"));
            continue;
        }
        let tenant = Tenant {
            name: name.as_str().into(),
            hosts: hosts(name, &at.value, &tenants, report),
            plan: plan(files, &at.value, report),
        };
        for (limit, own) in at.value.limit.iter().flat_map(|limits| &limits.value.0) {
            if names.require(limit, &own.location, report)
                && let Some(drafted) = draft.overlay(limit)
            {
                of_limit(&tenant, drafted, &own.value.0, &own.location, report);
            }
        }
        for limit in draft.overlays() {
            let quota = limit.plans.iter().find(|(plan, _)| Some(plan) == tenant.plan.as_ref());
            if let Some(quota) = quota.cloned() {
                limit.tenants.entry(tenant.name.clone()).or_default().plan = Some(quota);
            }
        }
        tenants.add(tenant);
    }
    tenants
}

fn hosts(name: &str, text: &TenantText, others: &Tenants, report: &mut Report) -> Vec<Arc<str>> {
    let mut hosts: Vec<Arc<str>> = Vec::new();
    for at in text.hosts.iter().flat_map(|at| &at.value.0) {
        let Some(host) = host(at, report) else { continue };
        if let Some(other) = others.at_host(&host) {
            let wrong = format!("`{host}` is already a host of the tenant `{}`", other.name);
            report.error(&at.location, Fault::new(wrong, "give each host to one tenant"));
        } else if hosts.contains(&host) {
            let wrong = format!("`{host}` is listed twice in the hosts of `{name}`");
            report.error(&at.location, Fault::new(wrong, "remove one of the two"));
        } else {
            hosts.push(host);
        }
    }
    hosts
}

/// A host as it is compared. A port or a pattern would be compared too, and never be met.
fn host(at: &Located<String>, report: &mut Report) -> Option<Arc<str>> {
    let text = at.value.as_str();
    let host = host_name(text);
    let letters = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
    let right = match text {
        _ if text.starts_with("*.") => "list each name: patterns are not supported",
        _ if text.contains("://") || text.contains('/') => "write its name alone, such as `acme.example.com`",
        _ if text.contains(':') => "remove the port: the host is matched on every port",
        _ if host.is_empty() || host.len() > HOST_BYTES_MAX || !host.chars().all(letters) => {
            "write one such as `acme.example.com`"
        }
        _ if host.split('.').any(str::is_empty) => "write one such as `acme.example.com`",
        _ => return Some(host.into()),
    };
    report.error(&at.location, Fault::new(format!("`{text}` is not a host name"), right));
    None
}

fn plan(files: &[ParsedFile], text: &TenantText, report: &mut Report) -> Option<Arc<str>> {
    let at = text.plan.as_ref()?;
    let plans = files.iter().filter_map(|file| file.text.plan.as_ref());
    let names: Vec<&str> = plans.flat_map(|plans| plans.value.names()).collect();
    if !names.contains(&at.value.as_str()) {
        let right = match names.as_slice() {
            [] => format!("add `[plan.{}]`, or remove it", at.value),
            names => instead_of(&at.value, names),
        };
        report.error(
            &at.location,
            Fault::new(format!("there is no plan `{}`", at.value), right),
        );
        return None;
    }
    Some(at.value.as_str().into())
}

fn of_limit(tenant: &Tenant, limit: Overlay<'_>, text: &TenantLimitText, location: &Location, report: &mut Report) {
    if text.written.is_empty() && text.quota.is_none() {
        let right = "write `quota = 200`, `subkeys_max = 100` or both, or remove it";
        report.error(location, Fault::new("is empty", right));
    }
    if limit.who == Who::Anonymous && tenant.hosts.is_empty() {
        let right = "give the tenant its own `hosts`, or remove it";
        report.warn(
            location,
            Fault::new(
                "an anonymous caller belongs to a tenant only at the tenant's own hosts",
                right,
            ),
        );
    }
    let amount = text.quota.as_ref().map(|at| {
        let quota = at.value.to_u32();
        let most = limit.most;
        if quota > most {
            let right = format!("write at most {most}");
            report.error(&at.location, Fault::new(quantity::too_large(quota), right));
        }
        let burst = text.burst.as_ref().map(|at| quantity::burst_of(at, quota, report));
        OwnAmount { quota, burst }
    });
    if let Some(at) = &text.burst {
        let (wrong, right) = match (&text.quota, limit.bursts) {
            (Some(_), true) => ("", ""),
            (None, true) => ("`burst` only applies together with `quota`", "add `quota`"),
            _ => ("`burst` only applies to a `rate`", "remove it"),
        };
        if !wrong.is_empty() {
            report.error(&at.location, Fault::new(wrong, right));
        }
    }
    if let (Some(at), false) = (&text.subkeys_max, limit.has_subkeys) {
        let wrong = format!("`{}` has no `within`, so it has no subkeys", limit.name);
        report.error(
            &at.location,
            Fault::new(wrong, "remove it, or add `within` to the limit"),
        );
    }
    let own = Own {
        amount,
        subkeys_max: text.subkeys_max.as_ref().map(|at| at.value.to_u32()),
        plan: None,
    };
    limit.tenants.insert(tenant.name.clone(), own);
}
