//! The proxies, each with one worker and a file that sends everything to one upstream.

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

/// The files of the proxies, with `@PORT@`, `@UPSTREAM@` and `@DIR@` to be filled in.
pub struct Files {
    /// Tidegate's limits file.
    pub tidegate: &'static str,
    /// nginx's.
    pub nginx: &'static str,
    /// haproxy's.
    pub haproxy: &'static str,
}

/// All of them, in the order of the table.
pub fn all(tidegate: PathBuf, files: &Files) -> [Proxy; 3] {
    [
        Proxy {
            name: "Tidegate",
            program: tidegate,
            file: files.tidegate,
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
            file: files.nginx,
            arguments: &["-p", "@DIR@", "-c", "@FILE@"],
        },
        Proxy {
            name: "haproxy",
            program: "haproxy".into(),
            file: files.haproxy,
            arguments: &["-db", "-f", "@FILE@"],
        },
    ]
}

impl Proxy {
    /// The program.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// Starts it before an upstream, on one core if one is named. The folder is its own.
    pub async fn start(&self, upstream: u16, dir: &Path, core: Option<usize>) -> anyhow::Result<Server> {
        let port = free_port()?;
        let file = dir.join("proxy.conf");
        let fill = |text: &str| {
            text.replace("@FILE@", &file.to_string_lossy())
                .replace("@DIR@", &dir.to_string_lossy())
                .replace("@PORT@", &port.to_string())
                .replace("@UPSTREAM@", &upstream.to_string())
        };
        fs::write(&file, fill(self.file))?;
        let mut command = match core {
            None => Command::new(&self.program),
            Some(core) => {
                // taskset becomes the program that it starts.
                let mut command = Command::new("taskset");
                command.args(["-c", &core.to_string()]).arg(&self.program);
                command
            }
        };
        command.args(self.arguments.iter().map(|argument| fill(argument)));
        // Only Tidegate reads it.
        command.env("TOKIO_WORKER_THREADS", "1");
        Server::start(command, port, &dir.join("proxy.log")).await
    }
}
