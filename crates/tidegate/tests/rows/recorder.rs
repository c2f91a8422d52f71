//! An API that notes how much it saw of the bodies it was sent, and the ways to send one.

use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Notify,
};

use crate::gate::{Answer, Gate};

/// Bytes that one frame of a test's body has.
const FRAME_BYTES: usize = 40_000;

/// An API that takes bodies, and notes how much of them it saw.
#[derive(Default)]
pub struct Recorder {
    bytes: AtomicU64,
    whole: AtomicUsize,
    broken: Notify,
}

impl Recorder {
    pub async fn start() -> (Arc<Recorder>, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let recorder = Arc::new(Recorder::default());
        let noted = recorder.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let noted = noted.clone();
                let service = hyper::service::service_fn(move |request: Request<Incoming>| {
                    let noted = noted.clone();
                    async move {
                        noted.take(request.into_body()).await;
                        Ok::<_, Infallible>(Response::new(Full::new(Bytes::from_static(b"{}"))))
                    }
                });
                let connection =
                    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
                tokio::spawn(connection);
            }
        });
        (recorder, address)
    }

    async fn take(&self, mut body: Incoming) {
        while let Some(frame) = body.frame().await {
            let Ok(frame) = frame else {
                self.broken.notify_one();
                return;
            };
            let bytes = frame.data_ref().map_or(0, Bytes::len);
            self.bytes.fetch_add(bytes as u64, Ordering::SeqCst);
        }
        self.whole.fetch_add(1, Ordering::SeqCst);
    }

    /// Waits until a body broke off.
    pub async fn breaks_off(&self) {
        self.broken.notified().await;
    }

    /// Bytes seen and bodies seen to their end since the last time.
    pub fn seen(&self) -> (u64, usize) {
        (
            self.bytes.swap(0, Ordering::SeqCst),
            self.whole.swap(0, Ordering::SeqCst),
        )
    }
}

/// How a body is sent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Way {
    Declared,
    Chunked,
    Http2,
}

/// Puts a body, and waits for the answer.
pub async fn put(gate: &Gate, way: Way, path: &str, fields: &[(&str, &str)], body: Vec<u8>) -> Answer {
    let host = gate.address().to_string();
    let stream = TokioIo::new(TcpStream::connect(gate.address()).await.unwrap());
    let uri = match way {
        Way::Http2 => format!("http://{host}{path}"),
        _ => path.to_owned(),
    };
    let mut request = Request::put(uri);
    if way != Way::Http2 {
        request = request.header("host", &host);
    }
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    let body = Bytes::from(body);
    let frames: Vec<Bytes> = (0..body.len())
        .step_by(FRAME_BYTES)
        .map(|at| body.slice(at..body.len().min(at + FRAME_BYTES)))
        .collect();
    let frames = frames.into_iter().map(|bytes| Ok::<_, Infallible>(Frame::data(bytes)));
    let streamed = StreamBody::new(futures_util::stream::iter(frames)).boxed();
    let answer = match way {
        Way::Declared => {
            let (mut sender, connection) = hyper::client::conn::http1::handshake(stream).await.unwrap();
            tokio::spawn(connection);
            sender.send_request(request.body(Full::new(body)).unwrap()).await
        }
        Way::Chunked => {
            let (mut sender, connection) = hyper::client::conn::http1::handshake(stream).await.unwrap();
            tokio::spawn(connection);
            sender.send_request(request.body(streamed).unwrap()).await
        }
        Way::Http2 => {
            let handshake = hyper::client::conn::http2::handshake(TokioExecutor::new(), stream);
            let (mut sender, connection) = handshake.await.unwrap();
            tokio::spawn(connection);
            sender.send_request(request.body(streamed).unwrap()).await
        }
    };
    let (head, body) = answer.unwrap().into_parts();
    Answer {
        status: head.status,
        headers: head.headers,
        body: body.collect().await.unwrap().to_bytes(),
    }
}
