//! Sliding limits against a list of everything that was ever admitted.
//!
//! The reference forgets nothing and shifts nothing: each unit stands with the moment it was admitted at, on the latest
//! reading there was, and a question is answered by counting.

use std::time::Duration;

use proptest::prelude::*;
use tidegate_core::{
    cell::{Cell, Fit, SKEW_MAX},
    limit::{Quantity, SLIDING_QUOTA_MAX},
    time::Now,
};

const START_NS: u64 = 1_000_000_000_000_000_000;

fn at(mono_ns: u64) -> Now {
    Now { mono_ns, wall_ms: 0 }
}

fn sliding(quota: u32, window_ns: u64) -> Quantity {
    Quantity::Sliding {
        quota,
        window: Duration::from_nanos(window_ns),
    }
}

/// Everything that was admitted, and the latest reading.
struct Book {
    admitted: Vec<u64>,
    latest_ns: u64,
}

impl Book {
    fn see(&mut self, now_ns: u64) {
        self.latest_ns = self.latest_ns.max(now_ns);
    }

    /// How many were admitted in the half-open window that ends now: one that began exactly a window ago is out of it.
    fn used(&self, window_ns: u64) -> usize {
        let counts = |then: &&u64| self.latest_ns - **then < window_ns;
        self.admitted.iter().filter(counts).count()
    }

    /// The first moment at which `cost` more fit, by trying each moment at which one leaves.
    fn fits_at(&self, cost: u32, quota: u32, window_ns: u64) -> u64 {
        let leaving = self
            .admitted
            .iter()
            .map(|then| then + window_ns)
            .filter(|moment| *moment > self.latest_ns);
        let leaving: Vec<u64> = leaving.collect();
        let mut moments = leaving.clone();
        moments.push(self.latest_ns);
        moments.sort_unstable();
        let fits = |moment: &u64| {
            let used = leaving.iter().filter(|left| *left > moment).count();
            used + cost as usize <= quota as usize
        };
        moments.into_iter().find(fits).unwrap()
    }
}

/// The most that stand in any half-open window.
fn most_in_a_window(admitted: &[u64], window_ns: u64) -> usize {
    let from = |first: &u64| {
        admitted
            .iter()
            .filter(|then| (*first..first + window_ns).contains(then))
            .count()
    };
    admitted.iter().map(from).max().unwrap_or(0)
}

#[derive(Clone, Copy, Debug)]
struct Step {
    by_ns: i64,
    cost: u32,
    give_back: bool,
}

/// Steps around the window, late readings, and now and then a unit that is given back.
fn steps(window_ns: u64) -> impl Strategy<Value = Vec<Step>> {
    let (window, skew) = (window_ns as i64, SKEW_MAX.as_nanos() as i64);
    let by_ns = prop_oneof![
        4 => Just(0_i64),
        4 => 0..=window / 8,
        2 => 0..=window,
        1 => Just(window),
        1 => Just(window - 1),
        1 => 0..=3 * window,
        1 => -skew.min(window)..=0,
    ];
    let cost = prop_oneof![6 => Just(1_u32), 1 => 0..5_u32, 1 => 0..80_u32];
    let step = (by_ns, cost, prop::bool::weighted(0.15));
    prop::collection::vec(
        step.prop_map(|(by_ns, cost, give_back)| Step { by_ns, cost, give_back }),
        1..150,
    )
}

fn traces() -> impl Strategy<Value = (u32, u64, Vec<Step>)> {
    let window_ns = prop_oneof![
        Just(1_u64),
        2..1_000_u64,
        Just(120_000_000_000),
        Just(31 * 86_400_000_000_000)
    ];
    (1..=SLIDING_QUOTA_MAX, window_ns)
        .prop_flat_map(|(quota, window_ns)| (Just(quota), Just(window_ns), steps(window_ns)))
}

proptest! {
    // docs/platforms/grovestreams.md G4. fault 03, fault 04, fault 06, fault 07
    #[test]
    fn every_answer_is_that_of_the_whole_book((quota, window_ns, steps) in traces()) {
        let quantity = sliding(quota, window_ns);
        let (mut now_ns, mut latest_ns) = (START_NS, START_NS);
        let mut cell = Cell::new(quantity, at(now_ns));
        let mut book = Book { admitted: Vec::new(), latest_ns: now_ns };
        for step in steps {
            let skew = SKEW_MAX.as_nanos() as u64;
            now_ns = now_ns.saturating_add_signed(step.by_ns).max(latest_ns - skew);
            latest_ns = latest_ns.max(now_ns);
            cell.advance(quantity, at(now_ns));
            book.see(now_ns);

            let standing = cell.standing(quantity, at(now_ns));
            let used = book.used(window_ns);
            prop_assert_eq!(standing.used, used as u64);
            prop_assert_eq!(standing.remaining, u64::from(quota) - used as u64);
            let empty_at_ns = book.admitted.iter().max().map_or(0, |last| last + window_ns);
            let resets_in_ns = if used == 0 { 0 } else { empty_at_ns - now_ns };
            prop_assert_eq!(standing.resets_in, Some(Duration::from_nanos(resets_in_ns)));

            let expected = match book.fits_at(step.cost.min(quota), quota, window_ns) {
                _ if step.cost > quota => Fit::Never,
                _ if step.cost == 0 => Fit::Now,
                fits_at if fits_at == latest_ns => Fit::Now,
                fits_at => Fit::After(Duration::from_nanos(fits_at - now_ns)),
            };
            prop_assert_eq!(cell.fit(quantity, step.cost, 0, at(now_ns)), expected);
            if expected != Fit::Now {
                continue;
            }
            cell.take(step.cost);
            if step.give_back {
                cell.give_back(step.cost, cell.clock_ns());
            } else {
                book.admitted.extend((0..step.cost).map(|_| latest_ns));
            }
        }
        prop_assert!(most_in_a_window(&book.admitted, window_ns) as u64 <= quantity.bound());
    }

    // fault 07
    #[test]
    fn a_sliding_refusal_lasts_until_exactly_its_retry_after((quota, window_ns, steps) in traces()) {
        let quantity = sliding(quota, window_ns);
        let mut now_ns = START_NS;
        let mut cell = Cell::new(quantity, at(now_ns));
        for step in steps {
            now_ns += step.by_ns.unsigned_abs();
            cell.advance(quantity, at(now_ns));
            match cell.fit(quantity, step.cost, 0, at(now_ns)) {
                Fit::Now => cell.take(step.cost),
                Fit::After(wait) => {
                    let then_ns = now_ns + wait.as_nanos() as u64;
                    prop_assert!(wait.as_nanos() as u64 <= window_ns);
                    for (later_ns, fits) in [(then_ns - 1, false), (then_ns, true)] {
                        let mut later = cell.clone();
                        later.advance(quantity, at(later_ns));
                        prop_assert_eq!(later.fit(quantity, step.cost, 0, at(later_ns)) == Fit::Now, fits);
                    }
                }
                _ => {}
            }
        }
    }

    #[test]
    fn who_keeps_to_a_sliding_quota_in_every_window_is_never_refused(
        quota in 1..=SLIDING_QUOTA_MAX, window_ns in 1..5_000_u64, gaps in prop::collection::vec(0..800_u64, 1..200),
    ) {
        let quantity = sliding(quota, window_ns);
        let mut cell = Cell::new(quantity, at(START_NS));
        let mut kept: Vec<u64> = Vec::new();
        let mut now_ns = START_NS;
        for gap in gaps {
            now_ns += gap;
            if kept.iter().filter(|then| now_ns - **then < window_ns).count() >= quota as usize {
                continue;
            }
            kept.push(now_ns);
            cell.advance(quantity, at(now_ns));
            prop_assert_eq!(cell.fit(quantity, 1, 0, at(now_ns)), Fit::Now);
            cell.take(1);
        }
    }

    // docs/semantics.md rule 10. fault 01, fault 10
    #[test]
    fn no_change_of_quota_or_clock_admits_more_than_the_quota_in_force_or_waits_over_a_window(
        first in 1..=SLIDING_QUOTA_MAX,
        steps in prop::collection::vec((0..60_000_000_000_u64, prop::option::weighted(0.2, 1..=SLIDING_QUOTA_MAX), prop::bool::weighted(0.05)), 1..150),
    ) {
        let window_ns = 120_000_000_000;
        let (mut now_ns, mut quota) = (START_NS, first);
        let mut cell = Cell::new(sliding(quota, window_ns), at(now_ns));
        // How long ago each unit was admitted, by the time that passed: a step back of the clock takes no time.
        let (mut passed_ns, mut admitted) = (START_NS, Vec::new());
        for (by_ns, new, steps_back) in steps {
            // How long it was since the last reading, nobody can tell after a step back.
            (now_ns, passed_ns) = match steps_back {
                true => (now_ns - 3_600_000_000_000, passed_ns),
                false => (now_ns + by_ns, passed_ns + by_ns),
            };
            quota = new.unwrap_or(quota);
            let quantity = sliding(quota, window_ns);
            cell.advance(quantity, at(now_ns));
            let used = admitted.iter().filter(|then| passed_ns - **then < window_ns).count() as u64;
            match cell.fit(quantity, 1, 0, at(now_ns)) {
                Fit::Now => {
                    cell.take(1);
                    admitted.push(passed_ns);
                    prop_assert!(used < u64::from(quota), "{} used of {}", used, quota);
                }
                Fit::After(wait) => {
                    prop_assert!(used >= u64::from(quota), "{} used of {}", used, quota);
                    prop_assert!(wait.as_nanos() as u64 <= window_ns);
                }
                other => prop_assert!(false, "{:?}", other),
            }
        }
    }
}
