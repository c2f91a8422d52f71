//! A running Tidegate for one test: its own directory, ports and clock.

use std::{net::SocketAddr, process::Output, time::Duration};

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tempfile::TempDir;
use tidegate::app::{App, Options};
use tidegate_config::Source;
use tidegate_engine::clock::Clock;
use tidegate_gateway::ListenAddress;
use tokio::net::{TcpSocket, TcpStream};

/// 2026-11-22T12:00:00Z, a Sunday.
pub const START_MS: i64 = 1_795_348_800_000;

/// A running server.
pub struct Gate {
    pub app: App,
    pub dir: TempDir,
    /// The admin token.
    pub admin_token: String,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: http::HeaderMap,
    pub body: Bytes,
}

/// A request to send.
pub struct Ask {
    method: Method,
    path: String,
    headers: Vec<(String, String)>,
    body: String,
    from: Option<std::net::IpAddr>,
}

impl Gate {
    /// The default policy.
    pub async fn start() -> Gate {
        Gate::with(Source::Default, None).await
    }

    /// Another source, and another upstream if given.
    pub async fn with(source: Source, upstream: Option<&str>) -> Gate {
        Gate::in_dir(source, upstream, tempfile::tempdir().unwrap()).await
    }

    /// A limits file's text.
    pub async fn of_text(text: &str) -> Gate {
        Gate::of_text_at(text, anywhere()).await
    }

    /// A limits file's text, with the gateway at these addresses.
    pub async fn of_text_at(text: &str, listen: Vec<ListenAddress>) -> Gate {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("limits.toml");
        std::fs::write(&file, text).unwrap();
        Gate::in_dir_at(Source::File(file), None, dir, START_MS, listen).await
    }

    /// On a directory that is there already, as after a restart.
    pub async fn in_dir(source: Source, upstream: Option<&str>, dir: TempDir) -> Gate {
        Gate::in_dir_at(source, upstream, dir, START_MS, anywhere()).await
    }

    /// Stops and starts on the same limits file, when the wall clock shows so much more than at the first start.
    pub async fn restart_at(self, later_ms: i64) -> Gate {
        let dir = self.stop().await;
        let file = dir.path().join("limits.toml");
        Gate::in_dir_at(Source::File(file), None, dir, START_MS + later_ms, anywhere()).await
    }

    async fn in_dir_at(
        source: Source,
        upstream: Option<&str>,
        dir: TempDir,
        wall_ms: i64,
        listen: Vec<ListenAddress>,
    ) -> Gate {
        let config = tidegate_config::load(&source, upstream, &tidegate::config_extensions::CONFIG_EXTENSIONS)
            .unwrap_or_else(|errors| panic!("{errors}"));
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let data = dir.path().join("data");
        let options = Options {
            config,
            source,
            upstream: upstream.map(str::to_owned),
            data: data.clone(),
            listen,
            admin: any,
            udp: Some(any),
            tls: None,
        };
        let app = App::start(options, Clock::manual(wall_ms)).await.unwrap();
        let admin_token = tidegate::data_dir::read_admin_token(&data).unwrap();
        Gate { app, dir, admin_token }
    }

    /// Stops the server and gives its directory back.
    pub async fn stop(self) -> TempDir {
        self.app.stop().await;
        self.dir
    }

    /// Lets time pass.
    pub fn pass(&self, span: Duration) {
        self.app.engine.clock.advance(span);
    }

    /// The gateway's port on loopback.
    pub fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.port()))
    }

    fn port(&self) -> u16 {
        let tcp = self.app.gateway.iter().find_map(ListenAddress::tcp);
        tcp.expect("an address and a port").port()
    }

    /// Sends a request on a connection of its own.
    pub async fn send(&self, ask: Ask) -> Answer {
        let host = self.address().to_string();
        send(self.address(), &host, ask).await
    }

    /// `GET path` with a token.
    pub async fn get(&self, path: &str, token: &str) -> Answer {
        self.send(Ask::get(path).token(token)).await
    }

    /// Sends to the admin API with its token.
    pub async fn admin(&self, ask: Ask) -> Answer {
        let ask = ask.token(&self.admin_token);
        send(self.app.admin, &self.app.admin.to_string(), ask).await
    }

    /// Runs the real command against this server; returns what it printed.
    pub fn run(&self, arguments: &[&str]) -> String {
        let output = self.try_run(arguments);
        assert!(
            output.status.success(),
            "tidegate {arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// The same, and parses its JSON.
    pub fn run_json(&self, arguments: &[&str]) -> Value {
        let printed = self.run(&[arguments, &["--json"]].concat());
        serde_json::from_str(&printed).unwrap_or_else(|error| panic!("{arguments:?}: {error}: {printed}"))
    }

    /// The same, whatever comes of it.
    pub fn try_run(&self, arguments: &[&str]) -> Output {
        let admin = self.app.admin.to_string();
        std::process::Command::new(env!("CARGO_BIN_EXE_tidegate"))
            .args(arguments)
            .args(["--admin", &admin])
            .env("TIDEGATE_ADMIN_TOKEN", &self.admin_token)
            .output()
            .unwrap()
    }

    /// A user with a personal token.
    pub fn user(&self, name: &str) -> String {
        self.run(&["user", "add", name]);
        self.token(name, &[])
    }

    /// A further token.
    pub fn token(&self, user: &str, flags: &[&str]) -> String {
        self.run(&[&["token", "create", "--user", user], flags].concat())
    }

    /// A station with a device of this serial number; station and device id.
    pub fn station(&self, user: &str, serial: &str) -> (i64, i64) {
        let added = self.run_json(&["station", "add", "--user", user, "--name", "Garden", "--serial", serial]);
        (
            added["station_id"].as_i64().unwrap(),
            added["device_id"].as_i64().unwrap(),
        )
    }

    /// Sends until the first answer that is not 200; how many were, and that answer.
    pub async fn until_refused(&self, path: &str, token: &str) -> (u32, Answer) {
        for admitted in 0..10_000 {
            let answer = self.get(path, token).await;
            if answer.status != StatusCode::OK {
                return (admitted, answer);
            }
        }
        panic!("never refused");
    }
}

/// On all loopback addresses, so that a test can come from several.
fn anywhere() -> Vec<ListenAddress> {
    vec![ListenAddress::Tcp(SocketAddr::from(([0, 0, 0, 0], 0)))]
}

/// Sends one request on a connection of its own.
pub async fn send(to: SocketAddr, host: &str, ask: Ask) -> Answer {
    let stream = connect(to, ask.from).await;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .unwrap();
    tokio::spawn(connection);
    let mut request = Request::builder()
        .method(ask.method)
        .uri(&ask.path)
        .header("host", host);
    for (name, value) in &ask.headers {
        request = request.header(name, value);
    }
    let answer = sender
        .send_request(request.body(Full::new(Bytes::from(ask.body))).unwrap())
        .await
        .unwrap();
    let (head, body) = answer.into_parts();
    Answer {
        status: head.status,
        headers: head.headers,
        body: body.collect().await.unwrap().to_bytes(),
    }
}

async fn connect(to: SocketAddr, from: Option<std::net::IpAddr>) -> TcpStream {
    match from {
        None => TcpStream::connect(to).await.unwrap(),
        Some(from) => {
            let socket = TcpSocket::new_v4().unwrap();
            socket.bind(SocketAddr::new(from, 0)).unwrap();
            socket.connect(to).await.unwrap()
        }
    }
}

// === impl Ask ===

impl Ask {
    pub fn get(path: &str) -> Ask {
        Ask::new(Method::GET, path)
    }

    pub fn put(path: &str) -> Ask {
        Ask::new(Method::PUT, path)
    }

    pub fn post(path: &str) -> Ask {
        Ask::new(Method::POST, path)
    }

    pub fn new(method: Method, path: &str) -> Ask {
        Ask {
            method,
            path: path.to_owned(),
            headers: Vec::new(),
            body: String::new(),
            from: None,
        }
    }

    /// With a bearer token; an empty one is none.
    pub fn token(self, token: &str) -> Ask {
        if token.is_empty() {
            self
        } else {
            self.header("authorization", &format!("Bearer {token}"))
        }
    }

    pub fn header(mut self, name: &str, value: &str) -> Ask {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn json(mut self, body: &Value) -> Ask {
        self.body = body.to_string();
        self.header("content-type", "application/json")
    }

    pub fn text(mut self, body: &str) -> Ask {
        self.body = body.to_owned();
        self
    }

    /// Bytes of its body.
    pub fn body_bytes(&self) -> usize {
        self.body.len()
    }

    /// From another loopback address.
    pub fn from(mut self, address: [u8; 4]) -> Ask {
        self.from = Some(address.into());
        self
    }
}

// === impl Answer ===

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn field(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub fn retry_after(&self) -> Duration {
        Duration::from_secs(self.field("retry-after").expect("Retry-After").parse().unwrap())
    }

    /// The exact wait in the body.
    pub fn retry_after_ms(&self) -> u64 {
        self.json()["retry_after_ms"].as_u64().expect("retry_after_ms")
    }

    pub fn decision(&self) -> &str {
        self.field("tidegate-decision").expect("Tidegate-Decision")
    }
}
