//! A gateway under test, an upstream to stand behind it, and a client that speaks bytes.

pub mod client;
pub mod frames;
pub mod house;
pub mod policy;
pub mod tls;
pub mod upstream;

use std::{net::SocketAddr, sync::Arc};

use tidegate_core::{overrides::Overrides, policy::Policy};
use tidegate_engine::{
    clock::Clock,
    engine::{self, Engine},
    snapshot::Current,
};
use tidegate_gateway::{Bounds, Gateway, tls::OwnTls};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

pub use client::{Answer, Client};
pub use house::House;
pub use policy::Setup;
pub use upstream::Upstream;

/// The time tests begin at: 2026-11-22T00:00:00Z.
pub const START_MS: i64 = 1_795_305_600_000;

/// A gateway that serves on a free port.
pub struct Door {
    pub address: SocketAddr,
    pub gateway: Gateway,
    pub engine: Arc<Engine>,
    pub house: Arc<House>,
    stop: Option<oneshot::Sender<()>>,
    serving: Option<JoinHandle<()>>,
}

impl Door {
    /// With the usual policy in front of an upstream.
    pub async fn before(upstream: &str) -> Door {
        Door::with(Setup::before(upstream), Bounds::default()).await
    }

    pub async fn with(setup: Setup, bounds: Bounds) -> Door {
        Door::of(setup.policy(), bounds).await
    }

    pub async fn of(policy: Policy, bounds: Bounds) -> Door {
        Door::behind(None, policy, bounds).await
    }

    /// Over TLS, if with a certificate.
    pub async fn behind(tls: Option<Arc<OwnTls>>, policy: Policy, bounds: Bounds) -> Door {
        let current = Current::new(policy, Overrides::default());
        let engine = Arc::new(Engine::new(
            Clock::manual(START_MS),
            current,
            [7; 16],
            engine::Bounds {
                cells_max: 10_000,
                leases_max: 10_000,
                sockets_max: 1_000,
            },
        ));
        let house = Arc::new(House::default());
        let gateway = Gateway::new(
            engine.clone(),
            house.clone(),
            house.clone(),
            Arc::new(house::Pages),
            bounds,
        );
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn({
            let gateway = gateway.clone();
            async move {
                let stopped = async {
                    let _ = stopped.await;
                };
                match tls {
                    Some(tls) => gateway.serve_tls(listener, tls, stopped).await,
                    None => gateway.serve(listener, stopped).await,
                }
            }
        });
        Door {
            address,
            gateway,
            engine,
            house,
            stop: Some(stop),
            serving: Some(serving),
        }
    }

    pub async fn client(&self) -> Client {
        Client::connect(self.address).await
    }

    /// One request on a connection of its own.
    pub async fn ask(&self, bytes: &str) -> Answer {
        self.client().await.ask(bytes).await
    }

    /// Begins to drain; the handle ends with the drain.
    pub fn drain(&mut self) -> JoinHandle<()> {
        self.stop.take().unwrap().send(()).unwrap();
        self.serving.take().unwrap()
    }
}

/// A GET with a valid credential.
pub fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: gate\r\nAuthorization: Bearer ann\r\n\r\n")
}

/// The head of a PUT with a valid credential.
pub fn put(path: &str, fields: &str) -> String {
    format!("PUT {path} HTTP/1.1\r\nHost: gate\r\nAuthorization: Bearer ann\r\n{fields}\r\n")
}

/// Lets real time pass: what these tests watch are timers of sockets, which no manual clock moves.
#[expect(clippy::disallowed_methods, reason = "the doors' timers run on the runtime's clock")]
pub async fn pause(wait: std::time::Duration) {
    tokio::time::sleep(wait).await;
}

/// The runtime's clock, to measure a wait.
#[expect(clippy::disallowed_methods, reason = "the doors' timers run on the runtime's clock")]
pub fn begun() -> tokio::time::Instant {
    tokio::time::Instant::now()
}
