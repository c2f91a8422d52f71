//! Tidegate's sockets beside nginx's and haproxy's: idle memory and CPU per message, in one run.

use std::path::PathBuf;

use clap::{Args, Parser};
use tokio::signal::unix::{SignalKind, signal};

mod crowd;
mod echo;
mod process;
mod proxy;
mod table;
mod visit;

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
    /// Measure the three proxies in turn and print a table
    Compare {
        /// The program `tidegate`, built with --release
        tidegate: PathBuf,
        /// How often each proxy is measured
        #[arg(long, default_value_t = 3)]
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
    /// Messages sent and echoed on the busy ones, all together
    #[arg(long, default_value_t = 200_000)]
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
            println!("{:.0} echoes a second", visit::load(port, &load).await?);
            Ok(())
        }
        Command::Compare { tidegate, rounds, load } => compare(tidegate, rounds, &load).await,
    }
}

/// One proxy after another, then all again: what the machine does besides falls on each of them.
async fn compare(tidegate: PathBuf, rounds: usize, load: &Load) -> anyhow::Result<()> {
    anyhow::ensure!(rounds > 0 && load.idle > 0 && load.busy > 0, "nothing to measure");
    let proxies = proxy::all(tidegate);
    let mut measured = vec![Vec::new(); proxies.len()];
    for round in 1..=rounds {
        for (proxy, measured) in proxies.iter().zip(&mut measured) {
            let visit = visit::measure(proxy, load).await?;
            eprintln!("round {round}, {}: {visit}", proxy.name);
            measured.push(visit);
        }
    }
    let names = proxies.iter().map(|proxy| proxy.name).collect::<Vec<_>>();
    print!("{}", table::text(&names, &measured));
    Ok(())
}
