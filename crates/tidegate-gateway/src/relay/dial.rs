//! A connection of its own to a remote upstream, from its opening to its 101.

use std::{io, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode, Uri, uri::Scheme};
use http_body_util::Empty;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::{
    handshake::{BadAnswer, UpgradeRequest},
    transport::Upgraded,
};
use crate::net::stream::Stream;

/// Most bytes of an upstream's head, and so of what it sends right behind it. hyper's least.
const BUFFER_BYTES_MAX: usize = 8 * 1024;

/// The answer of an upstream.
#[derive(Debug)]
pub enum Dialed {
    /// It speaks WebSocket.
    Opened {
        /// The stream behind its 101.
        wire: Upgraded,
        /// The fields of its 101.
        headers: HeaderMap,
    },
    /// It said something else. Its body is not here, and its connection is closed.
    Refused(Response<()>),
}

/// The reason why there is no answer of an upstream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DialFault {
    /// Its address is not one that this version can reach.
    #[error("its address does not begin with http://")]
    Scheme,
    /// It does not take connections.
    #[error("it refused the connection")]
    Refused,
    /// Nobody answered the connection in time.
    #[error("it did not take the connection in time")]
    ConnectTimeout,
    /// Other reasons why a connection could not be opened.
    #[error("it could not be reached")]
    Unreachable,
    /// The connection ended before an answer, or what came is not HTTP.
    #[error("it broke the connection off before it answered")]
    BrokeOff,
    /// Its 101 is none for this request.
    #[error(transparent)]
    BadAnswer(#[from] BadAnswer),
    /// No answer in time.
    #[error("it did not answer within {waited:?}")]
    Silent {
        /// The time that it was waited for.
        waited: Duration,
    },
}

/// The longest waits for an upstream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DialTimeouts {
    /// The wait for the connection.
    pub connect: Duration,
    /// The wait for its answer.
    pub answer: Duration,
}

/// Opens a connection to the upstream at `base`, sends it the upgrade, and waits for its answer. Dropped before its
/// end it closes the connection.
///
/// `request` is as it is to go out: its target a path, its fields made by [`ask`](super::handshake::ask).
///
/// # Errors
/// Fails with the reason why there is no answer, or none that may be believed.
pub async fn dial(
    base: &Uri,
    request: Request<()>,
    asked: &UpgradeRequest,
    extensions: bool,
    patience: DialTimeouts,
) -> Result<Dialed, DialFault> {
    let stream = connect(base, patience.connect).await?;
    dial_on(stream.into(), request, asked, extensions, patience.answer).await
}

/// Asks as [`dial`] does, over a stream that is open already. The request's `Host` is for the caller to know.
///
/// # Errors
/// Fails with the reason why there is no answer, or none that may be believed.
pub async fn dial_on(
    stream: Stream,
    request: Request<()>,
    asked: &UpgradeRequest,
    extensions: bool,
    answer_max: Duration,
) -> Result<Dialed, DialFault> {
    let answered = tokio::time::timeout(answer_max, upgrade(stream, request, asked, extensions));
    answered.await.unwrap_or(Err(DialFault::Silent { waited: answer_max }))
}

async fn connect(base: &Uri, timeout: Duration) -> Result<TcpStream, DialFault> {
    let authority = base
        .authority()
        .filter(|_| base.scheme() == Some(&Scheme::HTTP))
        .ok_or(DialFault::Scheme)?;
    let port = authority.port_u16().unwrap_or(80);
    let host = authority.host().trim_start_matches('[').trim_end_matches(']');
    match tokio::time::timeout(timeout, TcpStream::connect((host, port))).await {
        Err(_) => Err(DialFault::ConnectTimeout),
        Ok(Err(error)) if error.kind() == io::ErrorKind::ConnectionRefused => Err(DialFault::Refused),
        Ok(Err(_)) => Err(DialFault::Unreachable),
        Ok(Ok(stream)) => {
            let _ = stream.set_nodelay(true);
            Ok(stream)
        }
    }
}

async fn upgrade(
    stream: Stream,
    request: Request<()>,
    asked: &UpgradeRequest,
    extensions: bool,
) -> Result<Dialed, DialFault> {
    let handshake = http1::Builder::new()
        .max_buf_size(BUFFER_BYTES_MAX)
        .handshake(TokioIo::new(stream))
        .await;
    let (mut sender, driver) = handshake.map_err(|_| DialFault::BrokeOff)?;
    let answering = sender.send_request(request.map(|()| Empty::<Bytes>::new()));
    let driver = driver.with_upgrades();
    // Driven here and not in a task of its own, it ends with this future whatever comes.
    let mut driver = std::pin::pin!(driver);
    let mut driven = false;
    let mut answering = std::pin::pin!(answering);
    let response = loop {
        tokio::select! {
            biased;
            answered = &mut answering => break answered.map_err(|_| DialFault::BrokeOff)?,
            _ = &mut driver, if !driven => driven = true,
        }
    };
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        return Ok(Dialed::Refused(response.map(drop)));
    }
    asked.verify(response.headers(), extensions)?;
    let headers = response.headers().clone();
    let upgraded = async {
        if !driven {
            let _ = driver.await;
        }
    };
    let (upgraded, ()) = tokio::join!(hyper::upgrade::on(response), upgraded);
    let upgraded = upgraded.map_err(|_| DialFault::BrokeOff)?;
    match upgraded.downcast::<TokioIo<Stream>>() {
        Ok(parts) => Ok(Dialed::Opened {
            wire: Upgraded {
                stream: parts.io.into_inner(),
                early: parts.read_buf,
            },
            headers,
        }),
        // It is what was given to hyper above.
        Err(_) => Err(DialFault::BrokeOff),
    }
}
