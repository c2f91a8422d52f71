//! What a decision costs, and a count: `cargo run --release -p tidegate-engine --example takes`.
//!
//! Printed are nanoseconds a decision, the best of many batches, so that what else the machine does counts little, and
//! bytes of memory a count.
#![expect(clippy::print_stdout, reason = "a measurement is printed")]

use std::time::Duration;

use tidegate_core::{
    decide::{Tag, Take},
    limit::Quantity,
    partition::{CellId, Partitioner},
    time::Now,
};
use tidegate_engine::{clock::Clock, store::Store};

const BATCHES: u64 = 300;
const CALLERS: u64 = 1_000;
const WINDOW_S: u64 = 120;
const KEPT: u64 = 200_000;

fn main() {
    for limits in [1, 4] {
        let takes = |caller| (0..limits).map(|limit| take(rate(), limit, caller)).collect();
        measure(&format!("{limits} rates, admitted"), Duration::from_secs(1), takes);
    }
    for quota in [12, 64, 1_024] {
        let takes = |caller| vec![take(sliding(quota), 1, caller)];
        // One unit leaves for each that comes, or none ever does.
        let admitted = Duration::from_secs(WINDOW_S) / quota;
        measure(&format!("sliding {quota}, full and admitted"), admitted, takes);
        measure(&format!("sliding {quota}, full and refused"), Duration::ZERO, takes);
    }
    memory("a rate", rate(), 1);
    memory("sliding, 12 used", sliding(12), 12);
}

fn rate() -> Quantity {
    Quantity::Rate {
        quota: u32::MAX,
        burst: u32::MAX,
        window: Duration::from_secs(WINDOW_S),
    }
}

fn sliding(quota: u32) -> Quantity {
    Quantity::Sliding {
        quota,
        window: Duration::from_secs(WINDOW_S),
    }
}

fn take(quantity: Quantity, limit: u64, caller: u64) -> Take {
    let cell: CellId = Partitioner::new([3; 16]).cell([&limit.to_be_bytes()[..], &caller.to_be_bytes()]);
    Take {
        cell,
        tag: Tag { limit, user: None },
        quantity,
        cost: 1,
        shadow: false,
        subkey: None,
    }
}

/// Each caller asks once a batch, and `step` passes between two batches.
fn measure(name: &str, step: Duration, takes: impl Fn(u64) -> Vec<Take>) {
    let (clock, store) = (Clock::system(), Store::new(1_000_000, 1_000));
    let asked: Vec<Vec<Take>> = (0..CALLERS).map(takes).collect();
    // Long enough that whatever fills up is full.
    let warm_up = 1_100;
    let mut best_ns = u64::MAX;
    for batch in 0..warm_up + BATCHES {
        let now = after(step * u32::try_from(batch).unwrap_or(u32::MAX));
        let start_ns = clock.now().mono_ns;
        for takes in &asked {
            std::hint::black_box(store.take(takes, now));
        }
        if batch >= warm_up {
            best_ns = best_ns.min((clock.now().mono_ns - start_ns) / CALLERS);
        }
    }
    println!("{name}: {best_ns} ns");
}

fn memory(name: &str, quantity: Quantity, used: u64) {
    let store = Store::new(1_000_000, 1_000);
    let before = resident_bytes();
    for unit in 0..used {
        for caller in 0..KEPT {
            store.take(&[take(quantity, 1, caller)], after(Duration::from_secs(unit)));
        }
    }
    println!("{name}: {} bytes a count", (resident_bytes() - before) / KEPT);
}

fn after(passed: Duration) -> Now {
    Now {
        mono_ns: 1_000_000_000_000 + u64::try_from(passed.as_nanos()).unwrap_or(u64::MAX),
        wall_ms: 0,
    }
}

fn resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or_default() * 1_024
}
