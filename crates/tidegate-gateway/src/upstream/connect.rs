//! The opening of a connection to a server, in plain or over TLS.

use std::{io, time::Duration};

use tidegate_core::upstream::Server;
use tokio::net::TcpStream;

use super::secure::Secure;
use crate::{net::stream::Stream, upstream_fault::UpstreamFault};

/// Opens a connection to a server. The time is for all of it, the TLS handshake included.
pub(crate) async fn connect(
    server: &Server,
    secure: Option<&Secure>,
    wait_max: Duration,
) -> Result<Stream, UpstreamFault> {
    let opened = tokio::time::timeout(wait_max, open(server, secure)).await;
    opened.unwrap_or(Err(UpstreamFault::ConnectTimeout))
}

async fn open(server: &Server, secure: Option<&Secure>) -> Result<Stream, UpstreamFault> {
    let host = server.base.host().ok_or(UpstreamFault::Scheme)?;
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let stream = match TcpStream::connect((host, server.port())).await {
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => return Err(UpstreamFault::Refused),
        Err(_) => return Err(UpstreamFault::Unreachable),
        Ok(stream) => stream,
    };
    // A request is written in one piece; waiting for more of it helps nobody.
    let _ = stream.set_nodelay(true);
    let Some(secure) = secure else { return Ok(stream.into()) };
    match secure.connector.connect(secure.name.clone(), stream).await {
        Ok(stream) => Ok(tokio_rustls::TlsStream::from(stream).into()),
        Err(error) => {
            tracing::debug!(%error, server = %server.base, "a TLS handshake failed");
            Err(fault(&error))
        }
    }
}

/// Tells a server that is not whom it should be from one that does not speak TLS as we do.
fn fault(error: &io::Error) -> UpstreamFault {
    let within = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match within {
        Some(rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented) => UpstreamFault::Untrusted,
        Some(_) => UpstreamFault::NoTls,
        None => UpstreamFault::Unreachable,
    }
}
