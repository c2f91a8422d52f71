//! An upstream on hyper, and one that speaks bytes by hand.

use std::{
    convert::Infallible,
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use http::{Request, Response, request::Parts};
use http_body_util::BodyExt;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use tidegate_gateway::Body;
use tokio::{
    io::AsyncReadExt,
    net::{TcpListener, TcpStream},
};

/// A whole answer, for upstreams that speak by hand.
pub const HELLO: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello";

pub struct Upstream {
    pub url: String,
    pub connections: Arc<AtomicUsize>,
    pub seen: Arc<Mutex<Vec<Parts>>>,
}

impl Upstream {
    /// Reads the body and answers `hello`.
    pub async fn hello() -> Upstream {
        Upstream::answering(|request| async move {
            let _ = request.into_body().collect().await;
            Response::new(Body::full("hello"))
        })
        .await
    }

    pub async fn answering<F, A>(answer: F) -> Upstream
    where
        F: Fn(Request<Incoming>) -> A + Clone + Send + Sync + 'static,
        A: Future<Output = Response<Body>> + Send + 'static,
    {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let upstream = {
            let seen = seen.clone();
            Upstream::speaking(move |stream, _| {
                let (answer, seen) = (answer.clone(), seen.clone());
                async move {
                    let service = service_fn(move |request: Request<Incoming>| {
                        let (head, body) = request.into_parts();
                        seen.lock().push(head.clone());
                        let answering = answer(Request::from_parts(head, body));
                        async move { Ok::<_, Infallible>(answering.await) }
                    });
                    let _ = http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service)
                        .await;
                }
            })
            .await
        };
        Upstream { seen, ..upstream }
    }

    /// Gives every connection, with its number from 1, to a closure.
    pub async fn speaking<F, S>(speak: F) -> Upstream
    where
        F: Fn(TcpStream, usize) -> S + Send + 'static,
        S: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let connections = Arc::new(AtomicUsize::new(0));
        let count = connections.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let number = count.fetch_add(1, Ordering::SeqCst) + 1;
                tokio::spawn(speak(stream, number));
            }
        });
        Upstream {
            url,
            connections,
            seen: Arc::default(),
        }
    }

    pub fn requests(&self) -> usize {
        self.seen.lock().len()
    }

    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// Reads one head; `false` when the other side closed.
pub async fn head(stream: &mut TcpStream) -> bool {
    let mut read = Vec::new();
    let mut byte = [0];
    while !read.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte).await {
            Ok(1) => read.push(byte[0]),
            _ => return false,
        }
    }
    true
}
