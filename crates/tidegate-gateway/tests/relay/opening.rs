//! From a request to a tunnel: nothing is spliced before the upstream's 101 (faults 27, 28, 37).

use std::{convert::Infallible, time::Duration};

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use http::{Request, StatusCode, Uri};
use http_body_util::Empty;
use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tidegate_gateway::relay::{
    Cause, End, RelayHandle, Side,
    dial::{DialFault, DialTimeouts, Dialed, dial},
    handover,
    handshake::{self, BadAnswer, Behind},
    relay,
};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_tungstenite::tungstenite::Message;

use crate::support::{connected, read, read_all, rules, soon, write};

const PATIENCE: DialTimeouts = DialTimeouts {
    connect: Duration::from_millis(500),
    answer: Duration::from_millis(300),
};

const ASK: &str = "GET /swd/data?token=t HTTP/1.1\r\nHost: gate\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\
    Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
    Sec-WebSocket-Extensions: permessage-deflate\r\nSec-WebSocket-Protocol: a, b\r\n\r\n";

fn asked() -> (handshake::UpgradeRequest, Request<()>) {
    let builder = Request::get("/swd/data")
        .header("host", "upstream")
        .header("connection", "Upgrade")
        .header("upgrade", "WebSocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-protocol", "a, b")
        .header("sec-websocket-extensions", "permessage-deflate")
        .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
    let (mut head, ()) = builder.body(()).unwrap().into_parts();
    let asked = handshake::check(&head, Behind::default()).unwrap();
    handshake::ask(&mut head.headers, false);
    (asked, Request::from_parts(head, ()))
}

/// An upstream that reads a head and says this. It keeps its connection open.
async fn upstream(says: &'static [u8]) -> (Uri, JoinHandle<(String, TcpStream)>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    let serving = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.extend(read(&mut stream, 1).await);
        }
        stream.write_all(says).await.unwrap();
        (String::from_utf8(head).unwrap(), stream)
    });
    (base, serving)
}

async fn dialed(says: &'static [u8]) -> (Result<Dialed, DialFault>, String, TcpStream) {
    let (base, serving) = upstream(says).await;
    let (asked, request) = asked();
    let dialed = soon(dial(&base, request, &asked, false, PATIENCE)).await;
    let (head, stream) = soon(serving).await.unwrap();
    (dialed, head, stream)
}

const GRANT: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: b\r\n\r\n\x81\x05early";

// fault 57
#[tokio::test]
async fn what_an_upstream_sends_behind_its_101_is_not_lost() {
    let (dialed, head, _stream) = dialed(GRANT).await;
    let Ok(Dialed::Opened { wire, headers }) = dialed else {
        panic!("{dialed:?}");
    };
    assert_eq!(headers["sec-websocket-protocol"], "b");
    let (mut client, downstream) = connected().await;
    let rules = rules();
    tokio::spawn(async move { relay(downstream, wire, (), &rules, RelayHandle::new(), None).await });
    assert_eq!(read(&mut client, 7).await, b"\x81\x05early");
    let head = head.to_ascii_lowercase();
    assert!(head.starts_with("get /swd/data http/1.1\r\n"), "{head}");
    assert!(
        head.contains("\r\nupgrade: websocket\r\n") && head.contains("\r\nconnection: upgrade\r\n"),
        "{head}"
    );
    assert!(!head.contains("extensions"), "{head}");
}

// fault 28
#[tokio::test]
async fn an_upstream_that_refuses_gets_no_tunnel() {
    for (says, status) in [
        (
            &b"HTTP/1.1 403 Forbidden\r\nContent-Length: 5\r\n\r\nno\r\nx"[..],
            StatusCode::FORBIDDEN,
        ),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\nGET /smuggled HTTP/1.1",
            StatusCode::OK,
        ),
    ] {
        let (dialed, _, mut stream) = dialed(says).await;
        match dialed {
            Ok(Dialed::Refused(response)) => assert_eq!(response.status(), status),
            other => panic!("{other:?}"),
        }
        assert!(read_all(&mut stream).await.is_empty(), "and its connection is closed");
    }
}

// fault 28
#[tokio::test]
async fn an_answer_that_is_none_gets_no_tunnel() {
    let wrong = b"HTTP/1.1 101 S\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: AAAA\r\n\r\n";
    let cases: [(&'static [u8], DialFault); 3] = [
        (wrong, DialFault::BadAnswer(BadAnswer::Accept)),
        (
            b"",
            DialFault::Silent {
                waited: PATIENCE.answer,
            },
        ),
        (b"SSH-2.0-nonsense\r\n", DialFault::BrokeOff),
    ];
    for (says, fault) in cases {
        let (dialed, _, mut stream) = dialed(says).await;
        assert_eq!(dialed.unwrap_err(), fault);
        assert!(read_all(&mut stream).await.is_empty(), "and its connection is closed");
    }
    let (asked, request) = asked();
    let nobody: Uri = "http://127.0.0.1:1".parse().unwrap();
    assert_eq!(
        soon(dial(&nobody, request, &asked, false, PATIENCE)).await.unwrap_err(),
        DialFault::Refused
    );
}

/// A gate in small: hyper in front, a dialed upstream behind.
async fn gate(base: Uri) -> (std::net::SocketAddr, JoinHandle<Option<End>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let (send, tunnel) = tokio::sync::oneshot::channel();
        let send = parking_lot::Mutex::new(Some(send));
        let service = service_fn(|request: Request<hyper::body::Incoming>| {
            let (base, send) = (base.clone(), send.lock().take());
            async move { Ok::<_, Infallible>(answer(base, request, send.unwrap()).await) }
        });
        let _ = http1::Builder::new()
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades()
            .await;
        let tunnel: JoinHandle<End> = tunnel.await.ok()?;
        Some(tunnel.await.unwrap())
    });
    (address, serving)
}

async fn answer(
    base: Uri,
    mut request: Request<hyper::body::Incoming>,
    tunnel: tokio::sync::oneshot::Sender<JoinHandle<End>>,
) -> http::Response<Empty<Bytes>> {
    let upgrade = hyper::upgrade::on(&mut request);
    let (mut head, _) = request.into_parts();
    let asked = handshake::check(&head, Behind::default()).unwrap();
    handshake::ask(&mut head.headers, false);
    let upwards = Request::from_parts(head, ());
    match dial(&base, upwards, &asked, false, PATIENCE).await {
        Ok(Dialed::Opened { wire, headers }) => {
            let rules = rules();
            let relaying = tokio::spawn(async move {
                let client = handover::take(upgrade, handover::HANDOVER_TIMEOUT).await.unwrap();
                relay(client, wire, (), &rules, RelayHandle::new(), None).await
            });
            tunnel.send(relaying).unwrap();
            asked.grant(headers, false)
        }
        Ok(Dialed::Refused(response)) => response.map(|()| Empty::new()),
        Err(_) => {
            let mut response = http::Response::new(Empty::new());
            *response.status_mut() = StatusCode::BAD_GATEWAY;
            response
        }
    }
}

#[tokio::test]
async fn a_client_of_another_make_speaks_with_a_server_of_another_make() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base: Uri = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    let serving = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut socket = tokio_tungstenite::accept_async(stream).await.unwrap();
        while let Some(Ok(message)) = socket.next().await {
            if message.is_text() {
                socket.send(message).await.unwrap();
            }
        }
    });
    let (address, gate) = gate(base).await;
    let (mut client, response) = soon(tokio_tungstenite::connect_async(format!("ws://{address}/swd/data")))
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::SWITCHING_PROTOCOLS);
    for number in 0..100 {
        soon(client.send(Message::text(format!("{number}")))).await.unwrap();
        assert_eq!(
            soon(client.next()).await.unwrap().unwrap(),
            Message::text(format!("{number}"))
        );
    }
    soon(client.close(None)).await.unwrap();
    while soon(client.next()).await.is_some() {}
    drop(client);
    soon(serving).await.unwrap();
    let end = soon(gate).await.unwrap().unwrap();
    assert_eq!((end.cause, end.is_clean), (Cause::Closed(Side::Client), true));
    assert_eq!((end.up.messages, end.down.messages), (100, 100));
}

// fault 28
#[tokio::test]
async fn a_refusal_is_passed_on_without_its_body() {
    let (base, serving) = upstream(b"HTTP/1.1 403 Forbidden\r\nX-Why: no\r\n\r\nHTTP/1.1 200 OK\r\n\r\n").await;
    let (address, gate) = gate(base).await;
    let mut client = TcpStream::connect(address).await.unwrap();
    write(&mut client, ASK.as_bytes()).await;
    let mut answer = String::new();
    while !answer.ends_with("\r\n\r\n") {
        answer.push(char::from(read(&mut client, 1).await[0]));
    }
    client.shutdown().await.unwrap();
    answer += &String::from_utf8(read_all(&mut client).await).unwrap();
    assert!(answer.starts_with("HTTP/1.1 403 Forbidden\r\n"), "{answer}");
    assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{answer}");
    drop(serving);
    assert_eq!(soon(gate).await.unwrap(), None);
}

// fault 27
#[tokio::test]
async fn a_handover_that_never_comes_has_an_end() {
    let mut request = Request::new(());
    // Nobody serves this request, so nobody hands anything over.
    let upgrade = hyper::upgrade::on(&mut request);
    let taken = handover::take(upgrade, Duration::from_millis(50)).await;
    assert_eq!(taken.unwrap_err(), handover::NoStream::Left);
}
