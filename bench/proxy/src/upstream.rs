//! The upstream of all proxies: it reads a head and writes the same answer each time.

use std::net::Ipv4Addr;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// Serves until the process ends.
pub async fn serve(port: u16, body_bytes: usize) -> anyhow::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: {body_bytes}\r\n\r\n{}",
        "x".repeat(body_bytes)
    );
    let answer: &'static [u8] = answer.leak().as_bytes();
    loop {
        let (stream, _) = listener.accept().await?;
        // How a proxy leaves is no matter of the upstream.
        tokio::spawn(async move { talk(stream, answer).await.ok() });
    }
}

async fn talk(mut stream: TcpStream, answer: &[u8]) -> anyhow::Result<()> {
    stream.set_nodelay(true)?;
    let mut space = [0; 8_192];
    let mut filled = 0;
    loop {
        let read = stream.read(&mut space[filled..]).await?;
        if read == 0 {
            return Ok(());
        }
        filled += read;
        // Requests have no body, and a proxy sends the next one after the answer.
        if space[..filled].ends_with(b"\r\n\r\n") {
            stream.write_all(answer).await?;
            filled = 0;
        }
    }
}
