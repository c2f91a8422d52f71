//! Ten million addresses in a minute through an engine of a million counts:
//! `cargo run --release -p tidegate-engine --example flood`.
//!
//! Printed are the memory before and after, the time, how many counts fell into shared ones, and whether the thousand
//! callers who were there before still have exactly the counts that they used. It ends with a fault where one has not.
#![expect(clippy::print_stdout, reason = "a measurement is printed")]

mod walk;

use std::process::ExitCode;

use tidegate_engine::clock::Clock;
use walk::Walk;

const CELLS_MAX: usize = 1_000_000;
const ADDRESSES: u64 = 10_000_000;
const MIB: u64 = 1024 * 1024;

fn main() -> ExitCode {
    let clock = Clock::system();
    let walk = Walk::new(CELLS_MAX);
    let (before, start_ns) = (resident_bytes(), clock.now().mono_ns);
    let outcome = walk.through(ADDRESSES);
    let took_ns = clock.now().mono_ns - start_ns;
    let (after, occupancy) = (resident_bytes(), walk.engine.occupancy());
    println!(
        "{ADDRESSES} addresses in {} ms: {} ns each",
        took_ns / 1_000_000,
        took_ns / ADDRESSES
    );
    println!("resident: {} MiB before, {} MiB after", before / MIB, after / MIB);
    println!("counts kept: {} of {CELLS_MAX}", occupancy.cells);
    println!("takes that fell into shared counts: {}", occupancy.overflows);
    println!("admitted of the walk: {}", outcome.admitted);
    println!("callers whose count is exact: {} of {}", outcome.intact, walk.callers());
    if outcome.intact == walk.callers() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or_default() * 1_024
}
