//! Clients: many that are silent, some that talk.

use std::{
    net::Ipv4Addr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use anyhow::Context;
use futures_util::{SinkExt, StreamExt, TryStreamExt, stream};
use tokio::{net::TcpStream, task::JoinSet};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{
        Message,
        client::IntoClientRequest,
        http::{HeaderValue, header},
        protocol::WebSocketConfig,
    },
};

/// Handshakes under way at one time.
const LANES: usize = 32;

/// Bytes of a message.
const MESSAGE_BYTES: usize = 125;

/// One client.
type Socket = WebSocketStream<TcpStream>;

/// Sockets with small buffers: thousands of them are open.
pub fn frugal() -> WebSocketConfig {
    WebSocketConfig::default().read_buffer_size(4_096).write_buffer_size(0)
}

/// Clients that are silent and answer pings. They leave when this is dropped.
pub struct Idle {
    clients: JoinSet<()>,
    open: Arc<AtomicUsize>,
}

/// Clients that talk when they are told to.
pub struct Busy(Vec<Socket>);

// === impl Idle ===

impl Idle {
    /// Opens so many sockets.
    pub async fn open(port: u16, count: usize) -> anyhow::Result<Idle> {
        let mut idle = Idle {
            clients: JoinSet::new(),
            open: Arc::new(AtomicUsize::new(count)),
        };
        let mut sockets = stream::iter(0..count).map(|_| open(port)).buffer_unordered(LANES);
        while let Some(mut socket) = sockets.try_next().await? {
            let open = Arc::clone(&idle.open);
            idle.clients.spawn(async move {
                while let Some(Ok(_)) = socket.next().await {}
                open.fetch_sub(1, Ordering::Relaxed);
            });
        }
        Ok(idle)
    }

    /// How many of them nobody has closed.
    pub fn still_open(&self) -> usize {
        self.open.load(Ordering::Relaxed)
    }
}

// === impl Busy ===

impl Busy {
    /// Nobody yet.
    pub fn none() -> Busy {
        Busy(Vec::new())
    }

    /// Opens so many sockets.
    pub async fn open(port: u16, count: usize) -> anyhow::Result<Busy> {
        let sockets = stream::iter(0..count).map(|_| open(port)).buffer_unordered(LANES);
        sockets.try_collect().await.map(Busy)
    }

    /// Each socket sends a message and waits for it to come back, until all together have done so `echoes` times.
    pub async fn talk(&mut self, echoes: usize) -> anyhow::Result<()> {
        let each = echoes.div_ceil(self.0.len());
        let mut talks = JoinSet::new();
        for mut socket in self.0.drain(..) {
            talks.spawn(async move {
                for _ in 0..each {
                    there_and_back(&mut socket).await?;
                }
                anyhow::Ok(socket)
            });
        }
        while let Some(done) = talks.join_next().await {
            self.0.push(done??);
        }
        Ok(())
    }
}

async fn open(port: u16) -> anyhow::Result<Socket> {
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
    stream.set_nodelay(true)?;
    let mut request = format!("ws://127.0.0.1:{port}/ws").into_client_request()?;
    let credential = HeaderValue::from_static("Bearer bench");
    request.headers_mut().insert(header::AUTHORIZATION, credential);
    let opened = client_async_with_config(request, stream, Some(frugal())).await;
    Ok(opened.context("a handshake")?.0)
}

async fn there_and_back(socket: &mut Socket) -> anyhow::Result<()> {
    socket.send(Message::text("x".repeat(MESSAGE_BYTES))).await?;
    loop {
        let message = socket.next().await.context("a busy socket was closed")??;
        if message.is_text() {
            anyhow::ensure!(message.len() == MESSAGE_BYTES, "another message came back");
            return Ok(());
        }
        anyhow::ensure!(!message.is_close(), "a busy socket was closed: {message}");
    }
}
