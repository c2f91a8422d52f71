//! One proxy under load, between an echo and clients of its own.

use std::{
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use bench_rig::{
    process::{Server, free_port},
    proxy::Proxy,
};
use tempfile::TempDir;

use crate::{
    Load,
    crowd::{Busy, Idle},
};

/// In which what a handshake left has ended.
const SETTLE: Duration = Duration::from_secs(2);

/// A proxy with its sockets open. Dropping it ends all of it.
pub struct Stand {
    /// The proxy's name.
    pub name: &'static str,
    busy: Busy,
    idle: Idle,
    sockets: usize,
    server: Server,
    _echo: Server,
    _dir: TempDir,
    empty_kib: f64,
}

/// What one turn of talk took.
#[derive(Clone, Copy)]
pub struct Talk {
    /// CPU of the proxy for a message one way.
    pub message_cpu_us: f64,
    /// How fast messages came back.
    pub echoes_per_s: f64,
}

impl Stand {
    /// Starts the echo and the proxy, and opens the sockets.
    pub async fn open(proxy: &Proxy, load: &Load) -> anyhow::Result<Stand> {
        let dir = tempfile::tempdir()?;
        let echo = start_echo(&dir.path().join("echo.log")).await?;
        let server = proxy.start(echo.port, dir.path(), None).await?;
        // One socket first, so that what is made once is there.
        Busy::open(server.port, 1).await?.talk(100).await?;
        tokio::time::sleep(SETTLE).await;
        let empty_kib = server.memory_kib()?;
        Ok(Stand {
            name: proxy.name,
            idle: Idle::open(server.port, load.idle).await?,
            busy: Busy::none(),
            sockets: load.idle,
            server,
            _echo: echo,
            _dir: dir,
            empty_kib,
        })
    }

    /// Memory without a socket.
    pub fn empty_mib(&self) -> f64 {
        self.empty_kib / 1_024.0
    }

    /// Memory that each idle socket has added.
    pub fn socket_kib(&self) -> anyhow::Result<f64> {
        Ok((self.server.memory_kib()? - self.empty_kib) / self.sockets as f64)
    }

    /// Seconds of CPU so far.
    pub fn cpu_s(&self) -> anyhow::Result<f64> {
        self.server.cpu_s()
    }

    /// Opens the sockets that talk, beside the idle ones.
    pub async fn open_busy(&mut self, load: &Load) -> anyhow::Result<()> {
        self.busy = Busy::open(self.server.port, load.busy).await?;
        Ok(())
    }

    /// Lets the busy sockets talk while the others stay open.
    pub async fn talk(&mut self, echoes: usize) -> anyhow::Result<Talk> {
        let (cpu_s, begun) = (self.cpu_s()?, Instant::now());
        self.busy.talk(echoes).await?;
        let (cpu_s, wall_s) = (self.cpu_s()? - cpu_s, begun.elapsed().as_secs_f64());
        let open = self.idle.still_open();
        anyhow::ensure!(open == self.sockets, "{}: only {open} idle sockets are open", self.name);
        Ok(Talk {
            // There and back are two messages.
            message_cpu_us: cpu_s * 1e6 / (2 * echoes) as f64,
            echoes_per_s: echoes as f64 / wall_s,
        })
    }
}

/// Loads what listens on a port, whoever it is, and says how many echoes a second there were.
pub async fn load(port: u16, load: &Load) -> anyhow::Result<f64> {
    let idle = Idle::open(port, load.idle).await?;
    tokio::time::sleep(Duration::from_secs(load.rest_s)).await;
    let mut busy = Busy::open(port, load.busy).await?;
    let begun = Instant::now();
    busy.talk(load.echoes).await?;
    anyhow::ensure!(idle.still_open() == load.idle, "idle sockets were closed");
    Ok(load.echoes as f64 / begun.elapsed().as_secs_f64())
}

async fn start_echo(log: &Path) -> anyhow::Result<Server> {
    let port = free_port()?;
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["echo", &port.to_string()]);
    Server::start(command, port, log).await
}
