//! The writer of the counts: every few seconds, and once more at the end.

use std::{sync::Arc, time::Duration};

use parking_lot::Mutex;
use tidegate_engine::engine::Engine;
use tidegate_staff::program::CountsState;

use super::Counts;

/// The keeper of one program's counts.
pub struct CountsWriter {
    engine: Arc<Engine>,
    counts: Mutex<Counts>,
    last: Mutex<CountsState>,
}

/// The duration of a write past which more than ten seconds of counts could be lost.
const SLOW: Duration = Duration::from_secs(5);

impl CountsWriter {
    /// Makes a writer of counts that were loaded into this engine.
    pub fn new(engine: Arc<Engine>, counts: Counts) -> CountsWriter {
        CountsWriter {
            engine,
            counts: Mutex::new(counts),
            last: Mutex::default(),
        }
    }

    /// Writes every `period`, from the beginning of one write to that of the next, until dropped.
    pub async fn run(self: Arc<Self>, period: Duration) {
        let mut tick = tokio::time::interval(period);
        // A write that took longer than the period is followed by the next, and not by all that it was late for.
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tick.tick().await;
            self.clone().write().await;
        }
    }

    /// Writes what changed; the disk has it when this is done.
    pub async fn write(self: Arc<Self>) {
        if let Err(error) = tokio::task::spawn_blocking(move || self.write_now()).await {
            tracing::error!(%error, "counts could not be written");
        }
    }

    /// Returns the outcome of the last write.
    pub fn last(&self) -> CountsState {
        *self.last.lock()
    }

    fn write_now(&self) {
        let mut counts = self.counts.lock();
        let begun = self.engine.clock.now();
        let written = counts.write(&self.engine, begun);
        let took_ns = self.engine.clock.now().mono_ns.saturating_sub(begun.mono_ns);
        let mut last = self.last.lock();
        match written {
            Ok(_) => {
                if last.failures > 0 {
                    tracing::info!(failures = last.failures, "counts are written again");
                }
                *last = CountsState {
                    at_ms: Some(begun.wall_ms),
                    failures: 0,
                };
            }
            Err(error) => {
                last.failures += 1;
                // At every doubling: loud at once, and no flood of lines while a disk is full.
                if last.failures.is_power_of_two() {
                    tracing::error!(
                        %error,
                        failures = last.failures,
                        "counts could not be written: counting goes on in memory, a restart would lose it, and the write is retried"
                    );
                }
            }
        }
        if Duration::from_nanos(took_ns) > SLOW {
            tracing::warn!(
                took_ms = took_ns / 1_000_000,
                "writing counts took long: a crash could lose more than ten seconds of them"
            );
        }
    }
}
