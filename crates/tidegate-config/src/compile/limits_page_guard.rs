//! The limits pages' own guard (docs/semantics.md rule 15): in every policy, named and tunable like any other limit.

use std::time::Duration;

use tidegate_core::{
    limit::{CountsAt, Limit, OnStoreLoss, Part, Quantity, Who},
    policy::LimitIndex,
};

use super::{Draft, DraftLimit};

/// The guard's name; a `[limit.limits-pages-per-ip]` table replaces it.
pub const NAME: &str = "limits-pages-per-ip";

/// Calls a minute and address.
const PER_MINUTE: u32 = 60;

/// The guard that a page wrote, or the one that every policy has.
pub fn find_or_add(draft: &mut Draft) -> LimitIndex {
    if let Some(index) = draft.limit_named(NAME) {
        return index;
    }
    draft.limits.push(DraftLimit {
        limit: usual(),
        location: None,
    });
    LimitIndex(draft.limits.len() - 1)
}

fn usual() -> Limit {
    Limit {
        name: NAME.into(),
        who: Who::Everyone,
        per: vec![Part::Ip],
        quantity: Quantity::Rate {
            quota: PER_MINUTE,
            burst: PER_MINUTE,
            window: Duration::from_secs(60),
        },
        within: None,
        counts_at: CountsAt::Edge,
        on_store_loss: OnStoreLoss::LocalShare,
        shadow: false,
        hint: Some("Every answer carries RateLimit fields, so there is no need to poll these pages.".into()),
        plans: Vec::new(),
        tenants: Default::default(),
    }
}
