//! Sliding limits in the store: many threads, floods of keys, and names that callers choose.

use std::{
    sync::{
        Barrier,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use proptest::prelude::*;
use tidegate_core::{
    decide::{Subkey, Tag, Take},
    limit::{Quantity, SLIDING_QUOTA_MAX},
    partition::{CellId, Partitioner},
    time::Now,
};
use tidegate_engine::store::Store;

const WINDOW_MS: u64 = 120_000;

fn at_ms(ms: u64) -> Now {
    Now {
        mono_ns: 1_000_000_000_000 + ms * 1_000_000,
        wall_ms: 1_700_000_000_000 + ms as i64,
    }
}

fn cell(name: &str, number: u64) -> CellId {
    Partitioner::new([7; 16]).cell([name.as_bytes(), &number.to_be_bytes()])
}

fn take(cell: CellId, quota: u32) -> Take {
    let quantity = Quantity::Sliding {
        quota,
        window: Duration::from_millis(WINDOW_MS),
    };
    Take {
        cell,
        tag: Tag { limit: 1, user: None },
        quantity,
        cost: 1,
        shadow: false,
        subkey: None,
    }
}

fn used(store: &Store, take: Take, now: Now) -> u64 {
    store.peek(&[Take { cost: 0, ..take }], now).outcomes[0].standing.used
}

// fault 12
#[test]
fn many_threads_on_one_sliding_cell_admit_exactly_its_quota() {
    let (store, admitted, start) = (Store::new(640, 1_000), AtomicU64::new(0), Barrier::new(8));
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                start.wait();
                for _ in 0..2_000 {
                    let taken = store.take(&[take(cell("hot", 0), SLIDING_QUOTA_MAX)], at_ms(0));
                    admitted.fetch_add(u64::from(taken.admitted), Ordering::Relaxed);
                }
            });
        }
    });
    assert_eq!(admitted.into_inner(), u64::from(SLIDING_QUOTA_MAX));
}

// docs/semantics.md rules 6 and 7. fault 12
#[test]
fn threads_that_give_back_leave_exactly_what_was_kept() {
    const KEPT_MAX: u64 = 40;
    let (store, kept, start) = (Store::new(640, 1_000), AtomicU64::new(0), Barrier::new(8));
    let takes = [
        take(cell("hot", 0), SLIDING_QUOTA_MAX),
        take(cell("hot", 1), SLIDING_QUOTA_MAX),
    ];
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                start.wait();
                for round in 0..2_000 {
                    let held = store.charge(&takes, at_ms(0));
                    assert!(held.verdict.admitted, "at most eight are held beside what was kept");
                    let keeps = round % 7 == 0
                        && kept
                            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |kept| {
                                (kept < KEPT_MAX).then_some(kept + 1)
                            })
                            .is_ok();
                    if !keeps {
                        store.give_back(&held.charges);
                    }
                }
            });
        }
    });
    assert_eq!(kept.into_inner(), KEPT_MAX);
    assert_eq!(takes.map(|take| used(&store, take, at_ms(0))), [KEPT_MAX, KEPT_MAX]);
}

// fault 08, fault 09
#[test]
fn a_flood_of_sliding_keys_keeps_the_bound_and_washes_no_count_away() {
    const CELLS_MAX: usize = 6_400;
    let store = Store::new(CELLS_MAX, 1_000);
    let spent = Take {
        cost: 12,
        ..take(cell("spent", 0), 12)
    };
    assert!(store.take(&[spent], at_ms(0)).admitted);
    for number in 0..100_000 {
        store.take(&[take(cell("flood", number), 12)], at_ms(number / 1_000));
    }
    let occupancy = store.occupancy();
    assert!(occupancy.cells <= CELLS_MAX + 64 * 4, "{occupancy:?}");
    assert!(occupancy.overflows > 50_000, "a full store says so: {occupancy:?}");
    assert_eq!(used(&store, spent, at_ms(WINDOW_MS - 1)), 12);
    assert!(!store.take(&[take(cell("spent", 0), 12)], at_ms(WINDOW_MS - 1)).admitted);
    store.sweep(at_ms(WINDOW_MS + 100));
    assert_eq!(store.occupancy().cells, 0, "and all of it is let go when it has left");
}

#[test]
fn an_overflowing_sliding_limit_counts_in_shared_cells_and_is_not_open() {
    let store = Store::new(64, 1_000);
    let admitted = (0..20_000)
        .filter(|number| store.take(&[take(cell("live", *number), 12)], at_ms(0)).admitted)
        .count();
    assert!(admitted <= 64 + 64 * 4 * 12, "{admitted} of 20,000 strangers");
}

proptest! {
    // docs/platforms/grovestreams.md G6, docs/semantics.md rule 16: at most quota times (cap + 1) in any window,
    // whatever names are sent, and when.
    #[test]
    fn no_choice_of_names_and_moments_admits_more_than_the_cap_and_one(
        asked in prop::collection::vec((prop_oneof![8 => Just(0_u64), 4 => 0..2_000_u64, 1 => 0..WINDOW_MS], 0..30_u64, prop::bool::weighted(0.1)), 1..600),
    ) {
        const QUOTA: u32 = 3;
        const CAP: u32 = 4;
        let store = Store::new(64 * 100, 1_000);
        let within = Subkey { parent: cell("parent", 0), base: cell("base", 0), max: CAP };
        let (mut now_ms, mut admitted): (u64, Vec<u64>) = (0, Vec::new());
        for (by_ms, name, gives_back) in asked {
            now_ms += by_ms;
            let held = store.charge(&[Take { subkey: Some(within), ..take(cell("name", name), QUOTA) }], at_ms(now_ms));
            match held.verdict.admitted {
                true if gives_back => store.give_back(&held.charges),
                true => admitted.push(now_ms),
                false => {}
            }
        }
        for from_ms in &admitted {
            let within = admitted.iter().filter(|then| (*from_ms..from_ms + WINDOW_MS).contains(then)).count();
            prop_assert!(within <= (QUOTA * (CAP + 1)) as usize, "{within}");
        }
    }
}
