//! The TLS handshake of a connection and the choice between HTTP/1.1 and HTTP/2, by its first bytes.

use std::{
    io::{self, Write},
    time::Duration,
};

use tokio::{io::AsyncWriteExt, net::TcpStream};
use tokio_rustls::TlsStream;

use crate::{bounds::Bounds, net::stream::Stream, tls::OwnTls};

/// A connection that is ready for requests.
pub(super) struct Negotiated {
    pub(super) stream: Stream,
    pub(super) speaks: HttpVersion,
}

/// The version of HTTP that a connection speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HttpVersion {
    Http1,
    Http2,
}

/// The first bytes of a client of HTTP/2 (RFC 9113 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// The first byte of a TLS handshake (RFC 8446 5.1).
const HANDSHAKE: u8 = 22;

/// The time that a client is given for more of a preface it has sent a part of, before it is looked at again.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// Takes a TLS handshake where there is one to take, and sees what comes behind it. Nothing that a request begins with
/// is read.
pub(super) async fn negotiate(stream: Stream, tls: Option<&OwnTls>, bounds: &Bounds) -> io::Result<Negotiated> {
    match (stream, tls) {
        (Stream::Tcp(stream), Some(tls)) => {
            let entered = tokio::time::timeout(bounds.tls_handshake_timeout, secure(stream, tls)).await;
            entered.unwrap_or_else(|_| Err(overdue("the TLS handshake was not done in time")))
        }
        (Stream::Tcp(stream), None) => {
            let looked = tokio::time::timeout(bounds.header_timeout, speaks(&stream)).await;
            let speaks = looked.unwrap_or_else(|_| Err(overdue("no request came in time")))?;
            Ok(Negotiated {
                stream: stream.into(),
                speaks,
            })
        }
        // A Unix socket is this machine's own and not looked into; TLS is already taken.
        (stream @ (Stream::Unix(_) | Stream::Tls(_)), _) => Ok(Negotiated {
            stream,
            speaks: HttpVersion::Http1,
        }),
    }
}

fn overdue(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, what)
}

async fn secure(mut stream: TcpStream, tls: &OwnTls) -> io::Result<Negotiated> {
    let mut first = [0];
    if stream.peek(&mut first).await? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    if first[0] != HANDSHAKE {
        if first[0].is_ascii_alphabetic() {
            // Somebody who wrote `http://`: told so, as far as they read it.
            let _ = stream.write_all(&plain_refusal()).await;
            let _ = stream.shutdown().await;
        }
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "the client does not speak TLS",
        ));
    }
    let stream = tls.acceptor().accept(stream).await?;
    let speaks = match stream.get_ref().1.alpn_protocol() {
        Some(b"h2") => HttpVersion::Http2,
        _ => HttpVersion::Http1,
    };
    Ok(Negotiated {
        stream: TlsStream::from(stream).into(),
        speaks,
    })
}

fn plain_refusal() -> Vec<u8> {
    let body = "This port speaks TLS: write https:// instead of http://.\n";
    let mut answer = Vec::new();
    // Writing to memory does not fail.
    let _ = write!(
        answer,
        "HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    answer
}

/// Looks at what has come until it is the preface, or can no longer become it.
async fn speaks(stream: &TcpStream) -> io::Result<HttpVersion> {
    let mut seen = [0; PREFACE.len()];
    loop {
        let length = stream.peek(&mut seen).await?;
        if length == PREFACE.len() && seen == PREFACE {
            return Ok(HttpVersion::Http2);
        }
        if length == 0 || !PREFACE.starts_with(&seen[..length]) {
            return Ok(HttpVersion::Http1);
        }
        rest().await;
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "bytes that were looked at and left wake nobody; a moment later there may be more"
)]
async fn rest() {
    tokio::time::sleep(LOOK_AGAIN).await;
}
