//! A payload limit for a test.

use std::sync::Arc;

use crate::{
    limit::Who,
    overrides::Origin,
    payload::{Bounded, PayloadKind, PayloadLimit},
};

/// A [`PayloadLimit`] under construction.
#[derive(Clone, Debug)]
pub struct PayloadLimitBuilder(PayloadLimit);

/// Begins a limit on everybody's requests, enforced, by the name of its kind.
pub fn payload_limit(kind: PayloadKind, quota: u32) -> PayloadLimitBuilder {
    PayloadLimitBuilder(PayloadLimit {
        name: kind.as_str().into(),
        who: Who::Everyone,
        kind,
        quota,
        shadow: false,
        hint: None,
        plans: Vec::new(),
        tenants: Default::default(),
    })
}

impl PayloadLimitBuilder {
    /// Says whether it only counts.
    pub fn shadow(mut self, shadow: bool) -> PayloadLimitBuilder {
        self.0.shadow = shadow;
        self
    }

    /// Ends the construction.
    pub fn build(self) -> PayloadLimit {
        self.0
    }

    /// Ends the construction, for a caller who has the limit's own quota.
    pub fn bounded(self) -> Bounded {
        Bounded {
            quota: self.0.quota,
            limit: Arc::new(self.0),
            origin: Origin::Limit,
        }
    }
}
