//! What an idle socket costs the gate: `cargo run --release -p tidegate-gateway --example idle_sockets -- 4000`.
//!
//! This process is the gate, hyper in front and a dialed upstream behind; a second one holds clients and upstream, so
//! that their memory is not counted. Printed is the growth of this one's resident memory for each socket.
#![expect(clippy::print_stdout, reason = "a measurement is printed")]

use std::{convert::Infallible, error::Error, net::SocketAddr, process::Command, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{Request, Response, Uri};
use http_body_util::Empty;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use tidegate_gateway::relay::{
    End, RelayHandle, RelayRules,
    dial::{DialTimeouts, Dialed, dial},
    handover,
    handshake::{self, Behind},
    relay,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
};

/// Sockets that are opened before the first reading, so that what is needed once is not counted.
const WARM_UP: usize = 200;

const ASK: &str = "GET / HTTP/1.1\r\nHost: gate\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
    Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

const GRANT: &str = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

type Failed = Box<dyn Error + Send + Sync>;

fn main() -> Result<(), Failed> {
    let args: Vec<String> = std::env::args().collect();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    match args.get(1).map(String::as_str) {
        Some("ends") => runtime.block_on(ends(args[2].parse()?, args[3].parse()?)),
        Some("gate") => runtime.block_on(gate(args[2].parse()?)),
        count => {
            // The shell raises the limit on files, which safe Rust cannot.
            let count = count.unwrap_or("4000");
            let run = format!("ulimit -n 20000; exec '{}' gate {count}", args[0]);
            let status = Command::new("sh").args(["-c", &run]).status()?;
            if status.success() {
                Ok(())
            } else {
                Err("the gate failed".into())
            }
        }
    }
}

/// The far ends: an upstream that grants everything, and clients in two waves.
async fn ends(gate: SocketAddr, count: usize) -> Result<(), Failed> {
    let upstream = TcpListener::bind("127.0.0.1:0").await?;
    let mut control = TcpStream::connect(gate).await?;
    control
        .write_all(format!("{}\n", upstream.local_addr()?).as_bytes())
        .await?;
    tokio::spawn(async move {
        let mut kept = Vec::new();
        while let Ok((mut stream, _)) = upstream.accept().await {
            if read_head(&mut stream).await.is_err() || stream.write_all(GRANT.as_bytes()).await.is_err() {
                break;
            }
            kept.push(stream);
        }
    });
    let mut kept = Vec::new();
    for wave in [WARM_UP, count] {
        for _ in 0..wave {
            let mut client = TcpStream::connect(gate).await?;
            client.write_all(ASK.as_bytes()).await?;
            read_head(&mut client).await?;
            kept.push(client);
        }
        control.write_all(b"opened\n").await?;
        control.read_u8().await?;
    }
    Ok(())
}

async fn read_head(stream: &mut TcpStream) -> Result<(), Failed> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    Ok(())
}

async fn gate(count: usize) -> Result<(), Failed> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?.to_string();
    let program = std::env::current_exe()?;
    let mut child = Command::new(program)
        .args(["ends", &address, &count.to_string()])
        .spawn()?;
    let (mut control, _) = listener.accept().await?;
    let base: Uri = format!("http://{}", line(&mut control).await?).parse()?;
    let rules = Arc::new(RelayRules::default());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, base.clone(), rules.clone()));
        }
    });
    line(&mut control).await?;
    let before = settled_kib().await?;
    control.write_u8(0).await?;
    line(&mut control).await?;
    let opened = settled_kib().await?;
    println!(
        "{count} idle sockets: {:.2} KiB each ({before} KiB before, {opened} KiB with them)",
        per(opened, before, count)
    );
    idle(Duration::from_secs(25)).await;
    let pinged = resident_kib()?;
    println!(
        "after a round of pings nobody answered: {:.2} KiB each",
        per(pinged, before, count)
    );
    control.write_u8(0).await?;
    child.wait()?;
    Ok(())
}

fn per(after: u64, before: u64, count: usize) -> f64 {
    (after.saturating_sub(before)) as f64 / count as f64
}

async fn line(stream: &mut TcpStream) -> Result<String, Failed> {
    let mut line = Vec::new();
    loop {
        match stream.read_u8().await? {
            b'\n' => return Ok(String::from_utf8(line)?),
            byte => line.push(byte),
        }
    }
}

async fn settled_kib() -> Result<u64, Failed> {
    idle(Duration::from_secs(1)).await;
    resident_kib()
}

#[expect(clippy::disallowed_methods, reason = "a measurement of what is idle waits")]
async fn idle(wait: Duration) {
    tokio::time::sleep(wait).await;
}

fn resident_kib() -> Result<u64, Failed> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .ok_or("no VmRSS")?;
    Ok(line.split_whitespace().nth(1).ok_or("no number")?.parse()?)
}

/// One connection as the listener serves it: hyper's part is gone from memory when the relay begins.
async fn serve(stream: TcpStream, base: Uri, rules: Arc<RelayRules>) {
    let tunnel = Arc::new(Mutex::new(None));
    let service = service_fn(|request| {
        let (base, rules, tunnel) = (base.clone(), rules.clone(), tunnel.clone());
        async move { Ok::<_, Infallible>(answer(base, request, rules, &tunnel).await) }
    });
    let connection = Box::pin(
        http1::Builder::new()
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades(),
    );
    let _ = connection.await;
    let running: Option<oneshot::Receiver<End>> = tunnel.lock().take();
    drop(tunnel);
    if let Some(running) = running {
        let _ = running.await;
    }
}

async fn answer(
    base: Uri,
    mut request: Request<Incoming>,
    rules: Arc<RelayRules>,
    tunnel: &Mutex<Option<oneshot::Receiver<End>>>,
) -> Response<Empty<Bytes>> {
    let upgrade = hyper::upgrade::on(&mut request);
    let (mut head, _) = request.into_parts();
    let Ok(asked) = handshake::check(&head, Behind::default()) else {
        return Response::new(Empty::new());
    };
    handshake::ask(&mut head.headers, false);
    let patience = DialTimeouts {
        connect: Duration::from_secs(5),
        answer: Duration::from_secs(5),
    };
    match dial(&base, Request::from_parts(head, ()), &asked, false, patience).await {
        Ok(Dialed::Opened { wire, headers }) => {
            let (ended, end) = oneshot::channel();
            *tunnel.lock() = Some(end);
            tokio::spawn(async move {
                if let Ok(client) = handover::take(upgrade, handover::HANDOVER_TIMEOUT).await {
                    let _ = ended.send(relay(client, wire, (), &rules, RelayHandle::new(), None).await);
                }
            });
            asked.grant(headers, false)
        }
        Ok(Dialed::Refused(response)) => response.map(|()| Empty::new()),
        Err(_) => Response::new(Empty::new()),
    }
}
