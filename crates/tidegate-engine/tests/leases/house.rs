//! An engine with limits on slots and rates, and callers of it.

use std::time::Duration;

use http::HeaderMap;
use tidegate_core::{
    cell::Standing,
    identity::Identity,
    limit::{Limit, Part, Quantity},
    limit_check::Caller,
    overrides::{Override, Overrides},
    partition::CellId,
    refusal::OverLimit,
    testing,
};
use tidegate_engine::{
    clock::Clock,
    engine::{Admission, Bounds, Engine},
    snapshot::Current,
    sockets::{SocketEntry, SocketFacts},
    ticket::Ticket,
};

pub const CLIENT: &str = "192.0.2.1";

pub fn limit(name: &str, per: &[Part], quantity: Quantity) -> Limit {
    testing::limit(name).known().per(per).quantity(quantity).build()
}

pub fn slots(quota: u32) -> Limit {
    limit("websockets-per-user", &[Part::User], Quantity::Slots { quota })
}

pub fn connects(quota: u32) -> Limit {
    let window = Duration::from_secs(60);
    limit(
        "connects-per-user",
        &[Part::User],
        Quantity::Rate {
            quota,
            burst: quota,
            window,
        },
    )
}

pub fn bounded(limits: Vec<Limit>, bounds: Bounds) -> Engine {
    let policy = testing::policy().limits(limits).build();
    let current = Current::new(policy, Overrides::default());
    Engine::new(Clock::manual(1_700_000_000_000), current, [9; 16], bounds)
}

pub fn engine(limits: Vec<Limit>) -> Engine {
    let bounds = Bounds {
        cells_max: 6_400,
        leases_max: 1_000,
        sockets_max: 1_000,
    };
    bounded(limits, bounds)
}

/// A user by one of their tokens.
pub fn user(name: &str, token: &str) -> Identity {
    testing::token(name).id(token).known()
}

pub fn ann() -> Identity {
    user("ann", "t1")
}

pub fn admit(engine: &Engine, identity: &Identity) -> Admission {
    let headers = HeaderMap::new();
    let caller = Caller {
        identity,
        client: CLIENT.parse().unwrap(),
        headers: &headers,
        instance: None,
        counts_whoever: false,
    };
    let snapshot = engine.current.load();
    engine.admit(
        snapshot.policy.limits.iter(),
        &snapshot,
        &caller,
        engine.clock.now(),
        None,
    )
}

pub fn ticket(engine: &Engine, identity: &Identity) -> Option<Ticket> {
    match admit(engine, identity) {
        Admission::Admitted(ticket) => Some(ticket),
        Admission::Rejected { .. } | Admission::NoCapacity => None,
    }
}

pub fn refusal(engine: &Engine, identity: &Identity) -> (OverLimit, Vec<CellId>) {
    match admit(engine, identity) {
        Admission::Rejected { over, cells, .. } => (over, cells),
        other => panic!("not refused by a limit: {other:?}"),
    }
}

/// A whole handshake: a verdict, and the socket listed with its lease.
pub fn open(engine: &Engine, identity: &Identity) -> Option<SocketEntry> {
    let lease = ticket(engine, identity)?.into_lease();
    let known = identity.known()?;
    let about = SocketFacts {
        subject: known.token.subject.clone(),
        user: Some(known.token.user.clone()),
        token_ends_ms: None,
        token: Some(known.token.id.clone()),
        tenant: Some(known.token.tenant.clone()),
        peer: CLIENT.parse().unwrap(),
        route: "socket".into(),
    };
    engine.sockets.register(about, lease, engine.clock.now()).ok()
}

/// Where the caller stands in each limit, in the policy's order.
pub fn standings(engine: &Engine, identity: &Identity) -> Vec<Standing> {
    let headers = HeaderMap::new();
    let caller = Caller {
        identity,
        client: CLIENT.parse().unwrap(),
        headers: &headers,
        instance: None,
        counts_whoever: false,
    };
    let snapshot = engine.current.load();
    let found = engine.standings(&snapshot.policy.limits, &snapshot, &caller, engine.clock.now());
    found.into_iter().map(|(_, outcome)| outcome.standing).collect()
}

pub fn used(engine: &Engine, identity: &Identity) -> Vec<u64> {
    standings(engine, identity)
        .into_iter()
        .map(|standing| standing.used)
        .collect()
}

pub fn overridden(engine: &Engine, quota: u32) {
    let mut overrides = Overrides::default();
    let until_ms = None;
    overrides.set_user("websockets-per-user", "ann", Override { quota, until_ms });
    engine.current.set_overrides(overrides);
}
