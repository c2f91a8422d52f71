//! Many threads: exactly as many as there are slots.

use std::{
    sync::{
        Barrier,
        atomic::{AtomicI64, AtomicUsize, Ordering},
    },
    thread,
};

use crate::house::{connects, engine, open, slots, used, user};

// fault 32; docs/platforms/tempest.md T1
#[test]
fn of_a_hundred_opens_at_once_exactly_ten_are_admitted_round_after_round() {
    const OPENS: usize = 100;
    let engine = engine(vec![slots(10), connects(1_000_000)]);
    for round in 0..20 {
        let (start, decided, admitted) = (Barrier::new(OPENS), Barrier::new(OPENS), AtomicUsize::new(0));
        thread::scope(|scope| {
            for number in 0..OPENS {
                let (engine, start, decided, admitted) = (&engine, &start, &decided, &admitted);
                scope.spawn(move || {
                    let token = user("ann", ["t1", "t2", "t3"][number % 3]);
                    start.wait();
                    let held = open(engine, &token);
                    admitted.fetch_add(usize::from(held.is_some()), Ordering::Relaxed);
                    decided.wait();
                    assert_eq!(engine.occupancy().leases, 10);
                    decided.wait();
                    drop(held);
                });
            }
        });
        assert_eq!(
            (admitted.into_inner(), engine.occupancy().leases),
            (10, 0),
            "round {round}"
        );
        assert_eq!(
            used(&engine, &user("ann", "t1"))[1],
            10 * (round + 1),
            "ninety refusals took no unit"
        );
    }
}

#[test]
fn opening_and_closing_at_once_is_never_over_the_cap_and_ends_at_nothing() {
    const CAP: i64 = 4;
    let engine = engine(vec![slots(CAP as u32)]);
    let (live, admitted) = (AtomicI64::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        for number in 0..8 {
            let (engine, live, admitted) = (&engine, &live, &admitted);
            scope.spawn(move || {
                let token = user("ann", ["t1", "t2", "t3"][number % 3]);
                for _ in 0..5_000 {
                    let Some(held) = open(engine, &token) else { continue };
                    let now_live = live.fetch_add(1, Ordering::SeqCst) + 1;
                    assert!(now_live <= CAP, "{now_live} are open");
                    admitted.fetch_add(1, Ordering::Relaxed);
                    live.fetch_sub(1, Ordering::SeqCst);
                    drop(held);
                }
            });
        }
    });
    assert!(admitted.into_inner() >= CAP as usize);
    assert_eq!((engine.occupancy().leases, engine.sockets.len()), (0, 0));
}
