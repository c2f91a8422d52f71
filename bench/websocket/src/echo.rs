//! The upstream of all proxies: it sends each message back.

use std::net::Ipv4Addr;

use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::{accept_async_with_config, tungstenite};

use crate::crowd::frugal;

/// Connections that may wait to be accepted.
const BACKLOG: u32 = 4_096;

/// Serves until the process ends.
pub async fn serve(port: u16) -> anyhow::Result<()> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind((Ipv4Addr::LOCALHOST, port).into())?;
    let listener = socket.listen(BACKLOG)?;
    loop {
        let (stream, _) = listener.accept().await?;
        // How a client leaves is no matter of the echo.
        tokio::spawn(async move { echo(stream).await.ok() });
    }
}

async fn echo(stream: TcpStream) -> Result<(), tungstenite::Error> {
    stream.set_nodelay(true)?;
    let mut socket = accept_async_with_config(stream, Some(frugal())).await?;
    while let Some(message) = socket.next().await {
        match message? {
            message if message.is_text() || message.is_binary() => socket.send(message).await?,
            // Pongs and the answer to a close go out with the next read.
            _ => {}
        }
    }
    Ok(())
}
