//! A gate that recalls answers as one that does not, whatever changes between two requests of a connection.

use std::time::Duration;

use proptest::prelude::*;
use tidegate_core::{
    identity::Identity,
    limit::{Who, Within},
    overrides::{Override, Overrides},
    policy::Policy,
    testing,
};

use super::*;
use crate::{
    clock::Clock,
    engine::{Admission, Bounds, Engine},
    snapshot::Current,
};

const START_MS: i64 = 1_700_000_000_000;

/// One thing that happens on a connection, or to the gate meanwhile.
#[derive(Clone, Copy, Debug)]
enum Step {
    Ask {
        user: Option<u8>,
        client: u8,
        instance: bool,
        field: u8,
        limits: usize,
    },
    Wait(u64),
    SetBack(i64),
    /// A quota of a user or of the tenant by hand, that ends after so many milliseconds.
    Set {
        user: Option<u8>,
        quota: u32,
        lasts_ms: Option<i64>,
    },
    /// Reads an equal policy anew.
    Reload,
}

fn step() -> impl Strategy<Value = Step> {
    let user = || prop::option::of(0_u8..2);
    let asks = (user(), 0_u8..3, any::<bool>(), 0_u8..2, 1_usize..5);
    prop_oneof![
        8 => asks.prop_map(|(user, client, instance, field, limits)| Step::Ask { user, client, instance, field, limits }),
        8 => Just(Step::Ask { user: Some(0), client: 0, instance: false, field: 0, limits: 3 }),
        2 => (1_u64..20_000).prop_map(Step::Wait),
        1 => (1_i64..60_000).prop_map(Step::SetBack),
        1 => (user(), 1_u32..9, prop::option::of(1_i64..30_000))
            .prop_map(|(user, quota, lasts_ms)| Step::Set { user, quota, lasts_ms }),
        1 => Just(Step::Reload),
    ]
}

fn limit(name: &str, who: Who, per: &[Part], quota: u32) -> Limit {
    testing::limit(name).who(who).per(per).rate(quota, 60).build()
}

fn policy() -> Policy {
    let field = Part::Header("x-device".parse().unwrap());
    let mut within = limit("device", Who::Everyone, &[field], 3);
    within.within = Some(Within {
        per: vec![Part::Ip],
        subkeys_max: 1,
        limit: None,
    });
    testing::policy()
        .limits(vec![
            limit("user", Who::Known, &[Part::User], 6),
            limit("address", Who::Everyone, &[Part::Ip], 9),
            limit("all", Who::Everyone, &[], 20),
            within,
        ])
        .build()
}

fn engine() -> Engine {
    let bounds = Bounds {
        cells_max: 6_400,
        leases_max: 10,
        sockets_max: 10,
    };
    let current = Current::new(policy(), Overrides::default());
    Engine::new(Clock::manual(START_MS), current, [9; 16], bounds)
}

/// The answers look alike, or they are not: cells, waits and fields are all in them.
fn said(admission: &Admission) -> String {
    match admission {
        Admission::Admitted(ticket) => format!("{:?}", ticket.fields()),
        other => format!("{other:?}"),
    }
}

/// Each look-up brings a value of its own for one user, as caches do that were emptied.
fn identity(user: Option<u8>) -> Identity {
    let Some(user) = user else { return Identity::Anonymous };
    let id = format!("token-{user}");
    testing::token(&format!("user-{user}")).id(&id).known()
}

fn ask(engine: &Engine, step: Step, recall: Option<&CheckCache>) -> Option<String> {
    let snapshot = engine.current.load();
    match step {
        Step::Ask {
            user,
            client,
            instance,
            field,
            limits,
        } => {
            let mut headers = http::HeaderMap::new();
            headers.insert("x-device", u16::from(field).into());
            let leased: Arc<str> = "lessee".into();
            let clients = ["192.0.2.1", "192.0.2.2", "2001:db8::1"];
            let caller = Caller {
                identity: &identity(user),
                client: clients[usize::from(client)].parse().unwrap(),
                headers: &headers,
                instance: instance.then_some(&leased),
                counts_whoever: false,
            };
            let limits = snapshot.policy.limits.iter().take(limits);
            return Some(said(&engine.admit(
                limits,
                &snapshot,
                &caller,
                engine.clock.now(),
                recall,
            )));
        }
        Step::Wait(ms) => engine.clock.advance(Duration::from_millis(ms)),
        Step::SetBack(ms) => engine.clock.step_wall(-ms),
        Step::Set { user, quota, lasts_ms } => {
            let mut overrides = Overrides::default();
            let until_ms = lasts_ms.map(|lasts_ms| engine.clock.now().wall_ms + lasts_ms);
            let value = Override { quota, until_ms };
            match user {
                Some(user) => overrides.set_user("user", &format!("user-{user}"), value),
                None => overrides.set_tenant("address", "acme", value),
            }
            engine.current.set_overrides(overrides);
        }
        Step::Reload => engine.current.set_policy(policy()),
    }
    None
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn a_gate_that_recalls_answers_as_one_that_does_not(steps in prop::collection::vec(step(), 1..40)) {
        let (recalling, anew) = (engine(), engine());
        let recall = CheckCache::default();
        for step in steps {
            prop_assert_eq!(ask(&recalling, step, Some(&recall)), ask(&anew, step, None), "{:?}", step);
        }
    }
}

/// Asks once more, a millisecond later; returns true when the check was recalled and not worked out anew, as a new one
/// would be of now.
fn is_recalled(engine: &Engine, recall: &CheckCache, step: Step) -> bool {
    engine.clock.advance(Duration::from_millis(1));
    ask(engine, step, Some(recall));
    let from_ms = recall.0.lock().as_ref().map(|last| last.from_ms);
    from_ms.is_some_and(|from_ms| from_ms < engine.clock.now().wall_ms)
}

#[test]
fn the_second_request_of_a_caller_works_nothing_out_anew() {
    let (engine, recall) = (engine(), CheckCache::default());
    let ask = |user, limits| Step::Ask {
        user,
        client: 0,
        instance: false,
        field: 0,
        limits,
    };
    assert!(!is_recalled(&engine, &recall, ask(Some(0), 3)));
    assert!(is_recalled(&engine, &recall, ask(Some(0), 3)));
    // A refusal forgets nothing.
    assert!((0..9).all(|_| is_recalled(&engine, &recall, ask(Some(0), 3))));
    assert!(!is_recalled(&engine, &recall, ask(None, 3)));
}

#[test]
fn a_policy_that_is_no_longer_in_force_is_not_held_by_a_connection() {
    let (engine, recall) = (engine(), CheckCache::default());
    let all = Step::Ask {
        user: Some(0),
        client: 0,
        instance: false,
        field: 0,
        limits: 3,
    };
    ask(&engine, all, Some(&recall));
    let old = Arc::downgrade(&engine.current.load().policy);
    ask(&engine, Step::Reload, None);
    assert_eq!(old.strong_count(), 0);
}
