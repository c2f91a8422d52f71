//! Who is warned that little is left, over many threads, refusals, pardons and restarts (docs/semantics.md rule 13).

use std::{
    convert::Infallible,
    sync::{
        Barrier,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use tidegate_core::{
    decide::{Tag, Take},
    limit::{Period, Quantity},
    partition::CellId,
    time::Now,
};
use tidegate_engine::{
    lease_member::{LeaseId, Member, Membership},
    store::{Acquired, Store, record::Pass},
};

const THREADS: u64 = 8;

fn after(secs: u64) -> Now {
    Now {
        mono_ns: 1_000_000_000_000 + secs * 1_000_000_000,
        wall_ms: 1_795_348_800_000 + secs as i64 * 1_000,
    }
}

fn counters() -> [Quantity; 3] {
    let window = Duration::from_secs(120);
    [
        Quantity::Rate {
            quota: 10,
            burst: 10,
            window,
        },
        Quantity::Sliding { quota: 10, window },
        Quantity::Quota {
            quota: 10,
            period: Period::Hour,
        },
    ]
}

fn take(cell: u128, quantity: Quantity, cost: u32) -> Take {
    Take {
        cell: CellId(cell << 100 | cell),
        tag: Tag { limit: 1, user: None },
        quantity,
        cost,
        shadow: false,
        subkey: None,
    }
}

fn member(number: u64) -> Member {
    Member {
        id: LeaseId { epoch: 1, number },
        since_ms: 0,
    }
}

fn warns(acquired: &Acquired) -> bool {
    acquired.verdict.outcomes[0].warns
}

/// Which of these requests of one unit warn, one after another.
fn warned(store: &Store, quantity: Quantity, count: u64, now: Now) -> Vec<u64> {
    let one = take(1, quantity, 1);
    (1..=count).filter(|_| warns(&store.charge(&[one], now))).collect()
}

/// The race: everybody asks again and again until the limit is used up, and lets all go between the rounds.
fn warnings_of_a_race(quantity: Quantity, rounds: u64) -> u64 {
    let (store, told) = (Store::new(640, 1_000), AtomicU64::new(0));
    let barrier = Barrier::new(THREADS as usize);
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let (store, told, barrier) = (&store, &told, &barrier);
            scope.spawn(move || {
                for round in 0..rounds {
                    barrier.wait();
                    let now = after(round * 3_600);
                    let mine: Vec<_> = (0..4)
                        .map(|n| {
                            let member = member(thread * 4 + n);
                            let acquired = store.acquire(&[take(1, quantity, 1)], member, now);
                            told.fetch_add(u64::from(warns(&acquired)), Ordering::Relaxed);
                            (member.id, acquired)
                        })
                        .collect();
                    barrier.wait();
                    for (id, acquired) in mine {
                        store.release(id, &acquired.held);
                    }
                }
            });
        }
    });
    told.into_inner()
}

#[test]
fn of_many_requests_at_once_exactly_one_is_warned() {
    for quantity in counters().into_iter().chain([Quantity::Slots { quota: 10 }]) {
        assert_eq!(warnings_of_a_race(quantity, 50), 50, "{quantity:?}");
    }
}

#[test]
fn a_refused_request_warns_nobody_and_leaves_the_warning_to_the_next() {
    for quantity in counters() {
        let store = Store::new(640, 1_000);
        let full = take(2, quantity, 10);
        store.charge(&[full], after(0));
        assert_eq!(warned(&store, quantity, 7, after(0)), [0; 0]);
        let refused = store.charge(&[take(1, quantity, 1), full], after(0));
        assert!(!refused.verdict.admitted && !warns(&refused));
        assert_eq!(warned(&store, quantity, 3, after(0)), [1]);
    }
}

// docs/semantics.md rule 7
#[test]
fn what_is_given_back_was_no_warning_and_the_next_one_is() {
    for quantity in counters() {
        let store = Store::new(640, 1_000);
        let full = take(2, quantity, 10);
        store.charge(&[full], after(0));
        assert_eq!(warned(&store, quantity, 7, after(0)), [0; 0]);
        let edge = store.charge(&[take(1, quantity, 1)], after(0));
        assert!(warns(&edge));
        // The limits of a miss refuse, so the answer that would have said so never goes.
        assert!(!store.charge_over(&edge.charges, &[full], after(0)).verdict.admitted);
        let again = store.charge(&[take(1, quantity, 1)], after(0));
        assert!(warns(&again));
        store.give_back(&again.charges);
        assert_eq!(warned(&store, quantity, 3, after(0)), [1]);
    }
}

// docs/semantics.md rule 12: a pardon starts a new generation.
#[test]
fn a_pardon_arms_the_warning_again() {
    for quantity in counters() {
        let store = Store::new(640, 1_000);
        assert_eq!(warned(&store, quantity, 10, after(0)), [8]);
        store.forget(|_, _| true, after(0));
        assert_eq!(warned(&store, quantity, 10, after(0)), [8]);
    }
}

// docs/semantics.md rule 10
#[test]
fn a_raised_quota_arms_the_warning_where_use_is_under_60_percent_of_it() {
    // 8 of 13 are 62 %, of 20 they are 40.
    for (quota, expected) in [(13, vec![]), (20, vec![16])] {
        for quantity in counters() {
            let store = Store::new(640, 1_000);
            assert_eq!(warned(&store, quantity, 8, after(0)), [8]);
            let raised = warned(&store, quantity.with_quota(quota), u64::from(quota) - 8, after(0));
            let used: Vec<u64> = raised.into_iter().map(|more| 8 + more).collect();
            assert_eq!(used, expected, "{quantity:?} raised to {quota}");
        }
    }
}

// docs/semantics.md rule 14
#[test]
fn a_restart_neither_repeats_a_warning_nor_forgets_that_it_is_armed() {
    for quantity in counters() {
        for (used, expected) in [(8, vec![]), (7, vec![1])] {
            let store = Store::new(640, 1_000);
            warned(&store, quantity, used, after(0));
            let next = Store::new(640, 1_000);
            let Ok(()) = store.export(Pass::Whole, after(0), |records| {
                for record in records {
                    assert!(next.import(record.clone(), after(0)));
                }
                Ok::<_, Infallible>(())
            });
            assert_eq!(warned(&next, quantity, 2, after(0)), expected, "{quantity:?}");
        }
    }
}

/// A lease, and the sets it is in.
type Open = (LeaseId, Vec<Membership>);

#[test]
fn a_set_warns_again_only_after_it_was_nearly_empty() {
    let (store, slots) = (Store::new(640, 1_000), take(1, Quantity::Slots { quota: 10 }, 1));
    let mut open = Vec::new();
    let fill = |open: &mut Vec<Open>, from: u64, count: u64| -> Vec<u64> {
        let mut warned = Vec::new();
        for number in from..from + count {
            let acquired = store.acquire(&[slots], member(number), after(0));
            if warns(&acquired) {
                warned.push(acquired.verdict.outcomes[0].standing.used);
            }
            open.push((member(number).id, acquired.held));
        }
        warned
    };
    assert_eq!(fill(&mut open, 0, 9), [8]);
    let let_go = |open: &mut Vec<Open>, count: usize| {
        open.drain(..count).for_each(|(id, held)| _ = store.release(id, &held));
    };
    // Nine to six: as many as 60 %.
    let_go(&mut open, 3);
    assert_eq!(fill(&mut open, 10, 3), [0; 0]);
    // Nine to five.
    let_go(&mut open, 4);
    assert_eq!(fill(&mut open, 20, 4), [8]);
}
