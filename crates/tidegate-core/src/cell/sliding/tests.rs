use std::time::Duration;

use crate::{
    cell::{Cell, Fit},
    limit::Quantity,
    time::Now,
};

fn sliding(quota: u32, secs: u64) -> Quantity {
    Quantity::Sliding {
        quota,
        window: Duration::from_secs(secs),
    }
}

fn at(secs: u64) -> Now {
    Now {
        mono_ns: secs * 1_000_000_000,
        wall_ms: 0,
    }
}

/// A cell in which `used` units are taken at `now`.
fn used(quantity: Quantity, used: u32, now: Now) -> Cell {
    let mut cell = Cell::new(quantity, now);
    cell.take(used);
    cell
}

#[test]
fn a_lowered_sliding_quota_admits_nothing_until_below_it() {
    let (twelve, six) = (sliding(12, 120), sliding(6, 120));
    let mut cell = Cell::new(twelve, at(0));
    for secs in 0..12 {
        cell.advance(twelve, at(secs));
        cell.take(1);
    }
    cell.advance(six, at(12));
    // Six have to leave before six are left, and a seventh before one more fits: the one of second 6.
    assert_eq!(
        cell.fit(six, 1, 0, at(12)),
        Fit::After(Duration::from_secs(120 + 6 - 12))
    );
    cell.advance(six, at(126));
    assert_eq!(cell.fit(six, 1, 0, at(126)), Fit::Now);
    assert_eq!(cell.fit(six, 0, 0, at(12)), Fit::Now, "nothing costs nothing");
}

// fault 01, fault 02
#[test]
fn a_step_of_the_clock_makes_no_stamp_older_or_younger() {
    let quantity = sliding(1, 120);
    let mut cell = used(quantity, 1, at(10_000));
    cell.advance(quantity, at(10_050));
    cell.advance(quantity, at(6_450));
    assert_eq!(cell.fit(quantity, 1, 0, at(6_450)), Fit::After(Duration::from_secs(70)));
    cell.advance(quantity, at(6_520));
    assert_eq!(cell.fit(quantity, 1, 0, at(6_520)), Fit::Now);
}

#[test]
fn a_stamp_that_has_left_is_not_given_back_twice() {
    let quantity = sliding(2, 60);
    let mut cell = used(quantity, 1, at(1_000));
    cell.advance(quantity, at(1_060));
    cell.take(2);
    cell.give_back(1, at(1_000).mono_ns);
    assert_eq!(cell.standing(quantity, at(1_060)).used, 2);
}
