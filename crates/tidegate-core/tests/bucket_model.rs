//! Buckets against exact fractions.
//!
//! The reference keeps no count at all: it keeps the moment at which the bucket is full again, as a fraction of a
//! nanosecond (the virtual scheduling form of the algorithm), and reads everything from there.

use std::{cmp::Ordering, time::Duration};

use proptest::prelude::*;
use tidegate_core::{
    cell::{Cell, Fit, SKEW_MAX, Standing},
    limit::Quantity,
    time::Now,
};

/// A fraction in lowest terms; plain operators, so that an overflow of the model fails the test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Fraction {
    num: i128,
    den: i128,
}

impl Fraction {
    fn new(num: i128, den: i128) -> Fraction {
        let common = gcd(num.unsigned_abs(), den.unsigned_abs()).max(1) as i128;
        Fraction {
            num: num / common,
            den: den / common,
        }
    }

    fn whole(num: i128) -> Fraction {
        Fraction { num, den: 1 }
    }

    fn plus(self, other: Fraction) -> Fraction {
        let common = gcd(self.den.unsigned_abs(), other.den.unsigned_abs()) as i128;
        Fraction::new(
            self.num * (other.den / common) + other.num * (self.den / common),
            self.den / common * other.den,
        )
    }

    fn minus(self, other: Fraction) -> Fraction {
        self.plus(Fraction {
            num: -other.num,
            den: other.den,
        })
    }

    fn times(self, other: Fraction) -> Fraction {
        let (left, right) = (Fraction::new(self.num, other.den), Fraction::new(other.num, self.den));
        Fraction {
            num: left.num * right.num,
            den: left.den * right.den,
        }
    }

    fn ceil(self) -> i128 {
        self.num.div_euclid(self.den) + i128::from(self.num.rem_euclid(self.den) != 0)
    }

    fn floor(self) -> i128 {
        self.num.div_euclid(self.den)
    }

    fn compare(self, other: Fraction) -> Ordering {
        self.minus(other).num.cmp(&0)
    }

    fn min(self, other: Fraction) -> Fraction {
        if self.compare(other).is_lt() { self } else { other }
    }

    fn max(self, other: Fraction) -> Fraction {
        if self.compare(other).is_gt() { self } else { other }
    }
}

fn gcd(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[derive(Clone, Copy, Debug)]
struct Rate {
    quota: u32,
    burst: u32,
    window: Duration,
}

impl Rate {
    fn quantity(self) -> Quantity {
        Quantity::Rate {
            quota: self.quota,
            burst: self.burst,
            window: self.window,
        }
    }

    fn window_ns(self) -> i128 {
        self.window.as_nanos() as i128
    }

    /// Nanoseconds a unit takes to come back.
    fn interval(self) -> Fraction {
        Fraction::new(self.window_ns(), i128::from(self.quota))
    }
}

#[derive(Clone, Copy, Debug)]
struct Reference {
    rate: Rate,
    full_at: Fraction,
    seen_ns: i128,
}

impl Reference {
    fn new(rate: Rate, now_ns: u64) -> Reference {
        Reference {
            rate,
            full_at: Fraction::whole(0),
            seen_ns: i128::from(now_ns),
        }
    }

    fn used(&self) -> Fraction {
        let owed_ns = self
            .full_at
            .minus(Fraction::whole(self.seen_ns))
            .max(Fraction::whole(0));
        owed_ns.times(Fraction::new(i128::from(self.rate.quota), self.rate.window_ns()))
    }

    fn see(&mut self, rate: Rate, now_ns: u64) {
        let now_ns = i128::from(now_ns);
        if self.seen_ns - now_ns > SKEW_MAX.as_nanos() as i128 {
            self.full_at = self.full_at.minus(Fraction::whole(self.seen_ns - now_ns));
            self.seen_ns = now_ns;
        }
        self.seen_ns = self.seen_ns.max(now_ns);
        let mut used = self.used();
        if rate.window != self.rate.window {
            // Another window counts in other parts of a unit; what is used is rounded up to one.
            used = Fraction::new(used.times(Fraction::whole(rate.window_ns())).ceil(), rate.window_ns());
        }
        used = used.min(Fraction::whole(i128::from(rate.burst)));
        self.rate = rate;
        self.full_at = Fraction::whole(self.seen_ns).plus(used.times(rate.interval()));
    }

    fn fit(&self, cost: u32, now_ns: u64) -> Fit {
        if cost > self.rate.burst {
            return Fit::Never;
        }
        let spare = Fraction::whole(i128::from(self.rate.burst - cost)).times(self.rate.interval());
        let fits_at = self.full_at.minus(spare);
        if fits_at.compare(Fraction::whole(self.seen_ns)).is_le() {
            return Fit::Now;
        }
        Fit::After(wait(fits_at.ceil() - i128::from(now_ns)))
    }

    fn standing(&self, now_ns: u64) -> Standing {
        let left = Fraction::whole(i128::from(self.rate.burst)).minus(self.used());
        let used = self.used().ceil() as u64;
        let resets_in = if used == 0 {
            Duration::ZERO
        } else {
            wait(self.full_at.ceil() - i128::from(now_ns))
        };
        Standing {
            used,
            remaining: left.floor() as u64,
            resets_in: Some(resets_in),
            // Which takes warn has a model of its own; here nothing does.
            warned: false,
        }
    }

    fn take(&mut self, cost: u32) {
        self.full_at = self
            .full_at
            .max(Fraction::whole(self.seen_ns))
            .plus(Fraction::whole(i128::from(cost)).times(self.rate.interval()));
    }
}

fn wait(ns: i128) -> Duration {
    Duration::new((ns / 1_000_000_000) as u64, (ns % 1_000_000_000) as u32)
}

fn at(mono_ns: u64) -> Now {
    Now { mono_ns, wall_ms: 0 }
}

const START_NS: u64 = 1_000_000_000_000_000_000;

fn rate() -> impl Strategy<Value = Rate> {
    let amount = prop_oneof![
        Just(1_u32),
        1..20_u32,
        1..100_000_u32,
        any::<u32>().prop_map(|n| n.max(1)),
        Just(u32::MAX)
    ];
    let window = prop_oneof![
        Just(Duration::from_nanos(1)),
        Just(Duration::from_secs(1)),
        Just(Duration::new(7, 3)),
        Just(Duration::from_secs(60)),
        Just(Duration::from_secs(3_600)),
        Just(Duration::from_secs(31 * 86_400)),
    ];
    (amount.clone(), amount, window).prop_map(|(quota, burst, window)| Rate { quota, burst, window })
}

#[derive(Clone, Copy, Debug)]
struct Step {
    by_ns: i64,
    cost: u32,
    rate: Option<Rate>,
}

/// Steps of the clock of every kind, costs around the burst, and now and then another quantity.
fn steps() -> impl Strategy<Value = Vec<Step>> {
    let skew = SKEW_MAX.as_nanos() as i64;
    let by_ns = prop_oneof![
        Just(0),
        0..50_i64,
        0..2_000_000_000_i64,
        0..100_000_000_000_i64,
        0..3_000_000_000_000_000_i64,
        -skew..0_i64,
        Just(-skew),
        Just(-skew - 1),
        Just(-3_600_000_000_000_i64),
    ];
    let cost = prop_oneof![4 => Just(1_u32), 2 => 0..200_u32, 1 => any::<u32>()];
    let step =
        (by_ns, cost, prop::option::weighted(0.1, rate())).prop_map(|(by_ns, cost, rate)| Step { by_ns, cost, rate });
    prop::collection::vec(step, 1..60)
}

/// Runs a trace on both; `see` gets the step's rate and time and the cell before anything is taken.
fn run(
    first: Rate,
    steps: &[Step],
    mut see: impl FnMut(Rate, u64, &Cell, &Reference, u32) -> Result<(), TestCaseError>,
) -> Result<(), TestCaseError> {
    let (mut rate, mut now_ns) = (first, START_NS);
    let (mut cell, mut reference) = (Cell::new(rate.quantity(), at(now_ns)), Reference::new(rate, now_ns));
    for step in steps {
        now_ns = now_ns.saturating_add_signed(step.by_ns);
        rate = step.rate.unwrap_or(rate);
        cell.advance(rate.quantity(), at(now_ns));
        reference.see(rate, now_ns);
        see(rate, now_ns, &cell, &reference, step.cost)?;
        if cell.fit(rate.quantity(), step.cost, 0, at(now_ns)) == Fit::Now {
            cell.take(step.cost);
            reference.take(step.cost);
        }
    }
    Ok(())
}

proptest! {
    // fault 03, fault 04, fault 10, fault 11
    #[test]
    fn every_answer_is_that_of_exact_fractions(first in rate(), steps in steps()) {
        run(first, &steps, |rate, now_ns, cell, reference, cost| {
            prop_assert_eq!(cell.fit(rate.quantity(), cost, 0, at(now_ns)), reference.fit(cost, now_ns));
            prop_assert_eq!(cell.standing(rate.quantity(), at(now_ns)), reference.standing(now_ns));
            prop_assert_eq!(cell.is_unused(at(now_ns)), reference.used().num == 0);
            Ok(())
        })?;
    }

    // fault 07
    #[test]
    fn a_refusal_lasts_until_exactly_its_retry_after(first in rate(), steps in steps()) {
        run(first, &steps, |rate, now_ns, cell, _, cost| {
            let Fit::After(wait) = cell.fit(rate.quantity(), cost, 0, at(now_ns)) else { return Ok(()) };
            let Some(then_ns) = u64::try_from(wait.as_nanos()).ok().and_then(|wait| now_ns.checked_add(wait)) else { return Ok(()) };
            for (later_ns, fits) in [(then_ns - 1, false), (then_ns, true)] {
                let mut later = cell.clone();
                later.advance(rate.quantity(), at(later_ns));
                prop_assert_eq!(later.fit(rate.quantity(), cost, 0, at(later_ns)) == Fit::Now, fits);
            }
            Ok(())
        })?;
    }

    // fault 01
    #[test]
    fn no_wait_for_one_unit_exceeds_a_window(first in rate(), steps in steps()) {
        run(first, &steps, |rate, now_ns, cell, _, _| {
            if let Fit::After(wait) = cell.fit(rate.quantity(), 1, 0, at(now_ns)) {
                prop_assert!(wait <= rate.window + SKEW_MAX, "{wait:?} for {rate:?}");
            }
            Ok(())
        })?;
    }

    // fault 02, fault 06
    #[test]
    fn no_window_admits_more_than_quota_and_burst(rate in rate(), steps in steps()) {
        let skew = SKEW_MAX.as_nanos() as i64;
        let (mut now_ns, mut latest_ns) = (START_NS, START_NS);
        let mut cell = Cell::new(rate.quantity(), at(now_ns));
        let mut admitted: Vec<(u64, u64)> = Vec::new();
        for step in steps {
            // Late readings, but none so late that it is a step of the clock.
            now_ns = now_ns.saturating_add_signed(step.by_ns).max(latest_ns.saturating_add_signed(-skew));
            latest_ns = latest_ns.max(now_ns);
            cell.advance(rate.quantity(), at(now_ns));
            for cost in [step.cost, 1, 1] {
                if cell.fit(rate.quantity(), cost, 0, at(now_ns)) == Fit::Now {
                    cell.take(cost);
                    admitted.push((latest_ns, u64::from(cost)));
                }
            }
        }
        let window_ns = rate.window.as_nanos() as u64;
        for (i, (from_ns, _)) in admitted.iter().enumerate() {
            let within: u64 = admitted[i..].iter().filter(|(then_ns, _)| then_ns - from_ns <= window_ns).map(|(_, cost)| cost).sum();
            prop_assert!(within <= rate.quantity().bound(), "{within} within a window of {rate:?}");
        }
    }

    #[test]
    fn who_keeps_to_the_quota_in_every_window_is_never_refused(
        quota in 1..40_u32, more in 0..40_u32, window_ns in 1..5_000_u64, gaps in prop::collection::vec(0..800_u64, 1..200),
    ) {
        let rate = Rate { quota, burst: quota + more, window: Duration::from_nanos(window_ns) };
        let mut cell = Cell::new(rate.quantity(), at(START_NS));
        let mut kept: Vec<u64> = Vec::new();
        let mut now_ns = START_NS;
        for gap in gaps {
            now_ns += gap;
            // The caller's own book: at most `quota` in the half-open window that ends now.
            if kept.iter().filter(|then| now_ns - **then < window_ns).count() >= quota as usize {
                continue;
            }
            kept.push(now_ns);
            cell.advance(rate.quantity(), at(now_ns));
            prop_assert_eq!(cell.fit(rate.quantity(), 1, 0, at(now_ns)), Fit::Now);
            cell.take(1);
        }
    }
}
