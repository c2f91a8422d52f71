//! Requests through Tidegate beside nginx and haproxy, each with a limit on: CPU per request, in one run.

#![allow(clippy::disallowed_methods, reason = "it measures: clocks and waiting are its work")]

use std::path::PathBuf;

use bench_rig::{
    proxy::{self, Files, Proxy},
    table::{self, Row},
};
use clap::{Args, Parser};
use tokio::signal::unix::{SignalKind, signal};

mod callers;
mod stand;
mod upstream;

use stand::{Stand, Turn};

/// The proxies' files.
const FILES: Files = Files {
    tidegate: include_str!("../proxies/tidegate.toml"),
    nginx: include_str!("../proxies/nginx.conf"),
    haproxy: include_str!("../proxies/haproxy.cfg"),
};

/// The same with a cache, from which every answer comes; haproxy's keeps no answer to `Authorization`.
const CACHED: Files = Files {
    tidegate: include_str!("../proxies/tidegate-cache.toml"),
    nginx: include_str!("../proxies/nginx-cache.conf"),
    haproxy: FILES.haproxy,
};

/// What the program does.
#[derive(Parser)]
enum Command {
    /// Answer every request with the same body
    Upstream {
        /// The port of the loopback
        port: u16,
        /// Bytes of the body
        body_bytes: usize,
    },
    /// Start Tidegate alone before an upstream and load it, for a profiler
    Load {
        /// The program `tidegate`, built with --release
        tidegate: PathBuf,
        #[command(flatten)]
        load: Load,
    },
    /// Measure the three proxies and print a table
    Compare {
        /// The program `tidegate`, built with --release
        tidegate: PathBuf,
        /// How often each proxy has its turn
        #[arg(long, default_value_t = 15)]
        rounds: usize,
        /// Answer from a cache, Tidegate and nginx
        #[arg(long)]
        cached: bool,
        #[command(flatten)]
        load: Load,
    },
}

/// What a proxy has to carry.
#[derive(Args, Clone, Copy)]
struct Load {
    /// Connections, each with one request at a time
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// Requests of one turn, on all connections together
    #[arg(long, default_value_t = 100_000)]
    requests: usize,
    /// Bytes of an answer's body
    #[arg(long, default_value_t = 1_024)]
    body_bytes: usize,
    /// The core that the proxies have for themselves
    #[arg(long)]
    core: Option<usize>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    // Whatever ends this program drops its processes, and that ends them.
    tokio::select! {
        done = run(Command::parse()) => done,
        _ = tokio::signal::ctrl_c() => anyhow::bail!("interrupted"),
        _ = terminate.recv() => anyhow::bail!("terminated"),
    }
}

async fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Upstream { port, body_bytes } => upstream::serve(port, body_bytes).await,
        Command::Load { tidegate, load } => {
            let [tidegate, ..] = proxy::all(tidegate, &FILES);
            let stand = Stand::open(&tidegate, &load).await?;
            let turn = stand.turn(&load).await?;
            println!(
                "{:.1} us of CPU a request, {:.0} a second",
                turn.request_cpu_us, turn.requests_per_s
            );
            Ok(())
        }
        Command::Compare {
            tidegate,
            rounds,
            cached,
            load,
        } => {
            let proxies: Vec<Proxy> = match cached {
                true => proxy::all(tidegate, &CACHED).into_iter().take(2).collect(),
                false => proxy::all(tidegate, &FILES).into(),
            };
            compare(proxies, rounds, &load).await
        }
    }
}

/// All proxies stand and work in turn: what the machine does besides falls on each of them.
async fn compare(proxies: Vec<Proxy>, rounds: usize, load: &Load) -> anyhow::Result<()> {
    anyhow::ensure!(
        rounds > 0 && load.connections > 0 && load.requests > 0,
        "nothing to measure"
    );
    let mut stands = Vec::new();
    for proxy in proxies {
        stands.push(Stand::open(&proxy, load).await?);
    }
    let mut turns = vec![Vec::with_capacity(rounds); stands.len()];
    for round in 1..=rounds {
        for (stand, turns) in stands.iter().zip(&mut turns) {
            let turn = stand.turn(load).await?;
            eprintln!(
                "round {round}, {}: {:.1} us of CPU a request",
                stand.name, turn.request_cpu_us
            );
            turns.push(turn);
        }
    }
    let names: Vec<&str> = stands.iter().map(|stand| stand.name).collect();
    let each = |read: fn(&Turn) -> f64| turns.iter().map(|turns| turns.iter().map(read).collect()).collect();
    let memory = stands
        .iter()
        .map(Stand::memory_mib)
        .collect::<anyhow::Result<Vec<_>>>()?;
    let rows = [
        Row {
            says: "CPU of a million requests, s",
            values: each(|turn| turn.request_cpu_us),
            target: "1.30 x nginx",
        },
        Row {
            says: "of that in the program, s",
            values: each(|turn| turn.request_user_us),
            target: "-",
        },
        Row {
            says: "requests a second",
            values: each(|turn| turn.requests_per_s),
            target: "-",
        },
        Row {
            says: "99 of 100 answered within, us",
            values: each(|turn| turn.p99_us),
            target: "-",
        },
        Row {
            says: "memory, MiB",
            values: memory.into_iter().map(|mib| vec![mib]).collect(),
            target: "-",
        },
    ];
    print!("{}", table::text(&names, &rows));
    Ok(())
}
