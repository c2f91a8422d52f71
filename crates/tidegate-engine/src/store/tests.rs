use std::time::Duration;

use tidegate_core::{
    cell::Fit,
    decide::{Subkey, Tag},
    limit::{Period, Quantity},
};

use super::*;

const START: Now = Now {
    mono_ns: 1_000_000_000_000,
    wall_ms: 1_700_000_000_000,
};

fn after(secs: u64) -> Now {
    Now {
        mono_ns: START.mono_ns + secs * 1_000_000_000,
        wall_ms: START.wall_ms + secs as i64 * 1_000,
    }
}

/// The `number`th cell of a map.
fn cell(map: u128, number: u128) -> CellId {
    CellId(map << 122 | number)
}

/// One unit of a limit of so many a minute.
fn take(cell: CellId, quota: u32) -> Take {
    let quantity = Quantity::Rate {
        quota,
        burst: quota,
        window: Duration::from_secs(60),
    };
    Take {
        cell,
        tag: Tag { limit: 7, user: None },
        quantity,
        cost: 1,
        shadow: false,
        subkey: None,
    }
}

/// A take within a parent of at most two sub-keys.
fn sub(number: u128, quota: u32) -> Take {
    Take {
        subkey: Some(Subkey {
            parent: cell(1, 0),
            base: cell(2, 0),
            max: 2,
        }),
        ..take(cell(3, number), quota)
    }
}

fn used(store: &Store, take: Take, now: Now) -> u64 {
    store.peek(&[Take { cost: 0, ..take }], now).outcomes[0].standing.used
}

#[test]
fn peek_makes_no_cell_and_moves_none() {
    let store = Store::new(64, 1_000);
    let one = take(cell(0, 1), 60);
    store.peek(&[one], START);
    assert_eq!((store.occupancy().cells, store.occupancy().overflows), (0, 0));

    assert!(store.take(&[Take { cost: 60, ..one }], START).admitted);
    let before = format!("{:?}", store.maps);
    for now in [after(30), after(0), Now { mono_ns: 0, wall_ms: 0 }, after(3_600)] {
        store.peek(&[one, sub(1, 60), take(cell(0, 2), 60)], now);
    }
    assert_eq!(format!("{:?}", store.maps), before);
    assert_eq!(store.occupancy().overflows, 0, "a question is no overflow");
}

#[test]
fn peek_says_what_take_would() {
    let store = Store::new(64, 1_000);
    let one = Take {
        cost: 40,
        ..take(cell(0, 1), 60)
    };
    for secs in [0, 1, 25, 39, 40, 41, 120] {
        let peeked = store.peek(&[one], after(secs));
        let taken = store.take(&[one], after(secs));
        assert_eq!(
            (peeked.admitted, &peeked.outcomes),
            (taken.admitted, &taken.outcomes),
            "after {secs} s"
        );
    }
}

#[test]
fn rejected_request_makes_no_cell() {
    let store = Store::new(64, 1_000);
    let full = take(cell(0, 1), 1);
    assert!(store.take(&[full], START).admitted);
    let verdict = store.take(&[take(cell(0, 2), 60), full, sub(1, 60)], START);
    assert!(!verdict.admitted);
    assert_eq!(store.occupancy().cells, 1);
    assert_eq!(used(&store, take(cell(0, 2), 60), START), 0);
}

#[test]
fn request_that_takes_nothing_makes_no_cell() {
    let store = Store::new(64, 1_000);
    let nothing = [
        Take {
            cost: 0,
            ..take(cell(0, 1), 60)
        },
        Take {
            cost: 61,
            shadow: true,
            ..take(cell(0, 2), 60)
        },
        Take { cost: 0, ..sub(1, 60) },
    ];
    assert!(store.take(&nothing, START).admitted);
    assert_eq!(store.occupancy().cells, 0);
}

#[test]
fn rejected_request_leaves_every_standing_as_it_was() {
    let store = Store::new(64, 1_000);
    let (one, two, full) = (take(cell(0, 1), 60), take(cell(1, 2), 60), take(cell(2, 3), 1));
    assert!(store.take(&[one, two, full], START).admitted);
    let before = store.peek(&[one, two, full], after(10));
    assert!(!store.take(&[one, two, full], after(10)).admitted);
    assert_eq!(store.peek(&[one, two, full], after(10)), before);
}

#[test]
fn two_new_cells_of_one_request_do_not_exceed_the_bound() {
    let store = Store::new(SHARDS, 1_000);
    let verdict = store.take(
        &[take(cell(0, 1), 60), take(cell(0, 2), 60), take(cell(0, 3), 60)],
        START,
    );
    assert!(verdict.admitted);
    let held = [1, 2, 3].map(|number| store.maps.lock([0]).map(0).holds(cell(0, number)));
    assert_eq!(held, [true, false, false]);
    assert_eq!(store.occupancy().overflows, 2);
}

#[test]
fn shared_cells_of_two_maps_or_two_quotas_are_apart() {
    let store = Store::new(SHARDS, 1_000);
    for map in 0..2 {
        assert!(store.take(&[take(cell(map, 0), 60)], START).admitted, "fills map {map}");
    }
    // An IPv6 caller's wide block beside its narrow one, and the same number in another map.
    let (narrow, wide, elsewhere) = (take(cell(0, 4), 60), take(cell(0, 8), 240), take(cell(1, 4), 60));
    let verdict = store.take(
        &[
            Take { cost: 5, ..narrow },
            Take { cost: 100, ..wide },
            Take { cost: 7, ..elsewhere },
        ],
        START,
    );
    assert!(verdict.admitted);
    assert_eq!(
        [narrow, wide, elsewhere].map(|take| used(&store, take, START)),
        [5, 100, 7]
    );
    // A stranger of the same limit, quota and number shares the narrow one.
    assert_eq!(used(&store, take(cell(0, 12), 60), START), 5);
    assert_eq!(used(&store, take(cell(0, 13), 60), START), 0);
}

#[test]
fn shared_cell_comes_into_being_only_when_something_is_taken() {
    let store = Store::new(SHARDS, 1_000);
    assert!(store.take(&[take(cell(0, 0), 60)], START).admitted);
    assert!(store.take(&[take(cell(1, 0), 1)], START).admitted);
    assert!(!store.take(&[take(cell(0, 4), 60), take(cell(1, 0), 1)], START).admitted);
    assert_eq!(store.occupancy().cells, 2);
}

#[test]
fn only_so_many_subkeys_live_and_the_rest_share_the_base_cell() {
    let store = Store::new(6_400, 1_000);
    for number in 0..5 {
        assert!(store.take(&[sub(number, 10)], START).admitted);
    }
    assert_eq!(
        [0, 1, 2, 3, 4].map(|number| used(&store, sub(number, 10), START)),
        [1, 1, 3, 3, 3]
    );
}

#[test]
fn expired_subkey_frees_its_place() {
    let store = Store::new(6_400, 1_000);
    for number in 0..3 {
        assert!(store.take(&[sub(number, 10)], START).admitted);
    }
    // One of ten a minute is back after six seconds.
    assert_eq!(
        used(
            &store,
            sub(9, 10),
            Now {
                mono_ns: after(6).mono_ns - 1,
                ..START
            }
        ),
        1
    );
    assert!(store.take(&[Take { cost: 4, ..sub(9, 10) }], after(6)).admitted);
    assert_eq!(used(&store, sub(9, 10), after(6)), 4);
    assert_eq!(used(&store, take(cell(2, 0), 10), after(6)), 0, "not in the base cell");
}

#[test]
fn subkey_that_is_taken_from_again_keeps_its_place() {
    let store = Store::new(6_400, 1_000);
    assert!(store.take(&[sub(0, 10)], START).admitted);
    assert!(store.take(&[Take { cost: 10, ..sub(1, 10) }], START).admitted);
    assert!(store.take(&[Take { cost: 4, ..sub(0, 10) }], after(5)).admitted);
    // The first unit alone would be back after six seconds, and the place free.
    assert!(store.take(&[sub(2, 10)], after(7)).admitted);
    assert_eq!(
        used(&store, take(cell(2, 0), 10), after(7)),
        1,
        "the newcomer is in the base cell"
    );
}

#[test]
fn two_subkeys_of_one_request_meet_the_cap_together() {
    let store = Store::new(6_400, 1_000);
    assert!(store.take(&[sub(0, 10)], START).admitted);
    assert!(store.take(&[sub(1, 10), sub(2, 10), sub(1, 10)], START).admitted);
    assert_eq!([1, 2].map(|number| used(&store, sub(number, 10), START)), [2, 1]);
    assert_eq!(
        used(&store, take(cell(2, 0), 10), START),
        1,
        "the second had no location left"
    );
}

#[test]
fn subkeys_without_room_for_another_parent_share_its_base_cell() {
    let store = Store::new(SHARDS, 1_000);
    let within = |parent: u128, number: u128| Take {
        subkey: Some(Subkey {
            parent: cell(1, parent),
            base: cell(2, parent),
            max: 2,
        }),
        ..take(cell(3 + parent, number), 10)
    };
    assert!(store.take(&[within(0, 1)], START).admitted);
    assert!(store.take(&[within(1, 1)], START).admitted);
    assert_eq!(
        [used(&store, within(1, 1), START), used(&store, within(1, 2), START)],
        [1, 1],
        "both are the base cell"
    );
}

#[test]
fn forget_clears_the_cells_named_and_counts_the_live_ones() {
    let store = Store::new(640, 1_000);
    let of = |map, user| Take {
        tag: Tag {
            limit: 7,
            user: Some(user),
        },
        ..take(cell(map, u128::from(user)), 60)
    };
    for one in [of(0, 1), of(5, 1), of(0, 2)] {
        assert!(store.take(&[one], START).admitted);
    }
    assert!(store.take(&[Take { cost: 60, ..of(6, 1) }], START).admitted);
    assert_eq!(
        store.forget(|_, tag| tag.user == Some(1), after(2)),
        1,
        "the others were unused again"
    );
    assert_eq!(used(&store, of(6, 1), after(2)), 0);
    assert_eq!(store.occupancy().cells, 1);
}

#[test]
fn calendar_cells_are_swept_when_their_window_is_over() {
    let store = Store::new(640, 1_000);
    let daily = Take {
        quantity: Quantity::Quota {
            quota: 5,
            period: Period::Day,
        },
        ..take(cell(0, 1), 1)
    };
    assert!(store.take(&[daily], START).admitted);
    store.sweep(after(60));
    assert_eq!(store.occupancy().cells, 1);
    store.sweep(after(86_400));
    assert_eq!(store.occupancy().cells, 0);
}

#[test]
fn one_cell_twice_counts_twice_also_when_new() {
    let store = Store::new(64, 1_000);
    let one = Take {
        cost: 40,
        ..take(cell(0, 1), 60)
    };
    let verdict = store.take(&[one, one], START);
    assert_eq!((verdict.admitted, verdict.outcomes[1].fit), (false, Fit::Never));
    let one = Take { cost: 30, ..one };
    assert!(store.take(&[one, one], START).admitted);
    assert_eq!(used(&store, one, START), 60);
}

/// One slot of a set within a parent of at most two sub-keys.
fn slot(number: u128, quota: u32) -> Take {
    Take {
        quantity: Quantity::Slots { quota },
        ..sub(number, quota)
    }
}

fn member(number: u64) -> Member {
    Member {
        id: LeaseId { epoch: 1, number },
        since_ms: 0,
    }
}

#[test]
fn member_of_the_base_set_that_asks_again_stays_there_also_when_a_place_of_its_own_is_free() {
    let store = Store::new(6_400, 100);
    let first = store.acquire(&[slot(0, 5)], member(0), START);
    store.acquire(&[slot(1, 5)], member(1), START);
    let in_base = store.acquire(&[slot(2, 5)], member(2), START);
    assert_eq!(in_base.held[0].set, cell(2, 0));
    assert_eq!(store.release(member(0).id, &first.held), 1);
    assert_eq!(store.acquire(&[slot(2, 5)], member(2), START), in_base);
    assert_eq!(store.occupancy().leases, 2);
    assert_eq!(store.acquire(&[slot(2, 5)], member(3), START).held[0].set, cell(3, 2));
}

#[test]
fn slots_that_nobody_is_there_to_hold_are_refused() {
    let store = Store::new(6_400, 100);
    let bare = Take {
        subkey: None,
        ..slot(0, 5)
    };
    let verdict = store.take(&[take(cell(0, 1), 60), bare], START);
    assert_eq!((verdict.admitted, verdict.outcomes[1].fit), (false, Fit::NoRoom));
    assert_eq!(
        (store.occupancy().leases, used(&store, take(cell(0, 1), 60), START)),
        (0, 0)
    );
}
