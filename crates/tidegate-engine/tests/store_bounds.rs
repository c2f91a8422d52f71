//! Memory is bounded, and a flood is no amnesty.

use std::time::Duration;

use tidegate_core::{
    decide::{Subkey, Tag, Take},
    limit::Quantity,
    partition::{CellId, Partitioner},
    time::Now,
};
use tidegate_engine::store::Store;

const CELLS_MAX: usize = 6_400;
/// 64 maps with 4 shared cells of the one limit and quota here.
const SHARED_MAX: usize = 64 * 4;

fn after(secs: u64) -> Now {
    Now {
        mono_ns: 1_000_000_000_000 + secs * 1_000_000_000,
        wall_ms: 1_700_000_000_000 + secs as i64 * 1_000,
    }
}

fn cell(name: &str, number: u64) -> CellId {
    Partitioner::new([7; 16]).cell([name.as_bytes(), &number.to_be_bytes()])
}

fn take(cell: CellId, quota: u32, secs: u64) -> Take {
    let quantity = Quantity::Rate {
        quota,
        burst: quota,
        window: Duration::from_secs(secs),
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

// fault 08, fault 09
#[test]
fn flood_of_keys_keeps_the_bound_and_every_live_count() {
    let store = Store::new(CELLS_MAX, 1_000);
    let regular = |number| take(cell("regular", number), 100, 3_600);
    for number in 0..200 {
        assert!(
            store
                .take(
                    &[Take {
                        cost: 60,
                        ..regular(number)
                    }],
                    after(0)
                )
                .admitted
        );
    }
    // The attacker's own penalty, which the flood is to wash away.
    let penalty = take(cell("attacker", 0), 1, 3_600);
    assert!(store.take(&[penalty], after(0)).admitted);
    for number in 0..150_000 {
        store.take(&[take(cell("flood", number), 100, 3_600)], after(number / 10_000));
        if number % 10_000 == 0 {
            assert!(store.occupancy().cells <= CELLS_MAX + SHARED_MAX);
        }
    }
    let full = store.occupancy();
    assert!(
        full.cells > CELLS_MAX - 64 && full.cells <= CELLS_MAX + SHARED_MAX,
        "{full:?}"
    );
    assert!(full.overflows > 100_000, "a full store says so: {full:?}");
    assert!(
        !store.take(&[penalty], after(15)).admitted,
        "the penalty outlives the flood"
    );
    for number in 0..200 {
        assert_eq!(
            used(&store, regular(number), after(0)),
            60,
            "caller {number} keeps the count"
        );
    }
}

#[test]
fn overflowing_callers_share_counts_and_are_not_let_through_freely() {
    let store = Store::new(64, 1_000);
    (0..5_000).for_each(|number| _ = store.take(&[take(cell("live", number), 10, 3_600)], after(0)));
    let admitted = (5_000..50_000)
        .filter(|number| store.take(&[take(cell("live", *number), 10, 3_600)], after(0)).admitted)
        .count();
    assert!(admitted <= SHARED_MAX * 10, "{admitted} of 45,000 strangers");
}

#[test]
fn expired_cells_are_reused_for_new_ones() {
    let store = Store::new(CELLS_MAX, 1_000);
    let fill = |round: u64, now| {
        for number in 0..4_000 {
            assert!(
                store
                    .take(&[take(cell("round", round * 4_000 + number), 10, 60)], now)
                    .admitted
            );
        }
    };
    for round in 0..5 {
        fill(round, after(round * 60));
        let occupancy = store.occupancy();
        assert!(
            occupancy.cells <= CELLS_MAX && occupancy.overflows == 0,
            "round {round}: {occupancy:?}"
        );
    }
}

#[test]
fn sweep_empties_an_idle_store_and_no_live_one() {
    let store = Store::new(CELLS_MAX, 1_000);
    for number in 0..3_000 {
        let within = Subkey {
            parent: cell("parent", number % 10),
            base: cell("base", number % 10),
            max: 100,
        };
        store.take(
            &[
                take(cell("idle", number), 10, 60),
                Take {
                    subkey: Some(within),
                    ..take(cell("sub", number), 10, 60)
                },
            ],
            after(0),
        );
    }
    let before = store.occupancy();
    store.sweep(after(5));
    assert_eq!(
        store.occupancy(),
        before,
        "one of ten a minute takes six seconds to come back"
    );
    store.sweep(after(60));
    assert_eq!(store.occupancy().cells, 0);
}

// docs/semantics.md rule 16: 1,000 values gain nothing over 100.
#[test]
fn a_thousand_subkeys_gain_nothing_over_the_cap_and_the_base_cell() {
    let store = Store::new(64 * 2_000, 1_000);
    let within = Subkey {
        parent: cell("parent", 0),
        base: cell("base", 0),
        max: 100,
    };
    let mut admitted = 0;
    for round in 0..20 {
        for number in 0..1_000 {
            let number = if round % 2 == 0 { number } else { 999 - number };
            admitted += u64::from(
                store
                    .take(
                        &[Take {
                            subkey: Some(within),
                            ..take(cell("sub", number), 12, 120)
                        }],
                        after(0),
                    )
                    .admitted,
            );
        }
    }
    assert_eq!(admitted, 12 * 101);
    assert_eq!(store.occupancy().cells, 101);
}
