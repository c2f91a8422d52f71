//! A process of our own: started, read in `/proc`, ended by its id.

use std::{
    fs,
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::Context;

/// In which a server must accept its first connection, and in which it must end.
const PATIENCE: Duration = Duration::from_secs(20);

/// Ticks of `utime` and `stime` in a second, on every Linux.
const TICKS_PER_S: f64 = 100.0;

/// A server on a port of the loopback. Dropping it ends it.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub port: u16,
}

/// Seconds of CPU, by where.
#[derive(Clone, Copy)]
pub struct Cpu {
    /// In the program.
    pub user_s: f64,
    /// In the kernel, for it.
    pub kernel_s: f64,
}

impl Cpu {
    /// Both.
    pub fn all_s(&self) -> f64 {
        self.user_s + self.kernel_s
    }
}

/// A port that was free a moment ago.
pub fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

impl Server {
    /// Starts a command that will listen on this port; its output goes to a file.
    pub async fn start(mut command: Command, port: u16, log: &Path) -> anyhow::Result<Server> {
        let file = fs::File::create(log)?;
        command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
        let child = command.spawn().with_context(|| format!("{command:?}"))?;
        let mut server = Server { child, port };
        let begun = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            let ended = server.child.try_wait()?.is_some();
            if ended || begun.elapsed() > PATIENCE {
                anyhow::bail!("{command:?} does not listen: {}", fs::read_to_string(log)?);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(server)
    }

    /// Its memory in KiB: what it has alone, and its part of what it shares.
    pub fn memory_kib(&self) -> anyhow::Result<f64> {
        let mut sum = 0.0;
        for pid in self.pids() {
            let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup"))?;
            let line = text.lines().find_map(|line| line.strip_prefix("Pss:"));
            let kib = line.and_then(|rest| rest.split_whitespace().next()).context("no Pss")?;
            sum += kib.parse::<f64>()?;
        }
        Ok(sum)
    }

    /// Seconds of CPU it has had.
    pub fn cpu_s(&self) -> anyhow::Result<f64> {
        Ok(self.cpu()?.all_s())
    }

    /// The same, by where.
    pub fn cpu(&self) -> anyhow::Result<Cpu> {
        let mut cpu = Cpu {
            user_s: 0.0,
            kernel_s: 0.0,
        };
        for pid in self.pids() {
            let text = fs::read_to_string(format!("/proc/{pid}/stat"))?;
            let (_, fields) = text.rsplit_once(')').context("no stat")?;
            // After the name: `utime` is the 12th field, `stime` the 13th.
            let mut ticks = fields.split_whitespace().skip(11).map(str::parse::<f64>);
            let mut next = || anyhow::Ok(ticks.next().context("no ticks")?? / TICKS_PER_S);
            cpu.user_s += next()?;
            cpu.kernel_s += next()?;
        }
        Ok(cpu)
    }

    /// Itself and its workers.
    fn pids(&self) -> Vec<u32> {
        let pid = self.child.id();
        let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
        let workers = children.split_whitespace().filter_map(|pid| pid.parse().ok());
        std::iter::once(pid).chain(workers).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // SIGTERM and not SIGKILL: nginx has a worker to take along.
        let pid = self.child.id().to_string();
        Command::new("kill").args(["-TERM", &pid]).status().ok();
        let begun = Instant::now();
        while let Ok(None) = self.child.try_wait() {
            if begun.elapsed() > PATIENCE {
                self.child.kill().ok();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}
