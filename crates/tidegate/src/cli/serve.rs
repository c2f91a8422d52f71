//! `tidegate serve`: flags, start, signals and end of a server.

use std::{
    io::IsTerminal,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    path::PathBuf,
};

use clap::{Args, ValueEnum};
use tidegate_config::{Config, Source, extensions::TlsFiles, table};
use tidegate_core::bounds::Declared;
use tidegate_engine::clock::Clock;
use tidegate_gateway::ListenAddress;
use tidegate_staff::program::ReloadCause;

use super::{Failure, limits_file, listing, say};
use crate::{
    app::{App, Options},
    config_extensions,
    demo::Demo,
    open_files,
};

/// Flags of `tidegate serve`.
#[derive(Debug, Args)]
pub struct Serve {
    /// Limits file
    #[arg(long, value_name = "FILE", conflicts_with = "preset")]
    config: Option<PathBuf>,

    /// Built-in limits page of a platform; by default, the pages of both platforms
    #[arg(long)]
    preset: Option<Preset>,

    /// Data directory; created if missing
    #[arg(
        id = "serve_data",
        long = "data",
        value_name = "DIR",
        default_value = "./tidegate-data"
    )]
    data: PathBuf,

    /// Address for callers: 127.0.0.1:8080, [::1]:8080, or unix:/run/tidegate/gate.sock; may be given several times; port 0
    /// picks a free port
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: Vec<ListenAddress>,

    /// Address of the admin API; port 0 picks a free port
    #[arg(id = "serve_admin", long = "admin", value_name = "ADDR", default_value = crate::admin_client::ADMIN_DEFAULT)]
    admin: SocketAddr,

    /// API to protect, instead of the embedded one; without --preset or --config, every path is passed on
    #[arg(long, value_name = "URL")]
    upstream: Option<String>,

    /// Serve callers over TLS: PEM file with the certificate, followed by its intermediate certificates
    #[arg(long, value_name = "PEM", requires = "tls_key")]
    tls_cert: Option<PathBuf>,

    /// PEM file with the certificate's private key
    #[arg(long, value_name = "PEM", requires = "tls_cert")]
    tls_key: Option<PathBuf>,

    /// Receive broadcasts of weather-station hubs at this UDP address, e.g. 0.0.0.0:50222
    #[arg(long, value_name = "ADDR")]
    udp: Option<SocketAddr>,

    /// Format of the log on standard error
    #[arg(long, value_name = "FORMAT", env = "TIDEGATE_LOG_FORMAT", default_value = "text")]
    log_format: LogFormat,

    /// Start the simulated callers of the demo.
    #[arg(skip)]
    with_demo: bool,
}

/// The format of a line of the log.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum LogFormat {
    /// Readable lines
    Text,
    /// One JSON object per line
    Json,
}

/// The platforms' limits pages.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Preset {
    /// A weather-station network's REST API
    Tempest,
    /// A stream platform's feeds
    Grovestreams,
}

impl Serve {
    /// Returns the flags of a demo: the default policy, with simulated callers.
    pub(super) fn demo(data: PathBuf, listen: Vec<ListenAddress>, admin: SocketAddr) -> Serve {
        Serve {
            config: None,
            preset: None,
            data,
            listen,
            admin,
            upstream: None,
            tls_cert: None,
            tls_key: None,
            udp: Some(SocketAddr::from(([127, 0, 0, 1], 0))),
            log_format: LogFormat::Text,
            with_demo: true,
        }
    }

    pub(super) fn run(self) -> Result<(), Failure> {
        start_log(self.log_format);
        let config = limits_file::load(&self.source(), self.upstream.as_deref())?;
        if let Some(files) = self.tls() {
            let usable = config_extensions::load_tls(&files);
            usable.map_err(|unusable| Failure::Usage(unusable.to_string()))?;
        }
        if self.upstream.is_some() && self.preset.is_none() && self.config.is_none() {
            // The operator did not write this policy, so it is printed.
            eprint!("{}", table::text(&config.policy, listing::style_of(&std::io::stderr())));
        }
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .map_err(anyhow::Error::from)?;
        Ok(runtime.block_on(self.serve(config))?)
    }

    async fn serve(self, config: Config) -> anyhow::Result<()> {
        let mut end = EndSignals::new()?;
        let mut hangup = hangup()?;
        open_files::raise(
            &Declared::of(&config.server.bounds),
            &Declared::of(&config.server.bounds),
        );
        let options = Options {
            config,
            source: self.source(),
            tls: self.tls(),
            upstream: self.upstream,
            data: self.data,
            listen: self.listen,
            admin: self.admin,
            udp: self.udp,
        };
        let app = App::start(options, Clock::system()).await?;
        for gateway in &app.gateway {
            say(&format!("gateway {}", gateway.url(app.is_secure)));
        }
        say(&format!("admin http://{}", app.admin));
        if let Some(udp) = app.udp {
            say(&format!("udp {udp}"));
        }
        let world = match self.with_demo {
            true => Some(Demo::start(&app).await?),
            false => None,
        };
        if let (Some(path), LogFormat::Text) = (&app.login_path, self.log_format) {
            // Not on standard output, whose lines others read; and a log in JSON goes to a collector, which keeps it.
            eprintln!("console {}", console_url(app.admin, path));
        }
        say("ready");
        loop {
            tokio::select! {
                () = end.received() => break,
                _ = hangup.recv() => read_again(&app).await,
            }
        }
        drop(world);
        tracing::info!("shutting down: requests in flight finish first");
        tokio::select! {
            () = app.stop() => {}
            // A second signal ends the wait.
            () = end.received() => {}
        }
        Ok(())
    }

    fn tls(&self) -> Option<TlsFiles> {
        Some(TlsFiles {
            cert: self.tls_cert.clone()?,
            key: self.tls_key.clone()?,
        })
    }

    fn source(&self) -> Source {
        match (&self.config, self.preset) {
            (Some(file), _) => Source::File(file.clone()),
            (None, Some(preset)) => preset.source(),
            (None, None) => Source::Default,
        }
    }
}

/// Returns the address of the console for a browser on this machine, with the login link's path.
fn console_url(admin: SocketAddr, path: &str) -> String {
    let mut reached = admin;
    if admin.ip().is_unspecified() {
        reached.set_ip(match admin {
            SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    format!("http://{reached}{path} (works once, within 15 minutes)")
}

fn start_log(format: LogFormat) {
    let filter = tracing_subscriber::EnvFilter::try_from_env("TIDEGATE_LOG").unwrap_or_else(|_| "info".into());
    let log = tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    // A second start in one process, as tests do, keeps the first one's log.
    let _ = match format {
        LogFormat::Text => log.with_env_filter(filter).try_init(),
        LogFormat::Json => log.json().flatten_event(true).with_env_filter(filter).try_init(),
    };
}

/// Listens for SIGHUP, which makes a server read its limits file again.
fn hangup() -> std::io::Result<tokio::signal::unix::Signal> {
    tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup())
}

async fn read_again(app: &App) {
    let reload = app.reload.clone();
    // The outcome is in the log.
    let _ = tokio::task::spawn_blocking(move || reload.reload(ReloadCause::Signal)).await;
}

/// The signals that end a server: SIGTERM from a supervisor, SIGINT from a terminal.
struct EndSignals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

impl EndSignals {
    fn new() -> std::io::Result<EndSignals> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(EndSignals {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn received(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

// === impl Preset ===

impl Preset {
    /// Returns the preset as a source of a limits file.
    pub(super) fn source(self) -> Source {
        Source::Preset(match self {
            Preset::Tempest => "tempest".to_owned(),
            Preset::Grovestreams => "grovestreams".to_owned(),
        })
    }
}
