//! Many threads on one store: exact, all or nothing, and nobody waits for ever.

use std::{
    sync::{Barrier, atomic::AtomicU64, atomic::Ordering},
    thread,
    time::Duration,
};

use tidegate_core::{
    decide::{Tag, Take},
    limit::Quantity,
    partition::CellId,
    time::Now,
};
use tidegate_engine::store::Store;

const NOW: Now = Now {
    mono_ns: 1_000_000_000_000,
    wall_ms: 1_700_000_000_000,
};
const THREADS: u64 = 8;

fn take(cell: u128, quota: u32) -> Take {
    // Spread over the maps as hashes would be.
    let cell = CellId(cell.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835));
    let quantity = Quantity::Rate {
        quota,
        burst: quota,
        window: Duration::from_secs(60),
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

fn used(store: &Store, cell: u128, quota: u32) -> u64 {
    store
        .peek(
            &[Take {
                cost: 0,
                ..take(cell, quota)
            }],
            NOW,
        )
        .outcomes[0]
        .standing
        .used
}

/// A small generator of its own for each thread, so that a run can be repeated.
struct Draw(u64);

impl Draw {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

fn on_threads(work: impl Fn(u64) + Sync) {
    let start = Barrier::new(THREADS as usize);
    thread::scope(|scope| {
        for number in 0..THREADS {
            let (start, work) = (&start, &work);
            scope.spawn(move || {
                start.wait();
                work(number);
            });
        }
    });
}

// fault 12
#[test]
fn many_threads_on_one_cell_admit_exactly_its_quota() {
    let (store, admitted) = (Store::new(640, 1_000), AtomicU64::new(0));
    on_threads(|_| {
        for _ in 0..12_500 {
            admitted.fetch_add(
                u64::from(store.take(&[take(1, 30_000)], NOW).admitted),
                Ordering::Relaxed,
            );
        }
    });
    assert_eq!(admitted.into_inner(), 30_000);
}

// fault 12
#[test]
fn overlapping_sets_in_any_order_neither_deadlock_nor_over_admit() {
    const CELLS: u64 = 24;
    const QUOTA: u32 = 1_500;
    let store = Store::new(6_400, 1_000);
    let counts: Vec<AtomicU64> = (0..CELLS).map(|_| AtomicU64::new(0)).collect();
    on_threads(|number| {
        let mut draw = Draw(number + 1);
        for _ in 0..5_000 {
            let set: Vec<u64> = (0..1 + draw.below(6)).map(|_| draw.below(CELLS)).collect();
            let takes: Vec<Take> = set.iter().map(|cell| take(u128::from(*cell), QUOTA)).collect();
            if store.take(&takes, NOW).admitted {
                set.iter()
                    .for_each(|cell| _ = counts[*cell as usize].fetch_add(1, Ordering::Relaxed));
            }
        }
    });
    for (cell, count) in counts.into_iter().enumerate() {
        let count = count.into_inner();
        assert_eq!(
            used(&store, cell as u128, QUOTA),
            count,
            "cell {cell}: what was admitted is what was taken"
        );
        assert!(count <= u64::from(QUOTA));
    }
}

// With take-then-give-back, the hammering thread made most of the other's requests fail on their shared tenant.
#[test]
fn hammering_an_exhausted_limit_costs_a_neighbour_of_the_tenant_nothing() {
    const REQUESTS: u64 = 10_000;
    let store = Store::new(640, 1_000);
    let (tenant, hammering) = (take(1, 10_000), take(2, 1));
    assert!(store.take(&[hammering], NOW).admitted);
    on_threads(|number| {
        for _ in 0..REQUESTS / (THREADS / 2) {
            if number % 2 == 0 {
                let own = take(100 + u128::from(number), u32::MAX);
                assert!(
                    store.take(&[own, tenant], NOW).admitted,
                    "an innocent caller was refused"
                );
            } else {
                assert!(!store.take(&[tenant, hammering], NOW).admitted);
            }
        }
    });
    assert_eq!(used(&store, 1, 10_000), REQUESTS);
}

#[test]
fn sweeps_and_pardons_beside_takes_lose_no_count() {
    let store = Store::new(640, 1_000);
    on_threads(|number| match number {
        0 => (0..200).for_each(|_| store.sweep(NOW)),
        1 => (0..200).for_each(|_| assert_eq!(store.forget(|_, tag| tag.limit == 2, NOW), 0)),
        _ => (0..2_000).for_each(|i| {
            assert!(
                store
                    .take(&[take(i % 7, u32::MAX), take(i % 3, u32::MAX)], NOW)
                    .admitted
            )
        }),
    });
    let all: u64 = (0..7).map(|cell| used(&store, cell, u32::MAX)).sum();
    assert_eq!(all, (THREADS - 2) * 2 * 2_000);
}
