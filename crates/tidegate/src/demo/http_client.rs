//! A client over HTTP, from an address of its own.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};

use bytes::Bytes;
use http::{Method, Request, Response, header};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpSocket, TcpStream};

use super::{Stage, accounts::Token};

/// The addresses of a simulated client and of the gateway.
#[derive(Clone, Debug)]
pub struct Endpoints {
    from: Option<IpAddr>,
    gateway: SocketAddr,
}

impl Endpoints {
    /// Returns an address of its own within 127.0.0.0/8 where the gateway is on that; otherwise all clients share one.
    pub fn of(stage: &Stage, number: u8) -> Endpoints {
        let gateway = stage.gateway;
        let is_v4 = matches!(gateway.ip(), IpAddr::V4(address) if address.is_loopback());
        Endpoints {
            from: is_v4.then_some(IpAddr::V4(Ipv4Addr::new(127, 0, 0, number))),
            gateway,
        }
    }

    /// A connection.
    ///
    /// # Errors
    /// The system's.
    pub async fn connect(&self) -> std::io::Result<TcpStream> {
        let socket = match self.gateway {
            SocketAddr::V4(_) => TcpSocket::new_v4()?,
            SocketAddr::V6(_) => TcpSocket::new_v6()?,
        };
        if let Some(from) = self.from {
            socket.bind(SocketAddr::new(from, 0))?;
        }
        socket.connect(self.gateway).await
    }

    /// Returns the value of the Host field.
    pub fn host(&self) -> String {
        self.gateway.to_string()
    }
}

/// A client that keeps its connection while it can.
#[derive(Debug)]
pub struct HttpClient {
    endpoints: Endpoints,
    token: Option<Token>,
    sender: Option<SendRequest<Full<Bytes>>>,
}

/// The longest wait for an answer.
const ANSWER_WAIT_MAX: Duration = Duration::from_secs(20);

impl HttpClient {
    pub fn new(endpoints: Endpoints, token: Option<Token>) -> HttpClient {
        HttpClient {
            endpoints,
            token,
            sender: None,
        }
    }

    /// Sends a GET.
    ///
    /// # Errors
    /// The connection's.
    pub async fn get(&mut self, path: &str) -> anyhow::Result<Response<Bytes>> {
        self.send(Method::GET, path, &[], String::new()).await
    }

    /// Sends a request.
    ///
    /// # Errors
    /// The connection's.
    pub async fn send(
        &mut self,
        method: Method,
        path: &str,
        fields: &[(&str, &str)],
        body: String,
    ) -> anyhow::Result<Response<Bytes>> {
        let mut request = Request::builder().method(method).uri(path);
        request = request.header(header::HOST, self.endpoints.host());
        if let Some(Token(token)) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        for (name, value) in fields {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(Bytes::from(body)))?;
        let answered = tokio::time::timeout(ANSWER_WAIT_MAX, self.exchange(request)).await;
        if !matches!(answered, Ok(Ok(_))) {
            self.sender = None;
        }
        answered?
    }

    async fn exchange(&mut self, request: Request<Full<Bytes>>) -> anyhow::Result<Response<Bytes>> {
        let sender = match &mut self.sender {
            Some(sender) if !sender.is_closed() => sender,
            _ => {
                let (sender, connection) = handshake(TokioIo::new(self.endpoints.connect().await?)).await?;
                tokio::spawn(connection);
                self.sender.insert(sender)
            }
        };
        sender.ready().await?;
        let (head, body) = sender.send_request(request).await?.into_parts();
        Ok(Response::from_parts(head, body.collect().await?.to_bytes()))
    }
}

/// Returns the time to wait that an answer names.
pub fn retry_after(answer: &Response<Bytes>) -> Option<Duration> {
    let seconds = answer.headers().get(header::RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds))
}
