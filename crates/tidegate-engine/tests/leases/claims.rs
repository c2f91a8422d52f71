//! What a caller is promised about slots.

use std::{
    panic,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Wake, Waker},
    time::Duration,
};

use tidegate_core::{
    limit::{Limit, Quantity},
    policy::Policy,
    refusal::Refusal,
    wait::{SLOT_RETRY_HINT, Wait},
};
use tidegate_engine::{
    engine::Admission,
    sockets::{CloseReason, SocketEntry},
};

use crate::house::{admit, ann, connects, engine, open, overridden, refusal, slots, standings, ticket, used, user};

// docs/platforms/tempest.md T1, T5
#[test]
fn ten_are_open_over_any_mix_of_a_users_tokens_and_the_eleventh_is_refused() {
    let engine = engine(vec![slots(10)]);
    let tokens = ["t1", "t2", "t3"].map(|token| user("ann", token));
    let mut held: Vec<SocketEntry> = (0..10).map(|i| open(&engine, &tokens[i % 3]).unwrap()).collect();
    for round in 0..30 {
        assert!(tokens.iter().all(|token| open(&engine, token).is_none()));
        drop(held.remove(round % 10));
        held.push(open(&engine, &tokens[(round + 1) % 3]).unwrap());
    }
    assert_eq!((engine.sockets.len(), engine.occupancy().leases), (10, 10));
    assert!(
        open(&engine, &user("bob", "t9")).is_some(),
        "another user has slots of their own"
    );
}

// docs/semantics.md rule 9
#[test]
fn refusal_by_slots_says_how_many_are_open_and_gives_a_hint_no_promise() {
    let hinted = Limit {
        hint: Some("One socket carries many devices: send a listen_start for each of them.".into()),
        ..slots(2)
    };
    let engine = engine(vec![hinted]);
    let _held = [open(&engine, &ann()), open(&engine, &ann())];
    let (over, _) = refusal(&engine, &ann());
    assert_eq!(
        (over.worst.wait, over.worst.window),
        (Wait::Hint(SLOT_RETRY_HINT), None)
    );
    let refusal = Refusal::OverLimit(over);
    assert_eq!(
        (refusal.retry_after(), refusal.exact_wait()),
        (Some(Duration::from_secs(5)), None)
    );
    assert_eq!(
        refusal.sentence(),
        "The limit `websockets-per-user` allows 2 open at once for user ann; 2 are open. One socket carries many devices: send a listen_start for each of them. Close one, or try again in 5 s."
    );
    engine.clock.advance(Duration::from_secs(3_600));
    assert!(ticket(&engine, &ann()).is_none(), "time gives no slot back");
}

// docs/platforms/tempest.md T2; fault 26, fault 28
#[test]
fn slot_is_free_the_moment_its_holder_is_dropped_on_every_way_out() {
    let engine = engine(vec![slots(1)]);
    let is_free = || used(&engine, &ann()) == [0] && engine.occupancy().leases == 0;
    drop(ticket(&engine, &ann()).unwrap());
    assert!(is_free(), "the handshake ended before the upstream was asked");
    let mut ticket_held = ticket(&engine, &ann()).unwrap();
    let lease = ticket_held.take_lease();
    drop(ticket_held);
    assert!(
        ticket(&engine, &ann()).is_none(),
        "the lease outlives the call the ticket was for"
    );
    drop(lease);
    assert!(is_free());
    drop(open(&engine, &ann()));
    assert!(is_free(), "the socket ended");
    let died = panic::catch_unwind(panic::AssertUnwindSafe(|| {
        let _held = open(&engine, &ann());
        panic::resume_unwind(Box::new(()));
    }));
    assert!(died.is_err() && is_free(), "its task died");
    assert!(open(&engine, &ann()).is_some());
}

// docs/platforms/tempest.md T4
#[test]
fn refusal_by_the_rate_takes_no_slot_and_one_by_the_slots_no_unit() {
    for limits in [vec![slots(3), connects(5)], vec![connects(5), slots(3)]] {
        let engine = engine(limits);
        let standing = |name: &str| {
            let at = engine
                .current
                .load()
                .policy
                .limits
                .iter()
                .position(|limit| &*limit.name == name)
                .unwrap();
            used(&engine, &ann())[at]
        };
        let mut held: Vec<SocketEntry> = (0..3).map(|_| open(&engine, &ann()).unwrap()).collect();
        for _ in 0..50 {
            assert_eq!(&*refusal(&engine, &ann()).0.worst.limit, "websockets-per-user");
        }
        assert_eq!(standing("connects-per-user"), 3);
        held.clear();
        (0..2).for_each(|_| drop(open(&engine, &ann()).unwrap()));
        for _ in 0..50 {
            assert_eq!(&*refusal(&engine, &ann()).0.worst.limit, "connects-per-user");
        }
        assert_eq!((standing("websockets-per-user"), engine.occupancy().leases), (0, 0));
    }
}

#[test]
fn caller_meets_both_at_once_is_told_the_longer_wait_as_a_hint() {
    let engine = engine(vec![slots(1), connects(1)]);
    let _held = open(&engine, &ann()).unwrap();
    let (over, cells) = refusal(&engine, &ann());
    assert_eq!(
        (&*over.worst.limit, over.worst.wait),
        ("connects-per-user", Wait::Hint(Duration::from_secs(60)))
    );
    assert_eq!((over.violated.len(), cells.len()), (2, 2));
}

// fault 37
#[test]
fn refused_handshakes_leave_no_lease() {
    let engine = engine(vec![slots(10), connects(30)]);
    let held: Vec<SocketEntry> = (0..10).map(|_| open(&engine, &ann()).unwrap()).collect();
    (0..10_000).for_each(|_| assert!(open(&engine, &ann()).is_none()));
    assert_eq!((engine.occupancy().leases, engine.sockets.len()), (10, 10));
    drop(held);
    // Admitted, and then refused for another reason, such as a missing key in the handshake.
    for _ in 0..20 {
        drop(ticket(&engine, &ann()).unwrap());
    }
    assert_eq!((engine.occupancy().leases, engine.sockets.len()), (0, 0));
}

// docs/platforms/tempest.md T6
#[test]
fn raised_quota_acts_at_the_next_open_and_resets_nothing() {
    let engine = engine(vec![slots(10)]);
    let mut held: Vec<SocketEntry> = (0..10).map(|_| open(&engine, &ann()).unwrap()).collect();
    assert!(open(&engine, &ann()).is_none());
    overridden(&engine, 20);
    assert_eq!(
        (
            standings(&engine, &ann())[0].used,
            standings(&engine, &ann())[0].remaining
        ),
        (10, 10)
    );
    held.extend((0..10).map(|_| open(&engine, &ann()).unwrap()));
    assert!(open(&engine, &ann()).is_none());
}

// fault 34
#[test]
fn lowered_quota_closes_nothing_and_nothing_opens_until_below() {
    let engine = engine(vec![slots(10)]);
    let mut held: Vec<SocketEntry> = (0..10).map(|_| open(&engine, &ann()).unwrap()).collect();
    overridden(&engine, 4);
    assert!(held.iter().all(|entry| entry.told().is_none()));
    let standing = standings(&engine, &ann())[0];
    assert_eq!((standing.used, standing.remaining, standing.resets_in), (10, 0, None));
    while held.len() > 3 {
        assert_eq!(refusal(&engine, &ann()).0.worst.used, held.len() as u64);
        held.pop();
    }
    held.push(open(&engine, &ann()).unwrap());
    assert!(open(&engine, &ann()).is_none());
}

#[test]
fn neither_a_pardon_nor_a_sweep_nor_a_reload_frees_a_slot() {
    let engine = engine(vec![slots(2), connects(5)]);
    let _held = [open(&engine, &ann()), open(&engine, &ann())];
    assert_eq!(engine.pardon("ann", None, engine.clock.now()), 1, "the rate alone");
    engine.clock.advance(Duration::from_secs(86_400));
    engine.sweep(engine.clock.now());
    let mut policy = Policy::clone(&engine.current.load().policy);
    policy.limits[0].quantity = Quantity::Slots { quota: 3 };
    engine.current.set_policy(policy);
    assert_eq!(used(&engine, &ann()), [2, 0]);
    let _third = open(&engine, &ann()).unwrap();
    assert!(open(&engine, &ann()).is_none());
}

#[test]
fn standings_show_what_is_open_and_take_no_slot() {
    let engine = engine(vec![slots(10)]);
    let _held = [open(&engine, &ann()), open(&engine, &ann())];
    for _ in 0..20 {
        let standing = standings(&engine, &ann())[0];
        assert_eq!((standing.used, standing.remaining, standing.resets_in), (2, 8, None));
    }
    assert_eq!(engine.occupancy().leases, 2);
}

#[test]
fn request_without_a_limit_on_slots_holds_no_lease() {
    let engine = engine(vec![connects(5)]);
    let ticket = ticket(&engine, &ann()).unwrap();
    assert!(ticket.lease().is_none());
    assert_eq!(engine.occupancy().leases, 0);
}

#[test]
fn ticket_says_what_is_left_of_the_slots() {
    let engine = engine(vec![slots(10)]);
    let ticket = ticket(&engine, &ann()).unwrap();
    let fields = ticket.fields().unwrap();
    assert_eq!(fields.limit, "\"websockets-per-user\";r=9");
    assert_eq!(fields.policy, "\"websockets-per-user\";q=10;qu=\"concurrent-requests\"");
}

#[test]
fn slots_in_shadow_refuse_nobody() {
    let engine = engine(vec![Limit {
        shadow: true,
        ..slots(2)
    }]);
    let held: Vec<SocketEntry> = (0..5).map(|_| open(&engine, &ann()).unwrap()).collect();
    assert_eq!((engine.sockets.len(), used(&engine, &ann())), (5, vec![2]));
    drop(held);
    assert_eq!(used(&engine, &ann()), [0]);
}

// docs/semantics.md rule 24: a route may say `evict oldest`.
#[test]
fn oldest_socket_can_make_way_for_a_new_one_and_there_is_never_one_too_many() {
    let engine = engine(vec![connects(100), slots(3)]);
    let now = engine.clock.now();
    let mut held: Vec<SocketEntry> = (0..3).map(|_| open(&engine, &ann()).unwrap()).collect();
    let other = open(&engine, &user("bob", "t9")).unwrap();
    let (_, cells) = refusal(&engine, &ann());
    let oldest = engine.sockets.oldest_of(&cells, now).unwrap();
    assert_eq!(oldest.id, held[0].id());
    assert!(engine.sockets.close(oldest.id, CloseReason::Evicted));
    assert!(
        matches!(admit(&engine, &ann()), Admission::Rejected { .. }),
        "told is not gone"
    );
    assert_eq!(
        engine.sockets.oldest_of(&cells, now).unwrap().id,
        held[1].id(),
        "nobody is evicted twice"
    );
    assert_eq!(
        (held[0].told(), held[1].told(), other.told()),
        (Some(CloseReason::Evicted), None, None)
    );
    drop(held.remove(0));
    held.push(open(&engine, &ann()).unwrap());
    assert_eq!(used(&engine, &ann())[1], 3);
}

/// Notes how many slots are taken at the moment it is woken.
struct AtWaking(Arc<tidegate_engine::engine::Engine>, AtomicUsize);

impl Wake for AtWaking {
    fn wake(self: Arc<Self>) {
        self.1.store(self.0.occupancy().leases, Ordering::SeqCst);
    }
}

#[test]
fn whoever_waits_for_an_evicted_socket_finds_its_slot_free() {
    let engine = Arc::new(engine(vec![slots(1)]));
    let entry = open(&engine, &ann()).unwrap();
    let waking = Arc::new(AtWaking(engine.clone(), AtomicUsize::new(usize::MAX)));
    let waker = Waker::from(waking.clone());
    let mut gone = pin!(engine.sockets.gone(entry.id()));
    assert!(gone.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    drop(entry);
    assert_eq!(waking.1.load(Ordering::SeqCst), 0);
    assert!(gone.as_mut().poll(&mut Context::from_waker(&waker)).is_ready());
}
