use std::time::Duration;

use super::*;
use crate::{
    cell::{Cell, Standing},
    decide::{self, Tag, Take, Verdict},
    limit::Quantity,
    partition::CellId,
    time::Now,
};

const NOW: Now = Now {
    mono_ns: 1_000_000_000_000,
    wall_ms: 1_700_000_000_000,
};

fn take(cell: u128, quantity: Quantity) -> Take {
    Take {
        cell: CellId(cell),
        tag: Tag { limit: 1, user: None },
        quantity,
        cost: 1,
        shadow: false,
        subkey: None,
    }
}

fn slots(quota: u32) -> Take {
    take(0, Quantity::Slots { quota })
}

fn rate(quota: u32) -> Take {
    let window = Duration::from_secs(60);
    take(
        1,
        Quantity::Rate {
            quota,
            burst: quota,
            window,
        },
    )
}

/// Decides over takes, the first cell being this look at a set and the second that of a rate with so much used.
fn decided(takes: &[Take], look: Slots, used: u32) -> (Verdict, Slots, Cell) {
    let mut spent = Cell::new(rate(100).quantity, NOW);
    spent.take(used);
    let mut cells = [Cell::Slots(look), spent];
    let cell_of: Vec<usize> = takes.iter().map(|take| take.cell.0 as usize).collect();
    let verdict = decide::decide(takes, &cell_of, &mut cells, NOW);
    let Cell::Slots(look) = cells[0] else {
        panic!("a set became a counter")
    };
    (verdict, look, cells[1].clone())
}

fn set(open: u64) -> Slots {
    Slots::new(open, false, true)
}

#[test]
fn slots_are_admitted_up_to_the_quota_and_never_above() {
    for (open, quota, fit) in [
        (0, 10, Fit::Now),
        (9, 10, Fit::Now),
        (10, 10, Fit::Full),
        (25, 10, Fit::Full),
        (0, 1, Fit::Now),
        (1, 1, Fit::Full),
    ] {
        let (verdict, look, _) = decided(&[slots(quota)], set(open), 0);
        assert_eq!(
            (verdict.outcomes[0].fit, verdict.admitted),
            (fit, fit == Fit::Now),
            "{open} of {quota}"
        );
        assert_eq!(
            (look.joins(), look.open),
            (fit == Fit::Now, open + u64::from(fit == Fit::Now))
        );
    }
}

// fault 34
#[test]
fn more_open_than_a_lowered_quota_leaves_nothing_and_not_less_than_nothing() {
    let (verdict, ..) = decided(&[slots(5)], set(12), 0);
    assert_eq!(
        verdict.outcomes[0].standing,
        Standing {
            used: 12,
            remaining: 0,
            resets_in: None,
            warned: false,
        }
    );
}

#[test]
fn a_member_that_asks_again_fits_and_joins_no_second_time_however_full_the_set() {
    for open in [1, 10, 12] {
        let (verdict, look, _) = decided(&[slots(10)], Slots::new(open, true, false), 0);
        assert!(verdict.admitted && !look.joins());
        assert_eq!(look.open, open);
    }
}

#[test]
fn one_request_that_asks_a_set_twice_takes_one_slot() {
    let (verdict, look, _) = decided(&[slots(1), slots(1)], set(0), 0);
    assert!(verdict.admitted && look.joins());
    assert_eq!(look.open, 1);
}

#[test]
fn rate_and_slots_are_taken_both_or_neither() {
    let used = |cell: &Cell| cell.standing(rate(100).quantity, NOW).used;
    let (verdict, look, spent) = decided(&[slots(10), rate(100)], set(3), 5);
    assert!(verdict.admitted && look.joins());
    assert_eq!(used(&spent), 6);
    // The rate comes after the slots and refuses.
    let (verdict, look, spent) = decided(&[slots(10), rate(100)], set(3), 100);
    assert!(!verdict.admitted && !look.joins());
    assert_eq!((look.open, used(&spent)), (3, 100));
    // The slots come after the rate and refuse.
    let (verdict, look, spent) = decided(&[rate(100), slots(10)], set(10), 5);
    assert!(!verdict.admitted && !look.joins());
    assert_eq!((look.open, used(&spent)), (10, 5));
}

#[test]
fn shadow_slots_refuse_nothing_and_hold_no_more_than_the_quota() {
    let shadow = Take {
        shadow: true,
        ..slots(1)
    };
    let (verdict, look, _) = decided(&[shadow], set(0), 0);
    assert!(verdict.admitted && look.joins());
    let (verdict, look, _) = decided(&[shadow], set(1), 0);
    assert!(verdict.admitted && !look.joins());
    assert_eq!(verdict.outcomes[0].fit, Fit::Full);
}

#[test]
fn a_store_without_room_is_told_apart_from_a_full_set() {
    let none = |open| Slots::new(open, false, false);
    assert_eq!(decided(&[slots(10)], none(9), 0).0.outcomes[0].fit, Fit::NoRoom);
    assert_eq!(decided(&[slots(10)], none(10), 0).0.outcomes[0].fit, Fit::Full);
    assert!(!decided(&[slots(10)], none(9), 0).0.admitted);
}

#[test]
fn a_question_takes_nothing_and_always_fits() {
    let question = Take { cost: 0, ..slots(1) };
    let (verdict, look, _) = decided(&[question], Slots::new(7, false, false), 0);
    assert!(verdict.admitted && !look.joins());
    assert_eq!(verdict.outcomes[0].standing.used, 7);
}

#[test]
fn a_limit_that_becomes_one_of_slots_carries_no_count_over() {
    let mut cell = Cell::new(rate(100).quantity, NOW);
    cell.take(50);
    cell.advance(slots(10).quantity, NOW);
    assert_eq!(cell, Cell::Slots(set(0)));
    cell.advance(rate(100).quantity, NOW);
    assert_eq!(cell.standing(rate(100).quantity, NOW).used, 0);
}
