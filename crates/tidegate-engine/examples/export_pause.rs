//! How long requests wait while counts are given out to be written down: a million cells, one thread that asks, and
//! another that gives out. `cargo run --release -p tidegate-engine --example export_pause`

#![expect(clippy::print_stdout, reason = "what was measured is its output")]

use std::{
    convert::Infallible,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use tidegate_core::{
    decide::{Tag, Take},
    limit::Quantity,
    partition::Partitioner,
};
use tidegate_engine::{
    clock::Clock,
    store::{
        Store,
        record::{Pass, Record},
    },
};

const CELLS: u64 = 1_000_000;
const ASKED: usize = 1_000_000;
const QUANTITY: Quantity = Quantity::Rate {
    quota: 1_000_000,
    burst: 1_000_000,
    window: Duration::from_secs(3_600),
};

fn take(partitioner: &Partitioner, number: u64) -> Take {
    Take {
        cell: partitioner.cell([number.to_le_bytes().as_slice()]),
        tag: Tag {
            limit: 1,
            user: Some(number),
        },
        quantity: QUANTITY,
        cost: 1,
        shadow: false,
        subkey: None,
    }
}

/// Asks of four cells at a time, all over the store; how long each took, sorted, in nanoseconds.
fn ask(store: &Store, clock: &Clock, cells: &[Take]) -> Vec<u64> {
    let mut took_ns = Vec::with_capacity(ASKED);
    let mut state = 7_u64;
    for _ in 0..ASKED {
        let four = [(); 4].map(|()| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            cells[(state >> 33) as usize % cells.len()]
        });
        let now = clock.now();
        store.take(&four, now);
        took_ns.push(clock.now().mono_ns - now.mono_ns);
    }
    took_ns.sort_unstable();
    took_ns
}

fn give_out(store: &Store, clock: &Clock, pass: Pass) -> (usize, u64, Vec<Record>) {
    let begun = clock.now();
    let mut all = Vec::with_capacity(CELLS as usize);
    let Ok(()) = store.export(pass, begun, |records| {
        all.extend_from_slice(records);
        Ok::<_, Infallible>(())
    });
    (all.len(), (clock.now().mono_ns - begun.mono_ns) / 1_000_000, all)
}

fn line(what: &str, took_ns: &[u64]) {
    let at = |part: f64| took_ns[((took_ns.len() - 1) as f64 * part) as usize] as f64 / 1_000.0;
    println!(
        "{what:28} p50 {:7.1} us  p99 {:7.1} us  p99.9 {:7.1} us  p99.99 {:8.1} us  max {:8.1} us",
        at(0.5),
        at(0.99),
        at(0.999),
        at(0.9999),
        at(1.0)
    );
}

fn main() {
    let clock = Clock::system();
    let partitioner = Partitioner::new([7; 16]);
    let store = Store::new(CELLS as usize * 2, 10);
    let cells: Vec<Take> = (0..CELLS).map(|number| take(&partitioner, number)).collect();
    for one in &cells {
        store.take(&[Take { cost: 500_000, ..*one }], clock.now());
    }
    line("nothing is given out", &ask(&store, &clock, &cells));
    for pass in [Pass::Whole, Pass::Changes] {
        let done = AtomicBool::new(false);
        let (took_ns, passes) = std::thread::scope(|scope| {
            let giving = scope.spawn(|| {
                let mut passes = Vec::new();
                while !done.load(Ordering::Relaxed) {
                    let (count, took_ms, _) = give_out(&store, &clock, pass);
                    passes.push((count, took_ms));
                }
                passes
            });
            let took_ns = ask(&store, &clock, &cells);
            done.store(true, Ordering::Relaxed);
            (took_ns, giving.join().unwrap_or_default())
        });
        line(&format!("{pass:?} given out all the time"), &took_ns);
        let (mut counts, mut spans): (Vec<usize>, Vec<u64>) = passes.into_iter().unzip();
        counts.sort_unstable();
        spans.sort_unstable();
        let (count, span_ms) = (counts[counts.len() / 2], spans[spans.len() / 2]);
        println!(
            "    {} passes, in the middle {count} cells in {span_ms} ms",
            spans.len()
        );
    }
    let (count, took_ms, records) = give_out(&store, &clock, Pass::Whole);
    println!("one whole pass without requests: {count} cells in {took_ms} ms");
    let again = Store::new(CELLS as usize * 2, 10);
    let begun = clock.now();
    let counted = records
        .into_iter()
        .filter(|record| again.import(record.clone(), begun))
        .count();
    println!(
        "taken back: {counted} cells in {} ms",
        (clock.now().mono_ns - begun.mono_ns) / 1_000_000
    );
}
