//! Callers: each on a connection that stays, with one request at a time.

use std::{
    net::Ipv4Addr,
    time::{Duration, Instant},
};

use anyhow::Context;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};

/// What a request and its answer look like.
#[derive(Clone)]
pub struct Manners {
    /// The bytes of a request.
    pub request: String,
    /// Bytes of an answer's body.
    pub body_bytes: usize,
    /// Whether answers carry the RateLimit fields.
    pub has_rate_limit: bool,
}

/// Sends so many requests over so many connections; how long each took.
pub async fn call(port: u16, manners: &Manners, connections: usize, requests: usize) -> anyhow::Result<Vec<Duration>> {
    let each = requests.div_ceil(connections);
    let mut callers = JoinSet::new();
    for _ in 0..connections {
        let manners = manners.clone();
        callers.spawn(async move {
            let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
            stream.set_nodelay(true)?;
            let mut took = Vec::with_capacity(each);
            let mut space = vec![0; manners.body_bytes + 8_192];
            for _ in 0..each {
                let begun = Instant::now();
                ask(&mut stream, &manners, &mut space).await?;
                took.push(begun.elapsed());
            }
            anyhow::Ok(took)
        });
    }
    let mut all = Vec::with_capacity(each * connections);
    while let Some(took) = callers.join_next().await {
        all.extend(took??);
    }
    Ok(all)
}

async fn ask(stream: &mut TcpStream, manners: &Manners, space: &mut [u8]) -> anyhow::Result<()> {
    stream.write_all(manners.request.as_bytes()).await?;
    let mut filled = 0;
    loop {
        let read = stream.read(&mut space[filled..]).await?;
        anyhow::ensure!(read > 0, "a connection was closed");
        filled += read;
        let Some(head) = space[..filled].windows(4).position(|four| four == b"\r\n\r\n") else {
            continue;
        };
        if filled == head + 4 + manners.body_bytes {
            return check(&space[..head], manners);
        }
    }
}

/// Every answer is what was asked for: a proxy that refuses would look fast.
fn check(head: &[u8], manners: &Manners) -> anyhow::Result<()> {
    let head = std::str::from_utf8(head).context("a head that is no text")?;
    anyhow::ensure!(head.starts_with("HTTP/1.1 200"), "refused: {head}");
    let has_rate_limit = head.contains("\r\nratelimit: ");
    anyhow::ensure!(
        has_rate_limit == manners.has_rate_limit,
        "other fields than expected: {head}"
    );
    Ok(())
}
