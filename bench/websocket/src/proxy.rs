//! The proxies, each with one worker and a file that sends everything to the echo.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::process::{Server, free_port};

/// One of them.
pub struct Proxy {
    /// Its name in the table.
    pub name: &'static str,
    program: PathBuf,
    file: &'static str,
    arguments: &'static [&'static str],
}

/// All of them, in the order of the table.
pub fn all(tidegate: PathBuf) -> [Proxy; 3] {
    [
        Proxy {
            name: "Tidegate",
            program: tidegate,
            file: include_str!("../proxies/tidegate.toml"),
            arguments: &[
                "serve",
                "--config",
                "@FILE@",
                "--data",
                "@DIR@/data",
                "--listen",
                "127.0.0.1:@PORT@",
                "--admin",
                "127.0.0.1:0",
            ],
        },
        Proxy {
            name: "nginx",
            program: "nginx".into(),
            file: include_str!("../proxies/nginx.conf"),
            arguments: &["-p", "@DIR@", "-c", "@FILE@"],
        },
        Proxy {
            name: "haproxy",
            program: "haproxy".into(),
            file: include_str!("../proxies/haproxy.cfg"),
            arguments: &["-db", "-f", "@FILE@"],
        },
    ]
}

impl Proxy {
    /// Starts it before an echo. The folder is its own.
    pub async fn start(&self, echo: u16, dir: &Path) -> anyhow::Result<Server> {
        let port = free_port()?;
        let file = dir.join("proxy.conf");
        let fill = |text: &str| {
            text.replace("@FILE@", &file.to_string_lossy())
                .replace("@DIR@", &dir.to_string_lossy())
                .replace("@PORT@", &port.to_string())
                .replace("@ECHO@", &echo.to_string())
        };
        fs::write(&file, fill(self.file))?;
        let mut command = Command::new(&self.program);
        command.args(self.arguments.iter().map(|argument| fill(argument)));
        // Only Tidegate reads it.
        command.env("TOKIO_WORKER_THREADS", "1");
        Server::start(command, port, &dir.join("proxy.log")).await
    }
}
