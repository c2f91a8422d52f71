//! A limit for a test.

use std::time::Duration;

use crate::limit::{CountsAt, Limit, OnStoreLoss, Part, Quantity, Who, Within};

/// A [`Limit`] under construction.
#[derive(Clone, Debug)]
pub struct LimitBuilder(Limit);

/// Begins a limit on everybody together: 100 a minute, at the edge, enforced.
pub fn limit(name: &str) -> LimitBuilder {
    LimitBuilder(Limit {
        name: name.into(),
        who: Who::Everyone,
        per: Vec::new(),
        quantity: Quantity::Rate {
            quota: 100,
            burst: 100,
            window: Duration::from_secs(60),
        },
        within: None,
        counts_at: CountsAt::Edge,
        on_store_loss: OnStoreLoss::Allow,
        shadow: false,
        hint: None,
        plans: Vec::new(),
        tenants: Default::default(),
    })
}

impl LimitBuilder {
    /// Counts these callers' requests.
    pub fn who(mut self, who: Who) -> LimitBuilder {
        self.0.who = who;
        self
    }

    /// Counts the requests of those with a valid credential.
    pub fn known(self) -> LimitBuilder {
        self.who(Who::Known)
    }

    /// Divides the count by these parts.
    pub fn per(mut self, parts: &[Part]) -> LimitBuilder {
        self.0.per = parts.to_vec();
        self
    }

    /// Counts each user with a valid credential apart.
    pub fn per_user(self) -> LimitBuilder {
        self.known().per(&[Part::User])
    }

    /// Counts each client address apart.
    pub fn per_ip(self) -> LimitBuilder {
        self.per(&[Part::Ip])
    }

    /// Admits so much.
    pub fn quantity(mut self, quantity: Quantity) -> LimitBuilder {
        self.0.quantity = quantity;
        self
    }

    /// Admits `quota` units in so many seconds, all of them at once from idle.
    pub fn rate(self, quota: u32, seconds: u64) -> LimitBuilder {
        self.quantity(Quantity::Rate {
            quota,
            burst: quota,
            window: Duration::from_secs(seconds),
        })
    }

    /// Admits so many units from idle; only a rate has a burst.
    pub fn burst(mut self, burst: u32) -> LimitBuilder {
        self.0.quantity = self.0.quantity.with_burst(burst);
        self
    }

    /// Admits so many open at once.
    pub fn slots(self, quota: u32) -> LimitBuilder {
        self.quantity(Quantity::Slots { quota })
    }

    /// Caps the live sub-keys of a parent.
    pub fn within(mut self, within: Within) -> LimitBuilder {
        self.0.within = Some(within);
        self
    }

    /// Says whether it only counts.
    pub fn shadow(mut self, shadow: bool) -> LimitBuilder {
        self.0.shadow = shadow;
        self
    }

    /// Says in refusals how to avoid them.
    pub fn hint(mut self, hint: &str) -> LimitBuilder {
        self.0.hint = Some(hint.into());
        self
    }

    /// Gives a plan another quota.
    pub fn plan(mut self, plan: &str, quota: u32) -> LimitBuilder {
        self.0.plans.push((plan.into(), quota));
        self
    }

    /// Ends the construction.
    pub fn build(self) -> Limit {
        self.0
    }
}
