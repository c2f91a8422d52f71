//! Ten thousand callers who were refused come back at exactly the moment they were told.

#[path = "support/callers.rs"]
mod callers;

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use callers::{admitted, engine, known};
use tidegate_core::{fields, identity::Identity, limit::Quantity, time::Now};
use tidegate_engine::engine::Engine;

const CLIENTS: usize = 10_000;
const START_MS: i64 = 1_700_000_000_000;

/// Most of all decisions but one in a hundred take no longer.
const DECISION_MAX: Duration = Duration::from_millis(1);

/// Who comes at which second.
struct Storm {
    engine: Engine,
    clients: Vec<Identity>,
    due: BTreeMap<u64, Vec<usize>>,
    took: Vec<Duration>,
}

impl Storm {
    /// All come at the first second.
    fn of(quantity: Quantity, tenant: impl Fn(usize) -> String) -> Storm {
        Storm {
            engine: engine(quantity, 2 * CLIENTS),
            clients: (0..CLIENTS)
                .map(|n| known(&format!("client-{n}"), &tenant(n)))
                .collect(),
            due: BTreeMap::from([(0, (0..CLIENTS).collect())]),
            took: Vec::new(),
        }
    }

    /// Everybody who is due at the next second asks once; who is refused comes back when told. How many were admitted,
    /// and at which second.
    fn next(&mut self) -> Option<(u64, u32)> {
        let (second, due) = self.due.pop_first()?;
        let now = Now {
            mono_ns: (1 << 60) + second * 1_000_000_000,
            wall_ms: START_MS + i64::try_from(second).unwrap() * 1_000,
        };
        let mut count = 0;
        for client in due {
            let (answer, took) = timed(|| admitted(&self.engine, &self.clients[client], now));
            self.took.push(took);
            match answer {
                Ok(()) => count += 1,
                Err(wait) => {
                    // What stands in the field, which is what clients keep to.
                    let back = second + fields::retry_after_secs(wait);
                    self.due.entry(back).or_default().push(client);
                }
            }
        }
        Some((second, count))
    }

    /// 99 of 100 decisions took no longer than this.
    fn p99(&mut self) -> Duration {
        self.took.sort_unstable();
        self.took[self.took.len() * 99 / 100]
    }
}

#[expect(clippy::disallowed_methods, reason = "how long a decision takes is measured")]
fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let begun = Instant::now();
    let answer = work();
    (answer, begun.elapsed())
}

fn rate(quota: u32) -> Quantity {
    Quantity::Rate {
        quota,
        burst: quota,
        window: Duration::from_secs(60),
    }
}

// fault 07
#[test]
fn a_storm_on_one_count_is_admitted_at_its_rate_and_each_decision_is_quick() {
    let mut storm = Storm::of(rate(600), |_| "acme".to_owned());
    assert_eq!(storm.next(), Some((0, 600)), "the burst");
    for second in 1..=8 {
        // Ten a second come back. The others all come again, at the very second they were told.
        assert_eq!(storm.next(), Some((second, 10)));
    }
    let p99 = storm.p99();
    println!("{} decisions, p99 {p99:?}", storm.took.len());
    assert!(p99 < DECISION_MAX, "{p99:?}");
}

// fault 07
#[test]
fn a_storm_on_counts_of_their_own_is_admitted_whole_at_the_moment_that_was_told() {
    let mut storm = Storm::of(rate(1), |client| format!("tenant-{client}"));
    let all = CLIENTS as u32;
    assert_eq!(storm.next(), Some((0, all)));
    storm.due.insert(1, (0..CLIENTS).collect());
    assert_eq!(storm.next(), Some((1, 0)), "the minute is used up");
    assert_eq!(storm.next(), Some((60, all)), "nobody who waits as told is refused");
    let p99 = storm.p99();
    println!("{} decisions, p99 {p99:?}", storm.took.len());
    assert!(p99 < DECISION_MAX, "{p99:?}");
}
