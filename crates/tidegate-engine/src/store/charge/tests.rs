use std::time::Duration;

use tidegate_core::{
    decide::{Tag, Take},
    limit::{Period, Quantity},
    partition::CellId,
    time::Now,
};

use crate::store::{Acquired, Store};

fn after(secs: u64) -> Now {
    Now {
        mono_ns: 1_000_000_000_000 + secs * 1_000_000_000,
        wall_ms: 1_795_348_800_000 + secs as i64 * 1_000,
    }
}

fn rate() -> Quantity {
    Quantity::Rate {
        quota: 10,
        burst: 10,
        window: Duration::from_secs(60),
    }
}

fn sliding() -> Quantity {
    Quantity::Sliding {
        quota: 10,
        window: Duration::from_secs(60),
    }
}

fn calendar() -> Quantity {
    Quantity::Quota {
        quota: 10,
        period: Period::Minute,
    }
}

fn take(number: u128, quantity: Quantity) -> Take {
    Take {
        cell: CellId(number << 100 | number),
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

fn charged(store: &Store, takes: &[Take], now: Now) -> Acquired {
    let acquired = store.charge(takes, now);
    assert!(acquired.verdict.admitted);
    acquired
}

// docs/semantics.md rule 6
#[test]
fn what_is_given_back_leaves_every_limit_as_it_was() {
    let store = Store::new(640, 1_000);
    let takes: Vec<Take> = [rate(), sliding(), calendar()]
        .into_iter()
        .zip(1..)
        .map(|(quantity, n)| take(n, quantity))
        .collect();
    charged(&store, &takes, after(0));
    let before = store.peek(&takes, after(1));
    let held = charged(&store, &takes, after(1));
    assert_ne!(store.peek(&takes, after(1)), before);
    store.give_back(&held.charges);
    assert_eq!(store.peek(&takes, after(1)), before);
}

#[test]
fn a_refusal_holds_nothing_to_give_back_and_neither_does_a_shadow_that_did_not_fit() {
    let store = Store::new(640, 1_000);
    let (full, other) = (
        Take {
            cost: 10,
            ..take(1, sliding())
        },
        take(2, sliding()),
    );
    charged(&store, &[full], after(0));
    assert_eq!(store.charge(&[full, other], after(0)).charges, []);
    let shadow = Take { shadow: true, ..full };
    let held = charged(&store, &[shadow, other], after(0));
    store.give_back(&held.charges);
    assert_eq!((used(&store, full, after(0)), used(&store, other, after(0))), (10, 0));
}

// docs/semantics.md rule 12: a pardon starts a new generation.
#[test]
fn nothing_is_given_back_to_a_cell_that_was_pardoned_since() {
    for quantity in [rate(), sliding(), calendar()] {
        let (store, one) = (Store::new(640, 1_000), take(1, quantity));
        let held = charged(&store, &[one], after(0));
        assert_eq!(store.forget(|_, _| true, after(0)), 1);
        // Somebody else's, at the very same moment.
        charged(&store, &[one], after(0));
        store.give_back(&held.charges);
        assert_eq!(used(&store, one, after(0)), 1, "{quantity:?}");
    }
}

// docs/semantics.md rule 12: whatever was charged has come back by itself, be the cell swept away or not.
#[test]
fn nothing_is_given_back_to_a_cell_that_ran_out_since() {
    for (quantity, sweeps) in [rate(), sliding(), calendar()]
        .into_iter()
        .flat_map(|q| [(q, true), (q, false)])
    {
        let (store, one) = (Store::new(640, 1_000), take(1, quantity));
        let held = charged(&store, &[one], after(0));
        if sweeps {
            store.sweep(after(60));
        }
        charged(&store, &[one], after(60));
        store.give_back(&held.charges);
        assert_eq!(used(&store, one, after(60)), 1, "{quantity:?}");
    }
}

#[test]
fn giving_back_twice_frees_nobody_elses_unit_of_a_sliding_limit() {
    let (store, one) = (Store::new(640, 1_000), take(1, sliding()));
    let held = charged(&store, &[one], after(0));
    charged(&store, &[one], after(1));
    for _ in 0..3 {
        store.give_back(&held.charges);
    }
    assert_eq!(used(&store, one, after(1)), 1);
}

#[test]
fn a_shared_cell_of_a_full_store_gets_back_what_it_gave() {
    let store = Store::new(64, 1_000);
    (0..2_000).for_each(|n| _ = store.take(&[take(n, rate())], after(0)));
    assert!(store.occupancy().overflows > 0);
    let stranger = take(
        9_999,
        Quantity::Rate {
            quota: 1_000,
            burst: 1_000,
            window: Duration::from_secs(60),
        },
    );
    let held = charged(&store, &[stranger], after(0));
    assert_eq!(used(&store, stranger, after(0)), 1);
    store.give_back(&held.charges);
    assert_eq!(used(&store, stranger, after(0)), 0);
}
