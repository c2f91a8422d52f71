use proptest::prelude::*;

use super::*;
use crate::limit::Quantity;

const DAY_MS: i64 = 86_400_000;
/// 2026-11-22T12:00:00Z.
const NOON_MS: i64 = 1_795_348_800_000;

/// Two processes: their clocks that only go forward have nothing to do with each other.
fn before(wall_ms: i64) -> Now {
    Now {
        // It is as far from zero as every clock starts, so that earlier events have a time.
        mono_ns: 40_000_000_000_000_123,
        wall_ms,
    }
}

fn later(wall_ms: i64) -> Now {
    Now {
        mono_ns: 30_000_000_000_000_042,
        wall_ms,
    }
}

fn hourly(quota: u32) -> Quantity {
    Quantity::Rate {
        quota,
        burst: quota,
        window: Duration::from_secs(3_600),
    }
}

fn quantity() -> impl Strategy<Value = Quantity> {
    let periods = prop::sample::select(vec![Period::Hour, Period::Day, Period::Week, Period::Month]);
    prop_oneof![
        (1..2_000_u32, 1..4_000_u32, 61..2_678_400_u64).prop_map(|(quota, burst, secs)| Quantity::Rate {
            quota,
            burst,
            window: Duration::from_secs(secs)
        }),
        (1..64_u32, 61..2_678_400_u64).prop_map(|(quota, secs)| Quantity::Sliding {
            quota,
            window: Duration::from_secs(secs)
        }),
        (1..2_000_u32, periods).prop_map(|(quota, period)| Quantity::Quota { quota, period }),
    ]
}

fn used_of(quantity: Quantity, units: u32, now: Now) -> Cell {
    let mut cell = Cell::new(quantity, now);
    cell.take(units);
    cell
}

/// The cell as another process has it.
fn restarted(cell: &Cell, stopped: Now, started: Now) -> Cell {
    cell.state(stopped).unwrap().cell(started).unwrap()
}

proptest! {
    #[test]
    fn no_time_between_changes_nothing(quantity in quantity(), part in 0.0..=1.0_f64) {
        let units = (f64::from(quantity.burst()) * part) as u32;
        let cell = used_of(quantity, units, before(NOON_MS));
        let again = restarted(&cell, before(NOON_MS), later(NOON_MS));
        prop_assert_eq!(again.standing(quantity, later(NOON_MS)), cell.standing(quantity, before(NOON_MS)));
    }

    // The expected values are those of a process that went on, to the millisecond that a wall clock does not tell.
    #[test]
    fn time_between_counts_as_if_nobody_had_been_away(
        quantity in quantity(), part in 0.0..=1.0_f64, ran_ms in 0..4 * DAY_MS, away_ms in 0..40 * DAY_MS,
    ) {
        let units = (f64::from(quantity.burst()) * part) as u32;
        let forward = |ms: i64| Now { mono_ns: before(0).mono_ns + ms as u64 * 1_000_000, wall_ms: NOON_MS + ms };
        let cell = used_of(quantity, units, forward(0));
        let mut again = restarted(&cell, forward(ran_ms), later(NOON_MS + ran_ms + away_ms));
        let mut on = cell;
        on.advance(quantity, forward(ran_ms + away_ms));
        again.advance(quantity, later(NOON_MS + ran_ms + away_ms));
        let (on, again) = (
            on.standing(quantity, forward(ran_ms + away_ms)),
            again.standing(quantity, later(NOON_MS + ran_ms + away_ms)),
        );
        prop_assert!(again.used == on.used || again.used == on.used + 1, "{again:?} after {on:?}");
        let (on_resets, again_resets) = (on.resets_in.unwrap(), again.resets_in.unwrap());
        prop_assert!(again_resets >= on_resets && again_resets <= on_resets + Duration::from_millis(1));
    }

    // fault 01, fault 02, fault 04, fault 05
    #[test]
    fn whatever_the_clock_shows_nobody_waits_over_a_window_nor_earns_over_the_burst(
        quantity in quantity(), stopped_ms in any::<i64>(), started_ms in any::<i64>(),
    ) {
        let cell = used_of(quantity, quantity.burst(), before(stopped_ms));
        let mut again = restarted(&cell, before(stopped_ms), later(started_ms));
        let now = later(started_ms);
        again.advance(quantity, now);
        let standing = again.standing(quantity, now);
        prop_assert!(standing.used <= u64::from(quantity.burst()));
        let longest = match quantity {
            Quantity::Rate { quota, burst, window } => {
                Duration::from_nanos((window.as_nanos() * u128::from(burst)).div_ceil(u128::from(quota)) as u64)
            }
            other => other.window().unwrap(),
        };
        prop_assert!(standing.resets_in.unwrap() <= longest, "{standing:?}");
    }

    #[test]
    fn what_no_cell_can_hold_is_none_and_the_rest_never_overflows(
        used in any::<u128>(), quota in any::<u32>(), window_ns in any::<u64>(), at_ms in any::<i64>(),
        units in any::<u64>(), start_ms in any::<i64>(), now_ms in any::<i64>(), mono_ns in any::<u64>(), warned in any::<bool>(),
    ) {
        let now = Now { mono_ns, wall_ms: now_ms };
        let bucket = CellState::Bucket { used, quota, window_ns, at_ms, warned };
        let calendar = CellState::Calendar { used: units, period: Period::Month, start_ms, warned };
        let sliding = CellState::Sliding { stamps_ms: vec![at_ms, start_ms, 0], window_ns, warned };
        for state in [bucket, calendar, sliding] {
            let Some(mut cell) = state.cell(now) else { continue };
            let _ = (cell.is_unused(now), cell.unused_in(now));
            cell.advance(hourly(10), now);
            cell.take(1);
            let _ = (cell.fit(hourly(10), 1, 0, now), cell.standing(hourly(10), now), cell.state(now));
        }
    }
}

// fault 05
#[test]
fn month_is_never_reset_by_a_restart_whatever_the_clock_shows() {
    let month = Quantity::Quota {
        quota: 1_000,
        period: Period::Month,
    };
    let cell = used_of(month, 700, before(NOON_MS));
    for step_ms in [0, -3_600_000, 3_600_000, -40 * DAY_MS, 8 * DAY_MS] {
        let now = later(NOON_MS + step_ms);
        let mut again = restarted(&cell, before(NOON_MS), now);
        again.advance(month, now);
        assert_eq!(again.standing(month, now).used, 700, "{step_ms} ms later");
    }
    let december = later(NOON_MS + 9 * DAY_MS);
    let mut again = restarted(&cell, before(NOON_MS), december);
    again.advance(month, december);
    assert_eq!(again.standing(month, december).used, 0);
}

#[test]
fn short_windows_and_slots_do_not_outlive_a_process() {
    let now = before(NOON_MS);
    let minute = Quantity::Rate {
        quota: 100,
        burst: 100,
        window: Duration::from_secs(60),
    };
    for quantity in [
        minute,
        Quantity::Quota {
            quota: 5,
            period: Period::Minute,
        },
        Quantity::Slots { quota: 5 },
    ] {
        assert_eq!(Cell::new(quantity, now).state(now), None, "{quantity:?}");
    }
    let sliding = Quantity::Sliding {
        quota: 5,
        window: Duration::from_secs(60),
    };
    assert_eq!(Cell::new(sliding, now).state(now), None);
    let longer = Quantity::Rate {
        quota: 100,
        burst: 100,
        window: Duration::from_secs(61),
    };
    assert!(Cell::new(longer, now).state(now).is_some());
}
