use proptest::prelude::*;

use super::*;
use crate::limit::Period;

const DAY_MS: i64 = 86_400_000;
const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;

const PERIODS: [Period; 5] = [Period::Minute, Period::Hour, Period::Day, Period::Week, Period::Month];

fn wall(wall_ms: i64) -> Now {
    Now {
        mono_ns: 5_000,
        wall_ms,
    }
}

/// Unix milliseconds of a UTC date, counted in days by hand: nothing in common with the calendar under test.
fn utc(year: i64, month: i64, day: i64) -> i64 {
    let leap = |year: i64| (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let years: i64 = if year >= 1970 {
        (1970..year).map(|y| 365 + i64::from(leap(y))).sum()
    } else {
        -(year..1970).map(|y| 365 + i64::from(leap(y))).sum::<i64>()
    };
    let lengths = [31, 28 + i64::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    (years + lengths[..month as usize - 1].iter().sum::<i64>() + day - 1) * DAY_MS
}

fn quota(quota: u32, period: Period) -> Quantity {
    Quantity::Quota { quota, period }
}

fn rate(quota: u32, burst: u32, secs: u64) -> Quantity {
    Quantity::Rate {
        quota,
        burst,
        window: Duration::from_secs(secs),
    }
}

fn sliding(quota: u32, secs: u64) -> Quantity {
    Quantity::Sliding {
        quota,
        window: Duration::from_secs(secs),
    }
}

/// A cell in which `used` units are taken at `now`.
fn used(quantity: Quantity, used: u32, now: Now) -> Cell {
    let mut cell = Cell::new(quantity, now);
    cell.take(used);
    cell
}

fn check_window(period: Period, inside_ms: i64, start_ms: i64, end_ms: i64) {
    assert_eq!(period.start_ms(inside_ms), start_ms, "{period:?} at {inside_ms} starts");
    assert_eq!(
        period.ends_in(inside_ms),
        Duration::from_millis((end_ms - inside_ms) as u64),
        "{period:?} at {inside_ms} ends"
    );
}

#[test]
fn calendar_windows_begin_and_end_in_utc() {
    check_window(
        Period::Minute,
        utc(2026, 11, 22) + 61_001,
        utc(2026, 11, 22) + 60_000,
        utc(2026, 11, 22) + 120_000,
    );
    check_window(
        Period::Hour,
        utc(2026, 11, 22) + HOUR_MS,
        utc(2026, 11, 22) + HOUR_MS,
        utc(2026, 11, 22) + 2 * HOUR_MS,
    );
    check_window(Period::Day, utc(2026, 11, 22) + 1, utc(2026, 11, 22), utc(2026, 11, 23));
    // The 22nd of November 2026 is a Sunday: the last day of its week.
    check_window(
        Period::Week,
        utc(2026, 11, 22) + 1,
        utc(2026, 11, 16),
        utc(2026, 11, 23),
    );
    check_window(Period::Week, utc(2026, 11, 23), utc(2026, 11, 23), utc(2026, 11, 30));
    check_window(
        Period::Month,
        utc(2026, 12, 31) + DAY_MS - 1,
        utc(2026, 12, 1),
        utc(2027, 1, 1),
    );
    check_window(Period::Month, utc(2027, 1, 1), utc(2027, 1, 1), utc(2027, 2, 1));
    check_window(Period::Month, utc(2027, 2, 28), utc(2027, 2, 1), utc(2027, 3, 1));
    check_window(Period::Month, utc(2028, 2, 29), utc(2028, 2, 1), utc(2028, 3, 1));
    check_window(Period::Month, utc(2100, 2, 28), utc(2100, 2, 1), utc(2100, 3, 1));
    check_window(Period::Month, utc(2000, 2, 29), utc(2000, 2, 1), utc(2000, 3, 1));
    check_window(Period::Week, utc(1969, 12, 30), utc(1969, 12, 29), utc(1970, 1, 5));
    check_window(Period::Month, utc(1969, 12, 30), utc(1969, 12, 1), utc(1970, 1, 1));
}

#[test]
fn leap_february_is_a_day_longer() {
    let month_ms = |year| utc(year, 3, 1) - utc(year, 2, 1);
    assert_eq!(
        Period::Month.ends_in(utc(2028, 2, 1)),
        Duration::from_millis(month_ms(2028) as u64)
    );
    assert_eq!(month_ms(2028), 29 * DAY_MS);
    assert_eq!(month_ms(2100), 28 * DAY_MS);
}

// fault 01
#[test]
fn step_back_keeps_the_count_and_waits_no_longer_than_the_window_now_shown() {
    for (period, back_ms) in [
        (Period::Minute, HOUR_MS),
        (Period::Hour, HOUR_MS),
        (Period::Day, 31 * DAY_MS),
        (Period::Week, 31 * DAY_MS),
        (Period::Month, 31 * DAY_MS),
    ] {
        let (quantity, now) = (quota(10, period), wall(utc(2026, 11, 23) + 30_000));
        let mut cell = used(quantity, 10, now);
        let earlier = wall(now.wall_ms - back_ms);
        cell.advance(quantity, earlier);
        assert_eq!(cell.standing(quantity, earlier).used, 10);
        let Fit::After(wait) = cell.fit(quantity, 1, 0, earlier) else {
            panic!("{period:?} forgot its count")
        };
        assert_eq!(wait, period.ends_in(earlier.wall_ms));
        let after = wall(earlier.wall_ms + wait.as_millis() as i64);
        cell.advance(quantity, after);
        assert_eq!(
            cell.fit(quantity, 10, 0, after),
            Fit::Now,
            "{period:?}: waiting it out works"
        );
    }
}

// fault 02
#[test]
fn step_forward_earns_one_window_and_no_more() {
    let (quantity, now) = (quota(10, Period::Hour), wall(utc(2026, 11, 23)));
    let mut cell = used(quantity, 10, now);
    let later = wall(now.wall_ms + 24 * HOUR_MS);
    cell.advance(quantity, later);
    assert_eq!(cell.fit(quantity, 10, 0, later), Fit::Now);
    assert_eq!(cell.fit(quantity, 11, 0, later), Fit::Never);
}

#[test]
fn late_reading_from_before_the_window_does_not_begin_it_anew() {
    let quantity = quota(10, Period::Minute);
    let edge_ms = utc(2026, 11, 23);
    let mut cell = used(quantity, 10, wall(edge_ms + 100));
    // Another request read the clock before the edge and is decided after this one.
    let late = wall(edge_ms - 300);
    cell.advance(quantity, late);
    assert_eq!(
        cell.fit(quantity, 1, 0, late),
        Fit::After(Duration::from_millis(60_300))
    );
    cell.advance(quantity, wall(edge_ms + 200));
    assert_eq!(cell.standing(quantity, wall(edge_ms + 200)).used, 10);
}

// fault 03
#[test]
fn late_readings_of_a_bucket_earn_nothing() {
    let quantity = rate(100, 100, 60);
    let start_ns = 1_000_000_000_000;
    let mut cell = used(
        quantity,
        100,
        Now {
            mono_ns: start_ns,
            wall_ms: 0,
        },
    );
    for _ in 0..1_000 {
        for mono_ns in [start_ns - 2_000_000_000, start_ns] {
            cell.advance(quantity, Now { mono_ns, wall_ms: 0 });
        }
    }
    assert_eq!(
        cell.standing(
            quantity,
            Now {
                mono_ns: start_ns,
                wall_ms: 0
            }
        )
        .used,
        100
    );
}

// fault 10
#[test]
fn what_is_used_stays_used_under_another_quota() {
    let full = |quantity| used(quantity, 100, wall(0));
    let check = |mut cell: Cell, quantity: Quantity, expect: (u64, u64)| {
        cell.advance(quantity, wall(0));
        let standing = cell.standing(quantity, wall(0));
        assert_eq!((standing.used, standing.remaining), expect, "{quantity:?}");
    };
    check(full(rate(100, 100, 60)), rate(200, 200, 60), (100, 100));
    check(full(rate(100, 100, 60)), rate(40, 40, 60), (40, 0));
    check(full(rate(100, 100, 60)), rate(100, 100, 3_600), (100, 0));
    check(full(rate(100, 100, 60)), rate(300, 300, 7), (100, 200));
    check(full(quota(100, Period::Day)), quota(200, Period::Day), (100, 100));
    check(full(quota(100, Period::Day)), quota(40, Period::Day), (100, 0));
    check(full(quota(100, Period::Month)), quota(200, Period::Day), (100, 100));
    check(full(quota(100, Period::Day)), quota(200, Period::Month), (100, 100));
    check(full(quota(100, Period::Day)), rate(200, 200, 60), (100, 100));
    check(full(quota(100, Period::Day)), rate(40, 40, 60), (40, 0));
    check(full(rate(100, 100, 60)), quota(200, Period::Day), (100, 100));
    check(full(rate(100, 100, 60)), quota(40, Period::Day), (40, 0));
    check(full(rate(100, 100, 60)), sliding(40, 60), (40, 0));
    check(full(quota(100, Period::Day)), sliding(64, 60), (64, 0));
    let twelve = || used(sliding(12, 120), 12, wall(0));
    check(twelve(), sliding(24, 120), (12, 12));
    check(twelve(), sliding(6, 120), (12, 0));
    check(twelve(), sliding(12, 7), (12, 0));
    check(twelve(), rate(24, 24, 60), (12, 12));
    check(twelve(), quota(24, Period::Day), (12, 12));
}

#[test]
fn what_is_given_back_is_as_if_it_had_never_been_taken() {
    for quantity in [rate(10, 10, 60), sliding(10, 60), quota(10, Period::Day)] {
        let mut cell = used(quantity, 4, wall(0));
        let before = cell.standing(quantity, wall(0));
        cell.take(3);
        cell.give_back(3, cell.clock_ns());
        assert_eq!(cell.standing(quantity, wall(0)), before);
        cell.give_back(10, cell.clock_ns());
        assert!(cell.is_unused(wall(0)), "and no more than there is: {quantity:?}");
    }
}

// There may be a million of them.
#[test]
fn a_cell_is_one_line_of_memory() {
    assert!(size_of::<Cell>() <= 64);
}

#[test]
fn change_of_kind_carries_over_only_what_is_still_used() {
    let (half_ns, minute) = (30_000_000_000, rate(100, 100, 60));
    let mut bucket = used(minute, 100, Now { mono_ns: 0, wall_ms: 0 });
    let later = Now {
        mono_ns: half_ns,
        wall_ms: 30_000,
    };
    bucket.advance(quota(100, Period::Day), later);
    assert_eq!(bucket.standing(quota(100, Period::Day), later).used, 50);

    let mut calendar = used(quota(100, Period::Minute), 100, wall(0));
    calendar.advance(minute, wall(MINUTE_MS));
    assert_eq!(calendar.standing(minute, wall(MINUTE_MS)).used, 0);
}

// fault 11
#[test]
fn waits_longer_than_64_bits_of_nanoseconds_are_exact() {
    let (quantity, now) = (rate(1, u32::MAX, 31 * 86_400), wall(0));
    let cell = used(quantity, u32::MAX, now);
    let months = Duration::from_secs(31 * 86_400 * u64::from(u32::MAX));
    assert_eq!(cell.standing(quantity, now).resets_in, Some(months));
    assert_eq!(cell.fit(quantity, u32::MAX, 0, now), Fit::After(months));
    assert_eq!(
        cell.fit(quantity, 1, 0, now),
        Fit::After(Duration::from_secs(31 * 86_400))
    );
}

#[test]
fn units_of_one_request_that_together_exceed_the_burst_never_fit() {
    for quantity in [rate(10, 10, 60), sliding(10, 60), quota(10, Period::Day)] {
        let cell = Cell::new(quantity, wall(0));
        assert_eq!(cell.fit(quantity, 6, 4, wall(0)), Fit::Now);
        assert_eq!(cell.fit(quantity, 6, 5, wall(0)), Fit::Never);
        assert_eq!(cell.fit(quantity, 1, u64::MAX, wall(0)), Fit::Never);
    }
}

#[test]
fn nothing_costs_nothing_even_when_all_is_used() {
    for quantity in [rate(10, 10, 60), sliding(10, 60), quota(10, Period::Day)] {
        assert_eq!(used(quantity, 10, wall(0)).fit(quantity, 0, 0, wall(0)), Fit::Now);
    }
}

#[test]
fn calendar_cell_is_unused_once_its_own_window_is_over() {
    let cell = used(quota(10, Period::Day), 1, wall(utc(2026, 11, 22)));
    assert!(!cell.is_unused(wall(utc(2026, 11, 23) - 1)));
    assert!(cell.is_unused(wall(utc(2026, 11, 23))));
    assert!(
        !cell.is_unused(wall(utc(2026, 10, 22))),
        "a step back makes nothing unused"
    );
    assert!(Cell::new(quota(10, Period::Day), wall(0)).is_unused(wall(0)));
}

fn any_wall() -> impl Strategy<Value = i64> {
    prop_oneof![
        utc(1960, 1, 1)..utc(2110, 1, 1),
        any::<i64>(),
        Just(i64::MIN),
        Just(i64::MAX)
    ]
}

proptest! {
    #[test]
    fn month_windows_are_those_of_the_hand_counted_calendar(year in 1901..2199_i64, month in 1..=12_i64, part in 0.0..1.0_f64) {
        let start_ms = utc(year, month, 1);
        let end_ms = if month == 12 { utc(year + 1, 1, 1) } else { utc(year, month + 1, 1) };
        let inside_ms = start_ms + ((end_ms - start_ms - 1) as f64 * part) as i64;
        check_window(Period::Month, inside_ms, start_ms, end_ms);
        check_window(Period::Month, end_ms - 1, start_ms, end_ms);
    }

    // fault 04, fault 11
    #[test]
    fn calendars_neither_panic_nor_wait_over_a_window_at_any_clock(
        walls in prop::collection::vec(any_wall(), 1..20), amount in 1..=u32::MAX, kinds in prop::collection::vec(0..5_usize, 20),
    ) {
        let mut cell = Cell::new(quota(amount, PERIODS[kinds[0]]), wall(walls[0]));
        for (wall_ms, kind) in walls.into_iter().zip(kinds) {
            let (quantity, now) = (quota(amount, PERIODS[kind]), wall(wall_ms));
            cell.advance(quantity, now);
            if let Fit::After(wait) = cell.fit(quantity, 1, 0, now) {
                prop_assert!(wait <= PERIODS[kind].longest() + SKEW_MAX, "{wait:?}");
                prop_assert!(wait > Duration::ZERO);
            } else {
                cell.take(amount);
            }
            prop_assert!(cell.standing(quantity, now).used <= u64::from(amount) * 2);
            cell.is_unused(now);
        }
    }

    // fault 06
    #[test]
    fn no_span_as_long_as_the_window_admits_more_than_the_bound(
        kind in 0..5_usize, start in utc(2023, 12, 20)..utc(2024, 4, 1), gaps in prop::collection::vec(0.0..0.4_f64, 1..60),
    ) {
        let quantity = quota(3, PERIODS[kind]);
        let length_ms = PERIODS[kind].longest().as_millis() as i64;
        let mut now = wall(start);
        let mut cell = Cell::new(quantity, now);
        let mut admitted: Vec<i64> = Vec::new();
        for gap in gaps {
            now.wall_ms += (length_ms as f64 * gap) as i64;
            cell.advance(quantity, now);
            while cell.fit(quantity, 1, 0, now) == Fit::Now {
                cell.take(1);
                admitted.push(now.wall_ms);
            }
        }
        for from_ms in &admitted {
            let within = admitted.iter().filter(|then_ms| (*from_ms..from_ms + length_ms).contains(then_ms)).count() as u64;
            prop_assert!(within <= quantity.bound(), "{within} in a {:?}", PERIODS[kind]);
        }
    }
}
