//! A wire that keeps what it took until it is flushed, as TLS does.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use tidegate_gateway::relay::{RelayHandle, Transport, relay};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufWriter, ReadBuf},
    net::TcpStream,
};

use crate::support::{connected, rules, soon};

struct Keeping(BufWriter<TcpStream>);

impl Transport for Keeping {}

impl AsyncRead for Keeping {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl AsyncWrite for Keeping {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

#[tokio::test]
async fn what_a_wire_took_does_not_stay_in_it() {
    let (mut client, downstream) = connected().await;
    let (near, mut upstream) = connected().await;
    let rules = rules();
    tokio::spawn(async move {
        relay(
            Keeping(BufWriter::new(downstream)),
            near,
            (),
            &rules,
            RelayHandle::new(),
            None,
        )
        .await
    });
    // A text of two bytes, without a mask, as servers send it.
    upstream.write_all(b"\x81\x02hi").await.unwrap();
    let mut got = [0; 4];
    soon(client.read_exact(&mut got)).await.unwrap();
    assert_eq!(&got, b"\x81\x02hi");
}
