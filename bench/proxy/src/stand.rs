//! One proxy under load, between an upstream and callers of its own.

use std::{
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::Context;
use bench_rig::{
    process::{Server, free_port},
    proxy::Proxy,
};
use tempfile::TempDir;

use crate::{
    Load,
    callers::{self, Manners},
};

/// A proxy that is ready. Dropping it ends all of it.
pub struct Stand {
    /// The proxy's name.
    pub name: &'static str,
    manners: Manners,
    server: Server,
    _upstream: Server,
    _dir: TempDir,
}

/// What one turn took.
#[derive(Clone, Copy)]
pub struct Turn {
    /// CPU of the proxy for a request.
    pub request_cpu_us: f64,
    /// Of that, outside the kernel.
    pub request_user_us: f64,
    /// How fast answers came.
    pub requests_per_s: f64,
    /// In which 99 of 100 came.
    pub p99_us: f64,
}

/// In which Tidegate's admin listener must answer.
const ADMIN_WAIT_MAX: Duration = Duration::from_secs(10);

/// Requests before anything is measured.
const WARM_UP: usize = 2_000;

impl Stand {
    /// Starts the upstream and the proxy.
    pub async fn open(proxy: &Proxy, load: &Load) -> anyhow::Result<Stand> {
        let dir = tempfile::tempdir()?;
        let upstream = start_upstream(load, &dir.path().join("upstream.log")).await?;
        let server = proxy.start(upstream.port, dir.path(), load.core).await?;
        let is_tidegate = proxy.name == "Tidegate";
        let token = match is_tidegate {
            true => token(proxy.program(), &dir.path().join("data")).await?,
            false => "tg_pat_someone".to_owned(),
        };
        let manners = Manners {
            // What a collector of today sends.
            request: format!(
                "GET /items/7?since=1700000000 HTTP/1.1\r\nHost: api.example.com\r\nUser-Agent: collector/1.0\r\n\
                 Accept: application/json\r\nAuthorization: Bearer {token}\r\n\r\n"
            ),
            body_bytes: load.body_bytes,
            has_rate_limit: is_tidegate,
        };
        callers::call(server.port, &manners, load.connections, WARM_UP).await?;
        Ok(Stand {
            name: proxy.name,
            manners,
            server,
            _upstream: upstream,
            _dir: dir,
        })
    }

    /// Memory of the proxy now.
    pub fn memory_mib(&self) -> anyhow::Result<f64> {
        Ok(self.server.memory_kib()? / 1_024.0)
    }

    /// One turn of requests.
    pub async fn turn(&self, load: &Load) -> anyhow::Result<Turn> {
        let (before, begun) = (self.server.cpu()?, Instant::now());
        let mut took = callers::call(self.server.port, &self.manners, load.connections, load.requests).await?;
        let (after, wall_s) = (self.server.cpu()?, begun.elapsed().as_secs_f64());
        let count = took.len() as f64;
        took.sort();
        let p99: Duration = took[took.len() * 99 / 100];
        Ok(Turn {
            request_cpu_us: (after.all_s() - before.all_s()) * 1e6 / count,
            request_user_us: (after.user_s - before.user_s) * 1e6 / count,
            requests_per_s: count / wall_s,
            p99_us: p99.as_secs_f64() * 1e6,
        })
    }
}

async fn start_upstream(load: &Load, log: &Path) -> anyhow::Result<Server> {
    let port = free_port()?;
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["upstream", &port.to_string(), &load.body_bytes.to_string()]);
    Server::start(command, port, log).await
}

/// A caller of Tidegate's own accounts, made as an operator makes one.
async fn token(tidegate: &Path, data: &Path) -> anyhow::Result<String> {
    let run = |arguments: &[&str]| -> anyhow::Result<String> {
        let output = Command::new(tidegate).args(arguments).arg("--data").arg(data).output()?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        anyhow::ensure!(output.status.success(), "{arguments:?}: {said}");
        Ok(String::from_utf8(output.stdout).context("no text")?.trim().to_owned())
    };
    // The gateway listens a moment before the admin listener can be asked.
    let begun = Instant::now();
    while let Err(error) = run(&["user", "add", "ann"]) {
        anyhow::ensure!(begun.elapsed() < ADMIN_WAIT_MAX, error);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    run(&["token", "create", "--user", "ann"])
}
