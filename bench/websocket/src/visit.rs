//! One measurement of one proxy, in fresh processes.

use std::{
    fmt,
    process::Command,
    time::{Duration, Instant},
};

use crate::{
    Load,
    crowd::{Busy, Idle},
    process::{Server, free_port},
    proxy::Proxy,
};

/// Echoes before the counted ones.
const WARM_UP: usize = 10_000;

/// In which memory that is given back late has gone, and what a handshake left has ended.
const SETTLE: Duration = Duration::from_secs(2);

/// What was measured.
#[derive(Clone)]
pub struct Visit {
    /// Memory without a socket.
    pub empty_mib: f64,
    /// Memory of an idle socket.
    pub idle_kib: f64,
    /// CPU of all idle sockets.
    pub idle_cpu_ms_per_s: f64,
    /// CPU of a message one way, on a busy socket.
    pub message_cpu_us: f64,
    /// How fast messages came back.
    pub echoes_per_s: f64,
}

/// Starts the echo and the proxy, and measures.
pub async fn measure(proxy: &Proxy, load: &Load) -> anyhow::Result<Visit> {
    let dir = tempfile::tempdir()?;
    let echo = start_echo(&dir.path().join("echo.log")).await?;
    let server = proxy.start(echo.port, dir.path()).await?;
    // One socket first, so that what is made once is there.
    Busy::open(server.port, 1).await?.talk(100).await?;
    tokio::time::sleep(SETTLE).await;
    let empty_kib = server.memory_kib()?;

    let idle = Idle::open(server.port, load.idle).await?;
    tokio::time::sleep(SETTLE).await;
    let before_rest = server.cpu_s()?;
    tokio::time::sleep(Duration::from_secs(load.rest_s)).await;
    let rest_cpu_s = server.cpu_s()? - before_rest;
    let idle_kib = (server.memory_kib()? - empty_kib) / load.idle as f64;

    let mut busy = Busy::open(server.port, load.busy).await?;
    busy.talk(WARM_UP).await?;
    let (before_talk, begun) = (server.cpu_s()?, Instant::now());
    busy.talk(load.echoes).await?;
    let (talk_cpu_s, talk_s) = (server.cpu_s()? - before_talk, begun.elapsed().as_secs_f64());

    anyhow::ensure!(idle.still_open() == load.idle, "{} closed idle sockets", proxy.name);
    Ok(Visit {
        empty_mib: empty_kib / 1_024.0,
        idle_kib,
        idle_cpu_ms_per_s: rest_cpu_s * 1e3 / load.rest_s.max(1) as f64,
        // There and back are two messages.
        message_cpu_us: talk_cpu_s * 1e6 / (2 * load.echoes) as f64,
        echoes_per_s: load.echoes as f64 / talk_s,
    })
}

/// Loads what listens on a port, whoever it is.
pub async fn load(port: u16, load: &Load) -> anyhow::Result<f64> {
    let idle = Idle::open(port, load.idle).await?;
    tokio::time::sleep(Duration::from_secs(load.rest_s)).await;
    let mut busy = Busy::open(port, load.busy).await?;
    let begun = Instant::now();
    busy.talk(load.echoes).await?;
    anyhow::ensure!(idle.still_open() == load.idle, "idle sockets were closed");
    Ok(load.echoes as f64 / begun.elapsed().as_secs_f64())
}

async fn start_echo(log: &std::path::Path) -> anyhow::Result<Server> {
    let port = free_port()?;
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["echo", &port.to_string()]);
    Server::start(command, port, log).await
}

impl fmt::Display for Visit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:.2} KiB an idle socket, {:.2} us of CPU a message",
            self.idle_kib, self.message_cpu_us
        )
    }
}
