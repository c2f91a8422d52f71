//! The running program: opens, wires and ends its parts, in order.

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use anyhow::Context;
use tidegate_accounts::Accounts;
use tidegate_config::{Config, Server, Source, extensions::TlsFiles};
use tidegate_core::bounds::Declared;
use tidegate_engine::{clock::Clock, engine::Engine, snapshot::Current};
use tidegate_gateway::{
    Gateway, ListenAddress, Listener,
    tls::{LOOK_EVERY, OwnTls},
};
use tidegate_staff::{
    admin::{
        self, Admin, limit_history,
        login_link::{self, Links},
        staff::Staff,
    },
    pages::Pages,
    vouched_callers::VouchedCallers,
};
use tidegate_streams::Streams;
use tokio::{
    net::{TcpListener, UdpSocket},
    sync::watch,
    task::JoinSet,
};

use crate::{
    authority::Registry,
    bounds::Bounds,
    config_extensions,
    counts_log::{Counts, writer::CountsWriter},
    data_dir::DataDir,
    embedded_upstream::Embedded,
    hub_broadcasts,
    login::Logins,
    program_state::Files,
    reload::{self, Reload},
    socket_warden::Warden,
    station_directory::Stations,
    usage::Usage,
};

/// The options that a server is started with.
#[derive(Debug)]
pub struct Options {
    /// The compiled limits file.
    pub config: Config,
    /// The source of the limits file, to read it again.
    pub source: Source,
    /// The command line's `--upstream`, which it was compiled with.
    pub upstream: Option<String>,
    /// The data directory.
    pub data: PathBuf,
    /// The addresses for callers; port 0 picks a free port.
    pub listen: Vec<ListenAddress>,
    /// The address for staff.
    pub admin: SocketAddr,
    /// The address for hub broadcasts, if there is one.
    pub udp: Option<SocketAddr>,
    /// The gate's own certificate, in the place of what the limits file says.
    pub tls: Option<TlsFiles>,
}

/// A running server.
pub struct App {
    /// The addresses for callers, in the order of the options.
    pub gateway: Vec<ListenAddress>,
    /// Callers over TCP are served over TLS.
    pub is_secure: bool,
    /// The address for staff.
    pub admin: SocketAddr,
    /// The address for hub broadcasts.
    pub udp: Option<SocketAddr>,
    /// The engine, whose clock tests move.
    pub engine: Arc<Engine>,
    /// Reads the limits file again.
    pub reload: Arc<Reload>,
    /// The path of the first login on the admin listener; only at the first start on a directory.
    pub login_path: Option<String>,
    /// Counts, usage and the limits file.
    files: Arc<Files>,
    /// Writes counts and usage down also while requests under way finish.
    keeping: JoinSet<()>,
    accounts: Accounts,
    streams: Streams,
    ending: watch::Sender<bool>,
    tasks: JoinSet<()>,
    /// The shared state of the admin API's handlers, once it is served.
    staff_api: Option<Arc<Admin>>,
    /// The admin API, served until the listeners are drained, so that staff and collectors see the end.
    staff: JoinSet<()>,
    drained: watch::Sender<bool>,
    /// The data directory, held to the end: the next server gets it when this one is done with it.
    data: DataDir,
}

/// The interval at which cells that hold nothing are removed.
const SWEEP_EVERY: Duration = Duration::from_secs(10);

/// The time that admin requests have to finish when the server ends.
const ADMIN_DRAIN: Duration = Duration::from_secs(5);

impl App {
    /// Opens the data, binds the listeners and starts serving.
    ///
    /// # Errors
    /// Fails when the directory is taken or broken, or an address cannot be bound; says which.
    pub async fn start(options: Options, clock: Clock) -> anyhow::Result<App> {
        let data = DataDir::open(&options.data)?;
        let key = data.key()?;
        let accounts = Accounts::open(&data.file("accounts.db"), key.bytes())
            .await
            .context("accounts.db")?;
        let bounds = Bounds::of(&options.config.server.bounds);
        let streams = open_streams(&data, &accounts, bounds.samples_bytes_max).await?;
        let overrides = admin::load_overrides(&accounts).await.context("accounts.db")?;
        let listeners = Listeners::bind(&options).await?;

        let (config, source, upstream) = (options.config, options.source, options.upstream);
        let server = config.server.clone();
        let current = Current::new(config.policy.clone(), overrides);
        let engine = Arc::new(Engine::new(
            clock,
            current,
            key.partition(),
            Declared::of(&server.bounds),
        ));
        let files = Arc::new(Files {
            counts_writer: load_counts(&data, &engine).await?,
            usage: open_usage(&data, &engine, &server).await?,
            reload: Arc::new(Reload::new(source, upstream, &config, engine.clone())),
        });

        let mut app = App {
            gateway: listeners.addresses()?,
            is_secure: listeners.tls.is_some(),
            admin: listeners.admin.local_addr()?,
            udp: listeners.udp.as_ref().map(UdpSocket::local_addr).transpose()?,
            engine: engine.clone(),
            reload: files.reload.clone(),
            files: files.clone(),
            keeping: JoinSet::new(),
            accounts: accounts.clone(),
            streams: streams.clone(),
            ending: watch::Sender::new(false),
            tasks: JoinSet::new(),
            staff_api: None,
            staff: JoinSet::new(),
            drained: watch::Sender::new(false),
            data,
            login_path: None,
        };
        app.data.note_admin_address(&app.admin.to_string())?;

        let vouched = Arc::new(VouchedCallers::default());
        let registry = Arc::new(Registry::new(accounts.clone(), &key, vouched.clone()));
        let warden = Arc::new(Warden::new(accounts.clone(), engine.clone()));
        let logins = Logins::new(accounts.clone(), engine.clone(), bounds.session_lifetime, app.is_secure);
        let embedded = Embedded::new(streams, logins, warden.clone(), engine.clone());
        let gateway = Gateway::new(
            engine.clone(),
            registry,
            Arc::new(embedded),
            Arc::new(Pages::new(engine.clone(), accounts, files.clone(), app.is_secure)),
            Declared::of(&server.bounds),
        );
        app.spawn_until_end(warden.run());
        app.spawn_gateway(&gateway, listeners.gateway, listeners.tls);
        app.spawn_admin(listeners.admin, gateway, vouched)?;
        app.spawn_sweeper();
        app.spawn_until_end(reload::watch::run(files.reload.clone()));
        app.spawn_keeping(bounds.counts_flush);
        app.spawn_hub(listeners.udp);
        Ok(app)
    }

    /// Returns the accounts, for those who make some.
    pub fn accounts(&self) -> &Accounts {
        &self.accounts
    }

    /// Takes the samples of what callers use that are otherwise taken every ten seconds.
    pub async fn sample(&self) {
        if let Some(admin) = &self.staff_api {
            limit_history::sample_foremost(admin).await;
        }
    }

    /// Ends the server: no new connection is accepted, requests in flight finish within the drain time, data is flushed
    /// and closed.
    pub async fn stop(mut self) {
        self.ending.send_replace(true);
        while self.tasks.join_next().await.is_some() {}
        self.drained.send_replace(true);
        while self.staff.join_next().await.is_some() {}
        // Nobody counts any more, so what is written now is all there is.
        self.keeping.shutdown().await;
        self.files.counts_writer.clone().write().await;
        self.files.usage.end().await;
        self.streams.close().await;
        self.accounts.close().await;
    }

    fn spawn_gateway(&mut self, gateway: &Gateway, listeners: Vec<Listener>, tls: Option<Arc<OwnTls>>) {
        for listener in listeners {
            let (gateway, tls, ending) = (gateway.clone(), tls.clone(), self.ended());
            self.tasks.spawn(async move {
                match tls {
                    Some(tls) => gateway.serve_tls(listener, tls, ending).await,
                    None => gateway.serve(listener, ending).await,
                }
            });
        }
        if let Some(tls) = tls {
            self.spawn_until_end(tls.watch(LOOK_EVERY));
        }
    }

    fn spawn_admin(
        &mut self,
        listener: TcpListener,
        gateway: Gateway,
        vouched: Arc<VouchedCallers>,
    ) -> anyhow::Result<()> {
        let (token, is_first_start) = self.data.admin_token()?;
        let links = Arc::new(Links::default());
        if is_first_start {
            self.login_path = Some(login_link::path_of(
                &links.make(Staff::admin(), self.engine.clock.now())?,
            ));
        }
        let admin = Admin {
            gateway,
            vouched,
            token,
            sessions: Default::default(),
            links,
            traces: Default::default(),
            ending: self.ending.subscribe(),
            listen: self.admin,
            overrides_turn: Default::default(),
            engine: self.engine.clone(),
            accounts: self.accounts.clone(),
            program: self.files.clone(),
        };
        let admin = Arc::new(admin);
        self.staff_api = Some(admin.clone());
        self.spawn_until_end(limit_history::keep_sampling(admin.clone()));
        let ending = told(&self.drained);
        let mut cut = self.drained.subscribe();
        self.staff.spawn(async move {
            let router = tidegate_staff::router(admin);
            let serve = axum::serve(listener, router)
                .with_graceful_shutdown(ending)
                .into_future();
            let overdue = async {
                let _ = cut.wait_for(|drained| *drained).await;
                let _ = tokio::time::timeout(ADMIN_DRAIN, std::future::pending::<()>()).await;
            };
            tokio::select! {
                _ = serve => {}
                () = overdue => {}
            }
        });
        Ok(())
    }

    fn spawn_hub(&mut self, socket: Option<UdpSocket>) {
        if let Some(socket) = socket {
            let (streams, engine) = (self.streams.clone(), self.engine.clone());
            self.tasks
                .spawn(hub_broadcasts::listen(socket, streams, engine, self.ending.subscribe()));
        }
    }

    fn spawn_keeping(&mut self, counts_flush: Duration) {
        self.keeping.spawn(self.files.counts_writer.clone().run(counts_flush));
        self.keeping.spawn(self.files.usage.clone().keep_writing());
        self.keeping.spawn(self.files.usage.clone().keep_shipping());
    }

    fn spawn_sweeper(&mut self) {
        let engine = self.engine.clone();
        self.spawn_until_end(async move {
            let mut tick = tokio::time::interval(SWEEP_EVERY);
            loop {
                tick.tick().await;
                engine.sweep(engine.clock.now());
            }
        });
    }

    /// Runs something that has no end of its own.
    fn spawn_until_end(&mut self, endless: impl Future<Output = ()> + Send + 'static) {
        let ending = self.ended();
        self.tasks.spawn(async move {
            tokio::select! {
                () = endless => {}
                () = ending => {}
            }
        });
    }

    /// Resolves when the server ends.
    fn ended(&self) -> impl Future<Output = ()> + Send + use<> {
        told(&self.ending)
    }
}

/// Resolves when the value becomes true, or when its sender is gone.
fn told(by: &watch::Sender<bool>) -> impl Future<Output = ()> + Send + use<> {
    let mut told = by.subscribe();
    async move {
        let _ = told.wait_for(|told| *told).await;
    }
}

/// Loads the counts of the previous run; nobody is served before.
async fn load_counts(data: &DataDir, engine: &Arc<Engine>) -> anyhow::Result<Arc<CountsWriter>> {
    let (path, loading) = (data.file("counts.log"), engine.clone());
    let loaded = tokio::task::spawn_blocking(move || Counts::load(&path, &loading, loading.clock.now())).await;
    let (counts, loaded) = loaded.context("counts.log")?;
    if loaded.records > 0 {
        tracing::info!(records = loaded.records, "counts of the previous run are loaded");
    }
    Ok(Arc::new(CountsWriter::new(engine.clone(), counts)))
}

/// Opens the embedded streams API, which asks the accounts for stations.
async fn open_streams(data: &DataDir, accounts: &Accounts, samples_bytes_max: u64) -> anyhow::Result<Streams> {
    let stations = Arc::new(Stations(accounts.clone()));
    let opened = Streams::open(&data.file("streams.db"), samples_bytes_max, stations).await;
    opened.context("streams.db")
}

/// Opens the usage log and ledger, under this installation's name.
async fn open_usage(data: &DataDir, engine: &Arc<Engine>, server: &Server) -> anyhow::Result<Arc<Usage>> {
    let (folder, node) = (data.file("usage"), data.key()?.node());
    let usage = Usage::open(&folder, engine.clone(), node, server.on_usage_failure).await?;
    Ok(Arc::new(usage))
}

/// The listeners, bound before anything serves, so that an address in use is reported before `ready`.
struct Listeners {
    gateway: Vec<Listener>,
    tls: Option<Arc<OwnTls>>,
    admin: TcpListener,
    udp: Option<UdpSocket>,
}

impl Listeners {
    /// Returns the addresses for callers.
    fn addresses(&self) -> std::io::Result<Vec<ListenAddress>> {
        self.gateway.iter().map(Listener::address).collect()
    }

    async fn bind(options: &Options) -> anyhow::Result<Listeners> {
        let mut gateway = Vec::with_capacity(options.listen.len());
        for address in &options.listen {
            let bound = address.bind().await;
            gateway.push(bound.with_context(|| format!("--listen {address}"))?);
        }
        let admin = TcpListener::bind(options.admin).await;
        let udp = match options.udp {
            Some(address) => Some(
                UdpSocket::bind(address)
                    .await
                    .with_context(|| format!("--udp {address}"))?,
            ),
            None => None,
        };
        let tls = options
            .tls
            .as_ref()
            .or(options.config.server.tls.as_ref())
            .map(|files| {
                let loaded = config_extensions::load_tls(files).map(Arc::new);
                loaded.map_err(|unusable| anyhow::anyhow!("{unusable}"))
            });
        Ok(Listeners {
            gateway,
            tls: tls.transpose()?,
            admin: admin.with_context(|| format!("--admin {}", options.admin))?,
            udp,
        })
    }
}
