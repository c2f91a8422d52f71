//! Tidegate's sockets beside nginx's and haproxy's: idle memory and CPU per message, in one run.

#![allow(clippy::disallowed_methods, reason = "it measures: clocks and waiting are its work")]

use std::{path::PathBuf, time::Duration};

use clap::{Args, Parser};
use tokio::signal::unix::{SignalKind, signal};

mod crowd;
mod echo;
mod stand;

use bench_rig::{
    proxy::{self, Files},
    table::{self, Row},
};
use stand::{Stand, Talk};

/// The proxies' files.
const FILES: Files = Files {
    tidegate: include_str!("../proxies/tidegate.toml"),
    nginx: include_str!("../proxies/nginx.conf"),
    haproxy: include_str!("../proxies/haproxy.cfg"),
};

/// What the program does.
#[derive(Parser)]
enum Command {
    /// Echo every message of every socket on a port of the loopback
    Echo {
        /// The port
        port: u16,
    },
    /// Load sockets that something else relays, and say how many messages a second came back
    Load {
        /// The port of the loopback
        port: u16,
        #[command(flatten)]
        load: Load,
    },
    /// Measure the three proxies and print a table
    Compare {
        /// The program `tidegate`, built with --release
        tidegate: PathBuf,
        /// How often each proxy has its turn of talk
        #[arg(long, default_value_t = 15)]
        rounds: usize,
        #[command(flatten)]
        load: Load,
    },
}

/// What a proxy has to carry.
#[derive(Args, Clone, Copy)]
struct Load {
    /// Sockets that are open and idle
    #[arg(long, default_value_t = 5_000)]
    idle: usize,
    /// Sockets beside them that are busy
    #[arg(long, default_value_t = 64)]
    busy: usize,
    /// Messages sent and echoed in one turn, on all busy ones together
    #[arg(long, default_value_t = 50_000)]
    echoes: usize,
    /// Seconds the idle sockets rest before they are measured; more than one interval of Tidegate's pings
    #[arg(long, default_value_t = 25)]
    rest_s: u64,
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
        Command::Echo { port } => echo::serve(port).await,
        Command::Load { port, load } => {
            println!("{:.0} echoes a second", stand::load(port, &load).await?);
            Ok(())
        }
        Command::Compare { tidegate, rounds, load } => compare(tidegate, rounds, &load).await,
    }
}

/// All proxies stand with their sockets open, and talk in turn: what the machine does besides falls on each of them.
async fn compare(tidegate: PathBuf, rounds: usize, load: &Load) -> anyhow::Result<()> {
    anyhow::ensure!(rounds > 0 && load.idle > 0 && load.busy > 0, "nothing to measure");
    let mut stands = Vec::new();
    for proxy in proxy::all(tidegate, &FILES) {
        stands.push(Stand::open(&proxy, load).await?);
    }
    let cpu_of = |stands: &[Stand]| stands.iter().map(Stand::cpu_s).collect::<anyhow::Result<Vec<_>>>();
    let before = cpu_of(&stands)?;
    tokio::time::sleep(Duration::from_secs(load.rest_s)).await;
    let after = cpu_of(&stands)?;
    let sockets = stands
        .iter()
        .map(Stand::socket_kib)
        .collect::<anyhow::Result<Vec<_>>>()?;

    let mut talks = vec![Vec::new(); stands.len()];
    for (stand, talks) in stands.iter_mut().zip(&mut talks) {
        stand.open_busy(load).await?;
        stand.talk(load.echoes.div_ceil(5)).await?;
        talks.reserve(rounds);
    }
    for round in 1..=rounds {
        for (stand, talks) in stands.iter_mut().zip(&mut talks) {
            let talk = stand.talk(load.echoes).await?;
            eprintln!(
                "round {round}, {}: {:.2} us of CPU a message",
                stand.name, talk.message_cpu_us
            );
            talks.push(talk);
        }
    }

    let names: Vec<&str> = stands.iter().map(|stand| stand.name).collect();
    let once = |values: Vec<f64>| values.into_iter().map(|value| vec![value]).collect();
    let each = |read: fn(&Talk) -> f64| talks.iter().map(|talks| talks.iter().map(read).collect()).collect();
    let rest = before
        .iter()
        .zip(&after)
        .map(|(before, after)| (after - before) * 1e3 / load.rest_s.max(1) as f64);
    let rows = [
        Row {
            says: "memory of an idle socket, KiB",
            values: once(sockets),
            target: "6",
        },
        Row {
            says: "CPU of a million messages, s",
            values: each(|talk| talk.message_cpu_us),
            target: "1.15 x nginx",
        },
        Row {
            says: "CPU of all idle sockets, ms/s",
            values: once(rest.collect()),
            target: "-",
        },
        Row {
            says: "memory without sockets, MiB",
            values: once(stands.iter().map(Stand::empty_mib).collect()),
            target: "-",
        },
        Row {
            says: "echoes a second",
            values: each(|talk| talk.echoes_per_s),
            target: "-",
        },
    ];
    print!("{}", table::text(&names, &rows));
    Ok(())
}
