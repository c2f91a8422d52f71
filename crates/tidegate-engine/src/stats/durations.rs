//! Histograms of the time that answers took, in steps that Prometheus reads.

use std::sync::atomic::{AtomicU64, Ordering};

/// Upper ends of the steps, in microseconds; longer times are in one more step.
pub const STEPS_US: [u64; 15] = [
    500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000,
    10_000_000, 30_000_000,
];

/// A histogram of one size.
#[derive(Debug, Default)]
pub(crate) struct Durations {
    steps: [AtomicU64; STEPS_US.len() + 1],
    sum_ns: AtomicU64,
}

/// The counts of a histogram at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DurationCounts {
    /// Number of answers up to each step's end, with those of the steps before; the last number is all.
    pub at_most: [u64; STEPS_US.len() + 1],
    /// Sum of all times, in nanoseconds.
    pub sum_ns: u64,
}

impl Durations {
    pub(crate) fn add(&self, took_ns: u64) {
        let step = STEPS_US.partition_point(|end_us| took_ns > end_us * 1_000);
        self.steps[step].fetch_add(1, Ordering::Relaxed);
        self.sum_ns.fetch_add(took_ns, Ordering::Relaxed);
    }

    pub(crate) fn counts(&self) -> DurationCounts {
        let mut before = 0;
        let at_most = std::array::from_fn(|step| {
            before += self.steps[step].load(Ordering::Relaxed);
            before
        });
        DurationCounts {
            at_most,
            sum_ns: self.sum_ns.load(Ordering::Relaxed),
        }
    }
}

#[cfg(test)]
mod tests;
