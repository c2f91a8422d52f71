use std::{convert::Infallible, time::Duration};

use proptest::prelude::*;
use tidegate_core::{
    decide::{Subkey, Tag, Take},
    limit::{Period, Quantity},
    partition::{CellId, Partitioner},
};

use super::*;

const START: Now = Now {
    mono_ns: 1_000_000_000_000_000,
    wall_ms: 1_795_348_800_000,
};

fn after(ms: i64) -> Now {
    Now {
        mono_ns: START.mono_ns + ms as u64 * 1_000_000,
        wall_ms: START.wall_ms + ms,
    }
}

fn id(number: u64) -> CellId {
    Partitioner::new([7; 16]).cell([number.to_be_bytes().as_slice()])
}

fn hourly(quota: u32) -> Quantity {
    Quantity::Rate {
        quota,
        burst: quota,
        window: Duration::from_secs(3_600),
    }
}

fn take(number: u64, quantity: Quantity, cost: u32) -> Take {
    Take {
        cell: id(number),
        tag: Tag {
            limit: 1,
            user: Some(number),
        },
        quantity,
        cost,
        shadow: false,
        subkey: None,
    }
}

fn used(store: &Store, take: Take, now: Now) -> u64 {
    store.peek(&[Take { cost: 0, ..take }], now).outcomes[0].standing.used
}

fn exported(store: &Store, pass: Pass, now: Now) -> Vec<Record> {
    let mut all = Vec::new();
    let Ok(()) = store.export(pass, now, |records| {
        all.extend_from_slice(records);
        Ok::<_, Infallible>(())
    });
    all
}

/// Another process: its clock that only goes forward starts elsewhere.
fn other(now: Now) -> Now {
    Now {
        mono_ns: now.mono_ns / 2,
        ..now
    }
}

fn restarted(records: Vec<Record>, cells_max: usize, now: Now) -> Store {
    let store = Store::new(cells_max, 10);
    for record in records {
        store.import(record, now);
    }
    store
}

const QUANTITIES: [Quantity; 5] = [
    Quantity::Sliding {
        quota: 12,
        window: Duration::from_secs(120),
    },
    Quantity::Rate {
        quota: 10,
        burst: 20,
        window: Duration::from_secs(120),
    },
    Quantity::Rate {
        quota: 7,
        burst: 7,
        window: Duration::from_secs(86_400),
    },
    Quantity::Quota {
        quota: 50,
        period: Period::Hour,
    },
    Quantity::Quota {
        quota: 50,
        period: Period::Month,
    },
];

proptest! {
    // A process that restarts between any two steps, in any way it is written down, decides as one that went on: to the
    // millisecond, which a wall clock does not tell, it may refuse and never admits more.
    #[test]
    fn restarts_change_no_count(
        steps in prop::collection::vec((0..5_u64, 0..QUANTITIES.len(), 0..4_u32, 0..100_000_i64, any::<bool>(), any::<bool>()), 1..60),
    ) {
        let (on, mut log, mut ms) = (Store::new(6_400, 10), Vec::new(), 0);
        let mut again = Store::new(6_400, 10);
        let mut restarts = 0;
        for (number, kind, cost, by_ms, restarts_here, whole) in steps {
            ms += by_ms;
            let now = after(ms);
            let one = take(number * 10 + kind as u64, QUANTITIES[kind], cost);
            let (a, b) = (on.peek(&[one], now).outcomes[0], again.peek(&[one], now).outcomes[0]);
            prop_assert!(b.standing.used >= a.standing.used && b.standing.used <= a.standing.used + 1, "{:?} after {:?}", b, a);
            let wait = |standing: tidegate_core::cell::Standing| standing.resets_in.unwrap();
            prop_assert!(wait(b.standing) <= wait(a.standing) + Duration::from_millis(restarts));
            if a.fit == b.fit {
                on.take(&[one], now);
                again.take(&[one], now);
            }
            if restarts_here {
                if whole {
                    log.clear();
                }
                log.extend(exported(&again, if whole { Pass::Whole } else { Pass::Changes }, now));
                again = restarted(log.clone(), 6_400, now);
                restarts += 1;
            }
        }
    }
}

#[test]
fn changes_are_given_out_once() {
    let store = Store::new(6_400, 10);
    let ten: Vec<Take> = (0..10).map(|number| take(number, hourly(100), 1)).collect();
    store.take(&ten, START);
    assert_eq!(exported(&store, Pass::Changes, START).len(), 10);
    assert_eq!(exported(&store, Pass::Changes, START), []);
    store.take(&[take(3, hourly(100), 1)], START);
    assert_eq!(exported(&store, Pass::Changes, START).len(), 1);
    assert_eq!(exported(&store, Pass::Whole, START).len(), 10);
    let minute = Quantity::Rate {
        quota: 5,
        burst: 5,
        window: Duration::from_secs(60),
    };
    store.take(&[take(99, minute, 1)], START);
    assert_eq!(
        exported(&store, Pass::Changes, START),
        [],
        "a minute is not worth keeping"
    );
}

// Cells are let go in the middle of a pass, as sweeps and pardons do.
#[test]
fn whole_pass_misses_no_cell_that_others_make_way_for() {
    let store = Store::new(64 * 4_096, 10);
    let brief = Quantity::Rate {
        quota: 100,
        burst: 100,
        window: Duration::from_secs(120),
    };
    for number in 0..40_000 {
        let quantity = if number % 2 == 0 { hourly(100) } else { brief };
        store.take(&[take(number, quantity, 60)], START);
    }
    let later = after(100_000);
    let (mut seen, mut new) = (std::collections::HashSet::new(), 1_000_000);
    let Ok(()) = store.export(Pass::Whole, later, |records| {
        for record in records {
            if let Record::Cell { tag, .. } = record {
                seen.insert(tag.user.unwrap());
            }
        }
        // New cells let go of expired ones where they come to be, and so does the sweep.
        for _ in 0..16 {
            new += 1;
            store.take(&[take(new, hourly(5), 1)], later);
        }
        if new % 50 == 0 {
            store.sweep(later);
        }
        Ok::<_, Infallible>(())
    });
    for number in (0..40_000).step_by(2) {
        assert!(seen.contains(&number), "{number} is missing");
    }
}

#[test]
fn pardon_after_a_restart_finds_the_cells_it_names() {
    let store = Store::new(6_400, 10);
    store.take(&[take(1, hourly(100), 50), take(2, hourly(100), 50)], START);
    let now = other(START);
    let again = restarted(exported(&store, Pass::Whole, START), 6_400, now);
    assert_eq!(again.forget(|_, tag| tag.user == Some(1), now), 1);
    assert_eq!(
        (
            used(&again, take(1, hourly(100), 0), now),
            used(&again, take(2, hourly(100), 0), now)
        ),
        (0, 50)
    );
    assert!(again.has_forgotten(), "only a whole pass says that it is gone");
    let records = exported(&again, Pass::Whole, now);
    assert!(!again.has_forgotten());
    assert_eq!(records.len(), 1);
}

// A flood before the restart is no amnesty after it.
#[test]
fn shared_cells_of_a_full_store_outlive_the_process() {
    let store = Store::new(64, 10);
    for number in 0..2_000 {
        store.take(&[take(number, hourly(100), 40)], START);
    }
    let now = other(START);
    let again = restarted(exported(&store, Pass::Changes, START), 64, now);
    assert_eq!(again.occupancy().cells, store.occupancy().cells);
    for number in 0..2_000 {
        let one = take(number, hourly(100), 0);
        assert_eq!(used(&again, one, now), used(&store, one, START), "{number}");
    }
}

#[test]
fn lowered_bound_turns_no_live_count_away_and_lets_no_new_one_in() {
    let store = Store::new(6_400, 10);
    for number in 0..2_000 {
        store.take(&[take(number, hourly(100), 40)], START);
    }
    let now = other(START);
    let again = restarted(exported(&store, Pass::Whole, START), 64, now);
    assert_eq!(again.occupancy().cells, 2_000);
    for number in 0..2_000 {
        assert_eq!(used(&again, take(number, hourly(100), 0), now), 40);
    }
    again.take(&[take(5_000, hourly(100), 1)], now);
    assert_eq!(again.occupancy().overflows, 1);
}

// docs/platforms/grovestreams.md G6 over a restart: further values share, as they did before it.
#[test]
fn restart_makes_no_room_for_further_subkeys() {
    let sub = |number: u64| Take {
        subkey: Some(Subkey {
            parent: id(1_000_001),
            base: id(1_000_002),
            max: 3,
        }),
        ..take(number, hourly(12), 12)
    };
    let store = Store::new(6_400, 10);
    for number in 0..4 {
        assert!(store.take(&[sub(number)], START).admitted);
    }
    assert!(!store.take(&[sub(5)], START).admitted, "the shared one is used up");
    let now = other(START);
    let again = restarted(exported(&store, Pass::Changes, START), 6_400, now);
    for number in 0..10 {
        assert!(!again.take(&[sub(number)], now).admitted, "{number}");
    }
    let hour_later = Now {
        mono_ns: now.mono_ns + 3_601_000_000_000,
        wall_ms: now.wall_ms + 3_601_000,
    };
    assert!(
        again.take(&[sub(7)], hour_later).admitted,
        "they live no longer than their cells"
    );
}

// A 503 of ours that was answered between two passes charges nothing after a restart either.
#[test]
fn what_was_given_back_is_given_back_on_disk_too() {
    let store = Store::new(6_400, 10);
    let charges = store.charge(&[take(1, hourly(5), 1)], START).charges;
    let mut log = exported(&store, Pass::Changes, START);
    store.give_back(&charges);
    log.extend(exported(&store, Pass::Changes, START));
    let again = restarted(log, 6_400, other(START));
    assert_eq!(used(&again, take(1, hourly(5), 0), other(START)), 0);
}

#[test]
fn sink_that_fails_ends_the_pass() {
    let store = Store::new(6_400, 10);
    store.take(&[take(1, hourly(5), 1), take(2, hourly(5), 1)], START);
    let mut calls = 0;
    let failed = store.export(Pass::Whole, START, |_| {
        calls += 1;
        Err("full")
    });
    assert_eq!((failed, calls), (Err("full"), 1));
}
