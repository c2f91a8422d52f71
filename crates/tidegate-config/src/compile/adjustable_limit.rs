//! The limits, of either kind, to which plans and tenants may give another quota.

use std::{collections::HashMap, sync::Arc};

use tidegate_core::{
    limit::{Quantity, Who},
    tenant::Own,
};

use super::{Draft, DraftLimit, DraftPayload};

/// A drafted limit, as far as its quota may be another one.
pub struct Overlay<'d> {
    /// The limit's name.
    pub name: Arc<str>,
    /// The callers whose calls count.
    pub who: Who,
    /// The largest quota it may have.
    pub most: u32,
    /// The limit has a burst.
    pub bursts: bool,
    /// Callers choose what divides its count.
    pub has_subkeys: bool,
    /// Quotas of plans.
    pub plans: &'d mut Vec<(Arc<str>, u32)>,
    /// The quotas of tenants.
    pub tenants: &'d mut HashMap<Arc<str>, Own>,
}

impl Draft {
    /// Returns all adjustable limits.
    pub fn overlays(&mut self) -> impl Iterator<Item = Overlay<'_>> {
        let limits = self.limits.iter_mut().map(|DraftLimit { limit, .. }| Overlay {
            name: limit.name.clone(),
            who: limit.who,
            most: limit.quantity.quota_max(),
            bursts: matches!(limit.quantity, Quantity::Rate { .. }),
            has_subkeys: limit.within.is_some(),
            plans: &mut limit.plans,
            tenants: &mut limit.tenants,
        });
        let shapes = self
            .payload_limits
            .iter_mut()
            .map(|DraftPayload { limit, .. }| Overlay {
                name: limit.name.clone(),
                who: limit.who,
                most: u32::MAX,
                bursts: false,
                has_subkeys: false,
                plans: &mut limit.plans,
                tenants: &mut limit.tenants,
            });
        limits.chain(shapes)
    }

    /// Returns the adjustable limit of a name.
    pub fn overlay(&mut self, name: &str) -> Option<Overlay<'_>> {
        self.overlays().find(|overlay| &*overlay.name == name)
    }
}
