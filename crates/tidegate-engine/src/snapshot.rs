//! The snapshot in force: policy and overrides, swapped whole.

use std::sync::Arc;

use arc_swap::ArcSwap;
use tidegate_core::{overrides::Overrides, policy::Policy, route::RouteTable};

/// One consistent view, held by a request from its first to its last decision.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The compiled policy.
    pub policy: Arc<Policy>,
    /// The policy's routes, in the order in which a request is tried against them.
    pub routes: Arc<RouteTable>,
    /// The quotas by hand.
    pub overrides: Arc<Overrides>,
}

/// The running snapshot. A change is one swap; nothing is ever half applied, and no cell is touched.
#[derive(Debug)]
pub struct Current(ArcSwap<Snapshot>);

impl Current {
    /// Makes the first snapshot, of a policy and its overrides.
    pub fn new(policy: Policy, overrides: Overrides) -> Current {
        Current(ArcSwap::from_pointee(Snapshot {
            routes: Arc::new(RouteTable::new(&policy.routes)),
            policy: Arc::new(policy),
            overrides: Arc::new(overrides),
        }))
    }

    /// Returns the snapshot in force.
    pub fn load(&self) -> Arc<Snapshot> {
        self.0.load_full()
    }

    /// Puts other overrides in force, from the next decision on.
    pub fn set_overrides(&self, overrides: Overrides) {
        let overrides = Arc::new(overrides);
        self.0.rcu(|now| Snapshot {
            policy: now.policy.clone(),
            routes: now.routes.clone(),
            overrides: overrides.clone(),
        });
    }

    /// Puts another policy in force, from the next decision on. Cells are found by limit name, so no count is lost.
    pub fn set_policy(&self, policy: Policy) {
        let routes = Arc::new(RouteTable::new(&policy.routes));
        let policy = Arc::new(policy);
        self.0.rcu(|now| Snapshot {
            policy: policy.clone(),
            routes: routes.clone(),
            overrides: now.overrides.clone(),
        });
    }
}
