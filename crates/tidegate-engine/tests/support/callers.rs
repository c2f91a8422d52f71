//! An engine with one limit per tenant or user, and callers who ask it.

use std::{net::Ipv4Addr, time::Duration};

use http::HeaderMap;
use tidegate_core::{
    identity::Identity,
    limit::{Part, Quantity},
    limit_check::Caller,
    overrides::Overrides,
    testing,
    time::Now,
};
use tidegate_engine::{
    clock::Clock,
    engine::{Admission, Bounds, Engine},
    snapshot::Current,
};

/// With this limit, by tenant.
pub fn engine(quantity: Quantity, cells_max: usize) -> Engine {
    let calls = testing::limit("calls").known().per(&[Part::Tenant]).quantity(quantity);
    let policy = testing::policy().limits(vec![calls.build()]).build();
    let bounds = Bounds {
        cells_max,
        leases_max: 1,
        sockets_max: 1,
    };
    let current = Current::new(policy, Overrides::default());
    Engine::new(Clock::manual(1_700_000_000_000), current, [5; 16], bounds)
}

/// A user of a tenant.
pub fn known(user: &str, tenant: &str) -> Identity {
    testing::token(user).tenant(tenant).known()
}

/// Whether one request is admitted; how long to wait, where it is not.
pub fn admitted(engine: &Engine, identity: &Identity, now: Now) -> Result<(), Duration> {
    let snapshot = engine.current.load();
    let headers = HeaderMap::new();
    let caller = Caller {
        identity,
        client: Ipv4Addr::LOCALHOST.into(),
        headers: &headers,
        instance: None,
        counts_whoever: false,
    };
    match engine.admit(snapshot.policy.limits.iter(), &snapshot, &caller, now, None) {
        Admission::Admitted(_) => Ok(()),
        Admission::Rejected { over, .. } => Err(over.worst.wait.retry_after().expect("one unit always fits")),
        _ => panic!("nothing here is held"),
    }
}
