use std::time::Duration;

use http::HeaderMap;
use tidegate_core::{
    limit::{Part, Who, Within},
    overrides::{Override, Overrides},
    policy::Policy,
    refusal::Refusal,
    testing,
    wait::Wait,
};

use super::*;
use crate::refusals::Remembered;

fn limit(name: &str, who: Who, per: &[Part], quota: u32) -> Limit {
    testing::limit(name).who(who).per(per).rate(quota, 60).build()
}

fn engine(limits: Vec<Limit>) -> Engine {
    let policy = testing::policy().limits(limits).build();
    let current = Current::new(policy, Overrides::default());
    Engine::new(
        Clock::manual(1_700_000_000_000),
        current,
        [9; 16],
        Bounds {
            cells_max: 6_400,
            leases_max: 1_000,
            sockets_max: 1_000,
        },
    )
}

fn user(name: &str) -> Identity {
    testing::token(name).id(&format!("token-{name}")).known()
}

const CLIENT: &str = "192.0.2.1";

/// Admits a request with one field under the policy in force, at the clock's time.
fn admit_with(engine: &Engine, identity: &Identity, client: &str, forwarded_for: &str) -> Admission {
    let mut headers = HeaderMap::new();
    headers.insert("x-forwarded-for", forwarded_for.parse().unwrap());
    let caller = Caller {
        identity,
        client: client.parse().unwrap(),
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

fn admits(engine: &Engine, identity: &Identity) -> bool {
    matches!(admit_with(engine, identity, CLIENT, ""), Admission::Admitted(_))
}

fn used(engine: &Engine, identity: &Identity) -> Vec<u64> {
    let headers = HeaderMap::new();
    let caller = Caller {
        identity,
        client: CLIENT.parse().unwrap(),
        headers: &headers,
        instance: None,
        counts_whoever: false,
    };
    let snapshot = engine.current.load();
    engine
        .standings(&snapshot.policy.limits, &snapshot, &caller, engine.clock.now())
        .into_iter()
        .map(|(_, outcome)| outcome.standing.used)
        .collect()
}

/// Remembers a refusal as a door does.
fn remember(engine: &Engine, identity: &Identity, over: OverLimit, cells: Vec<CellId>) {
    let client = CLIENT.parse().unwrap();
    let decision = engine.refusals.next_id(engine.caller(identity, client));
    let refusal = Refusal::OverLimit(over);
    engine.refusals.remember(Remembered {
        decision,
        at_ms: 0,
        user: None,
        client,
        route: None,
        request: "GET /".into(),
        status: 429,
        refusal,
        cells,
    });
}

#[test]
fn admitted_request_carries_the_fields_of_its_limits() {
    let engine = engine(vec![limit("rest-per-user", Who::Known, &[Part::User], 100)]);
    let Admission::Admitted(ticket) = admit_with(&engine, &user("ann"), CLIENT, "") else {
        panic!("refused")
    };
    assert_eq!(ticket.fields().unwrap().limit, "\"rest-per-user\";r=99;t=1");
    let Admission::Admitted(ticket) = admit_with(&engine, &Identity::Anonymous, CLIENT, "") else {
        panic!("refused")
    };
    assert_eq!(ticket.fields(), None);
}

#[test]
fn rejected_request_takes_from_no_limit_and_waiting_it_out_works() {
    let engine = engine(vec![
        limit("wide", Who::Known, &[Part::Tenant], 1_000),
        limit("narrow", Who::Known, &[Part::User], 3),
    ]);
    (0..3).for_each(|_| assert!(admits(&engine, &user("ann"))));
    for _ in 0..50 {
        let Admission::Rejected { over, fields, cells } = admit_with(&engine, &user("ann"), CLIENT, "") else {
            panic!("admitted")
        };
        assert_eq!(
            (&*over.worst.limit, over.worst.wait),
            ("narrow", Wait::Exact(Duration::from_secs(20)))
        );
        assert_eq!(
            (fields.unwrap().limit.to_str().unwrap(), cells.len()),
            ("\"wide\";r=997;t=1, \"narrow\";r=0;t=60", 1)
        );
    }
    assert_eq!(used(&engine, &user("bob")), [3, 0]);
    engine.clock.advance(Duration::from_secs(20) - Duration::from_nanos(1));
    assert!(!admits(&engine, &user("ann")));
    engine.clock.advance(Duration::from_nanos(1));
    assert!(admits(&engine, &user("ann")));
}

#[test]
fn standings_take_nothing() {
    let engine = engine(vec![limit("l", Who::Known, &[Part::User], 3)]);
    (0..10).for_each(|_| assert_eq!(used(&engine, &user("ann")), [0]));
    assert_eq!(engine.occupancy().cells, 0);
}

// fault 10
#[test]
fn override_is_in_force_at_the_next_decision_and_keeps_the_count() {
    let engine = engine(vec![limit("l", Who::Known, &[Part::User], 100)]);
    (0..100).for_each(|_| assert!(admits(&engine, &user("ann"))));
    assert!(!admits(&engine, &user("ann")));
    let mut overrides = Overrides::default();
    overrides.set_user(
        "l",
        "ann",
        Override {
            quota: 200,
            until_ms: None,
        },
    );
    engine.current.set_overrides(overrides);
    assert_eq!(used(&engine, &user("ann")), [100]);
    (0..100).for_each(|_| assert!(admits(&engine, &user("ann"))));
    assert!(!admits(&engine, &user("ann")));
}

// fault 10
#[test]
fn reload_resets_no_count() {
    let engine = engine(vec![limit("l", Who::Known, &[Part::User], 100)]);
    (0..100).for_each(|_| assert!(admits(&engine, &user("ann"))));
    let mut policy = Policy::clone(&engine.current.load().policy);
    policy.limits.insert(0, limit("new", Who::Everyone, &[], 10));
    policy.limits[1].quantity = policy.limits[1].quantity.with_quota(101);
    engine.current.set_policy(policy);
    assert!(admits(&engine, &user("ann")));
    assert!(!admits(&engine, &user("ann")));
    assert_eq!(used(&engine, &user("ann")), [1, 101]);
}

// fault 01
#[test]
fn step_of_the_wall_clock_moves_no_bucket() {
    let engine = engine(vec![limit("l", Who::Known, &[Part::User], 3)]);
    (0..3).for_each(|_| assert!(admits(&engine, &user("ann"))));
    for by_ms in [-3_600_000, 7_200_000, -31 * 86_400_000, 62 * 86_400_000] {
        engine.clock.step_wall(by_ms);
        assert!(!admits(&engine, &user("ann")) && admits(&engine, &user(&by_ms.to_string())));
    }
}

#[test]
fn pardon_forgets_the_users_cells_and_nobody_elses() {
    let engine = engine(vec![
        limit("a", Who::Known, &[Part::User], 3),
        limit("b", Who::Known, &[Part::Token], 3),
    ]);
    for name in ["ann", "bob"] {
        (0..3).for_each(|_| assert!(admits(&engine, &user(name))));
    }
    assert_eq!(engine.pardon("ann", Some("a"), engine.clock.now()), 1);
    assert_eq!(
        (used(&engine, &user("ann")), used(&engine, &user("bob"))),
        (vec![0, 3], vec![3, 3])
    );
    assert_eq!(engine.pardon("ann", None, engine.clock.now()), 1);
    assert_eq!(
        (used(&engine, &user("ann")), used(&engine, &user("bob"))),
        (vec![0, 0], vec![3, 3])
    );
}

#[test]
fn pardon_reaches_the_shared_cells_that_refused_the_user_lately() {
    let within = Within {
        per: vec![Part::Token, Part::Ip],
        subkeys_max: 1,
        limit: None,
    };
    let cadence = Limit {
        within: Some(within),
        ..limit(
            "cadence",
            Who::Known,
            &[Part::Ip, Part::Header(http::HeaderName::from_static("x-forwarded-for"))],
            2,
        )
    };
    let engine = engine(vec![cadence]);
    // The first value has the one place; the others share the base cell until it refuses.
    for value in ["a", "b", "c"] {
        assert!(
            matches!(admit_with(&engine, &user("ann"), CLIENT, value), Admission::Admitted(_)),
            "{value}"
        );
    }
    let Admission::Rejected { over, cells, .. } = admit_with(&engine, &user("ann"), CLIENT, "d") else {
        panic!("admitted")
    };
    assert_eq!(
        engine.pardon("ann", None, engine.clock.now()),
        0,
        "nothing names the user yet"
    );
    remember(&engine, &user("ann"), over, cells);
    assert_eq!(engine.pardon("ann", None, engine.clock.now()), 1);
    assert!(matches!(
        admit_with(&engine, &user("ann"), CLIENT, "d"),
        Admission::Admitted(_)
    ));
}

#[test]
fn user_called_like_an_address_is_not_the_caller_at_it() {
    let engine = engine(vec![]);
    let client = CLIENT.parse().unwrap();
    let of = |identity: &Identity| engine.caller(identity, client);
    assert_ne!(of(&user(CLIENT)), of(&Identity::Anonymous));
    assert_eq!(of(&user("ann")), engine.caller_named("ann"));
    assert_eq!(
        engine.caller(&Identity::Anonymous, "2001:db8::1".parse().unwrap()),
        engine.caller(&Identity::Anonymous, "2001:db8::2".parse().unwrap())
    );
}
