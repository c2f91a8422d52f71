//! The quotas of plans.

use tidegate_core::limit::Who;

use super::{
    Draft,
    limit_names::{self, Names},
    quantity,
};
use crate::{
    diagnostics::{Fault, Report},
    parsed_file::ParsedFile,
};

/// Gives the limits their plans' quotas.
pub fn compile(files: &[ParsedFile], names: &Names, draft: &mut Draft, report: &mut Report) {
    for (plan, at) in files
        .iter()
        .filter_map(|file| file.text.plan.as_ref())
        .flat_map(|plans| &plans.value.0)
    {
        limit_names::check_account(plan, "plan", &at.location, report);
        for (limit, quota) in at.value.limit.iter().flat_map(|limits| &limits.value.0) {
            if !names.require(limit, &quota.location, report) {
                continue;
            }
            let Some(limit) = draft.overlay(limit) else {
                continue;
            };
            if limit.plans.iter().any(|(other, _)| **other == **plan) {
                let wrong = format!("the plan `{plan}` already has a quota for `{}`", limit.name);
                report.error(&quota.location, Fault::new(wrong, "remove one of the two"));
            }
            if limit.who == Who::Anonymous && !is_of_an_instance(files, plan) {
                report.warn(
                    &quota.location,
                    Fault::new(
                        "an anonymous caller has no plan",
                        "remove it, or name a limit for known callers",
                    ),
                );
            }
            let most = limit.most;
            if quota.value.to_u32() > most {
                let wrong = quantity::too_large(quota.value.to_u32());
                report.error(&quota.location, Fault::new(wrong, format!("write at most {most}")));
            }
            limit.plans.push((plan.as_str().into(), quota.value.to_u32()));
        }
    }
}

/// Is true when a tenant with hosts has the plan, which then is everybody's there.
fn is_of_an_instance(files: &[ParsedFile], plan: &str) -> bool {
    let tenants = files.iter().filter_map(|file| file.text.tenant.as_ref());
    tenants
        .flat_map(|tenants| &tenants.value.0)
        .any(|(_, at)| at.value.hosts.is_some() && at.value.plan.as_ref().is_some_and(|at| at.value == plan))
}
