//! What it costs to note an answer: `cargo run --release -p tidegate-engine --example answers`.
//!
//! Printed are nanoseconds an answer, the best of many batches, so that what else the machine does counts little; and
//! how much the process grew while a million callers came.
#![expect(clippy::print_stdout, reason = "a measurement is printed")]

use std::{
    net::{IpAddr, Ipv6Addr},
    sync::Arc,
};

use tidegate_core::{identity::Identity, testing, time::Now};
use tidegate_engine::{
    clock::Clock,
    stats::{Answered, Stats},
};

const BATCHES: usize = 2_000;
const BATCH: usize = 1_000;

fn main() {
    let clock = Clock::system();
    let start = clock.now();
    for callers in [1, 100, 1_000, 100_000] {
        let stats = Stats::new(start);
        let users: Vec<Identity> = (0..callers).map(|n| user(&format!("user-{n}"))).collect();
        println!(
            "{callers:>7} users, one thread: {:.0} ns",
            best(&clock, &stats, &users, start)
        );
    }
    let stats = Stats::new(start);
    let users: Vec<Identity> = (0..1_000).map(|n| user(&format!("user-{n}"))).collect();
    std::thread::scope(|scope| {
        let other = scope.spawn(|| best(&clock, &stats, &users, start));
        let own = best(&clock, &stats, &users, start);
        let other = other.join().unwrap_or(f64::NAN);
        println!("   1000 users, two threads: {own:.0} and {other:.0} ns");
    });
    strangers(start);
}

/// A million addresses, one request each, over a day.
fn strangers(start: Now) {
    const STRANGERS: u64 = 1_000_000;
    const EVERY_NS: u64 = 86_400 * 1_000_000_000 / STRANGERS;
    let stats = Stats::new(start);
    let place = Place::new();
    let come = |from: u64, to: u64| {
        for number in from..to {
            let now = Now {
                mono_ns: start.mono_ns + number * EVERY_NS,
                wall_ms: start.wall_ms + (number * EVERY_NS / 1_000_000) as i64,
            };
            let client = Ipv6Addr::from((0x2001_0db8_u128 << 96) | (u128::from(number) << 64));
            stats.answered(&place.answered(&Identity::Anonymous, client.into()), now);
        }
    };
    let before = resident_kb();
    let begin = on_cpu_ns();
    come(0, STRANGERS);
    println!("a stranger among a million: {} ns", (on_cpu_ns() - begin) / STRANGERS);
    let after_a_day = resident_kb();
    come(STRANGERS, 2 * STRANGERS);
    let after_two = resident_kb();
    println!("a million strangers a day: {before} kB before, {after_a_day} kB after one day, {after_two} kB after two");
}

fn best(clock: &Clock, stats: &Stats, users: &[Identity], now: Now) -> f64 {
    let place = Place::new();
    let mut best = f64::MAX;
    for batch in 0..BATCHES {
        let begin = clock.mono_ns();
        for number in batch * BATCH..(batch + 1) * BATCH {
            // Spread, so that neighbours are not met one after the other.
            let user = &users[number.wrapping_mul(7_919) % users.len()];
            stats.answered(&place.answered(user, Ipv6Addr::LOCALHOST.into()), now);
        }
        best = best.min((clock.mono_ns() - begin) as f64 / BATCH as f64);
    }
    best
}

struct Place {
    route: Arc<str>,
    page: Arc<str>,
}

impl Place {
    fn new() -> Place {
        Place {
            route: "observations".into(),
            page: "tempest".into(),
        }
    }

    fn answered<'a>(&'a self, identity: &'a Identity, client: IpAddr) -> Answered<'a> {
        Answered {
            route: Some(&self.route),
            page: Some(&self.page),
            identity,
            client,
            status: 200,
            took_ns: 300_000,
            refusal: None,
            cache: None,
        }
    }
}

fn user(name: &str) -> Identity {
    testing::token(name).id("t_1").known()
}

/// How long this thread was on a processor, which what else the machine does adds nothing to; 0 where the system does not
/// say.
fn on_cpu_ns() -> u64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    stat.split(' ').next().and_then(|ns| ns.parse().ok()).unwrap_or(0)
}

/// What the process holds in memory; 0 where the system does not say.
fn resident_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok())
        .unwrap_or(0)
}
