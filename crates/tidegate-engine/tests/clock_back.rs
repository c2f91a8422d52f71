//! Clocks that jump to and fro, through the whole engine: it never panics, and nobody earns more than the clock went
//! forward.

#[path = "support/callers.rs"]
mod callers;

use std::time::Duration;

use callers::{admitted, engine, known};
use proptest::{collection::vec, prelude::*};
use tidegate_core::{
    limit::{Period, Quantity},
    time::Now,
};

const QUOTA: u32 = 5;
const WINDOW: Duration = Duration::from_secs(60);
const CELLS_MAX: usize = 64;
const DAY_MS: i64 = 86_400_000;

/// 14 November 2023, 22:13 UTC.
const START: Now = Now {
    mono_ns: 1 << 60,
    wall_ms: 1_700_000_000_000,
};

/// Steps of a clock in milliseconds: mostly on, often back, now and then absurd.
fn step() -> impl Strategy<Value = i64> {
    prop_oneof![
        4 => 0..20_000_i64,
        2 => -20_000..0_i64,
        1 => -100_000_000..100_000_000_i64,
        1 => any::<i64>(),
    ]
}

/// What a clock shows after each step, the two clocks by themselves.
fn readings() -> impl Strategy<Value = Vec<Now>> {
    vec((step(), step()), 1..60).prop_map(|steps| {
        let mut now = START;
        let read = |(mono_ms, wall_ms): (i64, i64)| {
            let by_ns = mono_ms.saturating_mul(1_000_000);
            now.mono_ns = now.mono_ns.saturating_add_signed(by_ns);
            now.wall_ms = now.wall_ms.saturating_add(wall_ms);
            now
        };
        steps.into_iter().map(read).collect()
    })
}

/// Asks three times at each reading; how many were admitted.
fn asked(quantity: Quantity, readings: &[Now]) -> u64 {
    let engine = engine(quantity, CELLS_MAX);
    let ann = known("ann", "acme");
    let mut count = 0;
    for now in readings.iter().flat_map(|now| [now; 3]) {
        count += u64::from(admitted(&engine, &ann, *now).is_ok());
    }
    count
}

/// The steps forward of one clock, by pairs of readings.
fn forward(readings: &[Now], step: impl Fn(&Now, &Now) -> u128) -> u128 {
    let all: Vec<Now> = std::iter::once(START).chain(readings.iter().copied()).collect();
    all.windows(2).map(|pair| step(&pair[0], &pair[1])).sum()
}

fn forward_ns(readings: &[Now]) -> u128 {
    forward(readings, |from, to| u128::from(to.mono_ns.saturating_sub(from.mono_ns)))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    // fault 04
    #[test]
    fn a_bucket_earns_no_more_than_its_clock_went_forward(readings in readings()) {
        let rate = Quantity::Rate { quota: QUOTA, burst: QUOTA, window: WINDOW };
        let earned = forward_ns(&readings) * u128::from(QUOTA) / WINDOW.as_nanos();
        prop_assert!(u128::from(asked(rate, &readings)) <= u128::from(QUOTA) + earned);
    }

    // fault 04
    #[test]
    fn a_sliding_limit_admits_its_quota_for_each_window_the_clock_went_forward(readings in readings()) {
        let sliding = Quantity::Sliding { quota: QUOTA, window: WINDOW };
        let windows = 1 + forward_ns(&readings) / WINDOW.as_nanos();
        prop_assert!(u128::from(asked(sliding, &readings)) <= u128::from(QUOTA) * windows);
    }

    // fault 04
    #[test]
    fn a_day_admits_its_quota_for_each_midnight_the_clock_passed(readings in readings()) {
        let day = Quantity::Quota { quota: QUOTA, period: Period::Day };
        let midnights = forward(&readings, |from, to| {
            let days = to.wall_ms.div_euclid(DAY_MS).saturating_sub(from.wall_ms.div_euclid(DAY_MS));
            u128::try_from(days).unwrap_or(0)
        });
        prop_assert!(u128::from(asked(day, &readings)) <= u128::from(QUOTA) * (1 + midnights));
    }
}
