//! An engine with one limit per tenant or user, and callers who ask it.

use std::{net::Ipv4Addr, sync::Arc, time::Duration};

use http::HeaderMap;
use tidegate_core::{
    identity::{Grants, Identity, Known, Token, TokenKind},
    limit::{CountsAt, Limit, OnStoreLoss, Part, Quantity, Who},
    limit_check::Caller,
    overrides::Overrides,
    policy::{LimitIndex, Policy},
    time::Now,
};
use tidegate_engine::{
    clock::Clock,
    engine::{Admission, Bounds, Engine},
    snapshot::Current,
};

/// With this limit, by tenant.
pub fn engine(quantity: Quantity, cells_max: usize) -> Engine {
    let policy = Policy {
        tenants: Default::default(),
        pages: vec![],
        routes: vec![],
        limits: vec![Limit {
            name: "calls".into(),
            who: Who::Known,
            per: vec![Part::Tenant],
            quantity,
            within: None,
            counts_at: CountsAt::Edge,
            on_store_loss: OnStoreLoss::Allow,
            shadow: false,
            hint: None,
            plans: vec![],
            tenants: Default::default(),
        }],
        unmatched: None,
        guard: LimitIndex(0),
        pages_prefix: "/limits".into(),
        pages_login: Vec::new(),
        payload_limits: Vec::new(),
        trust: None,
    };
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
    let token = Token {
        id: user.into(),
        kind: TokenKind::Personal,
        subject: user.into(),
        user: user.into(),
        tenant: tenant.into(),
        plan: None,
        grants: Grants::All,
        expires_ms: None,
    };
    Identity::Known(Known {
        token: Arc::new(token),
        app: None,
    })
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
