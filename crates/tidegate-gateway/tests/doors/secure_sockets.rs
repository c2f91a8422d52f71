//! WebSockets over TLS, on both sides of the relay.

use std::{sync::Arc, time::Duration};

use futures_util::{SinkExt, StreamExt};
use tidegate_core::{
    policy::Policy,
    socket::{SocketRefusal, SocketRules},
    upstream::{Remote, Server, Upstream as Way},
};
use tidegate_gateway::Bounds;
use tokio_tungstenite::{WebSocketStream, tungstenite::Message};

use crate::support::{
    Door, Setup, Upstream,
    tls::{Issuer, Pair, connect},
};

/// Sent by the upstream without waiting for anybody: more than all buffers on the way hold.
const FLOOD_MESSAGES: usize = 800;
const FLOOD_BYTES: usize = 20_000;

/// Echoes; at `flood` it sends a lot, and at its end a word.
async fn echo(pair: &Pair) -> Upstream {
    let acceptor = pair.acceptor();
    Upstream::speaking(move |stream, _| {
        let acceptor = acceptor.clone();
        async move {
            let Ok(stream) = acceptor.accept(stream).await else {
                return;
            };
            let mut socket = tokio_tungstenite::accept_async(stream).await.unwrap();
            while let Some(Ok(message)) = socket.next().await {
                if message == Message::text("flood") {
                    for _ in 0..FLOOD_MESSAGES {
                        socket.send(Message::binary(vec![7; FLOOD_BYTES])).await.unwrap();
                    }
                    socket.send(Message::text("that was all")).await.unwrap();
                } else if message.is_text() {
                    socket.send(message).await.unwrap();
                }
            }
        }
    })
    .await
}

fn policy(upstream: &Upstream, issuer: &Issuer) -> Policy {
    let remote = Remote {
        first: Server {
            base: upstream.url.replace("http://", "https://").parse().unwrap(),
            weight: 1,
        },
        others: Vec::new(),
        host: None,
        roots: vec![issuer.der()],
        check: None,
    };
    let mut policy = Setup::before("http://unused").policy();
    policy.pages[0].upstream = Way::Remote(Arc::new(remote));
    policy.routes[0].socket = Some(SocketRules {
        refuse: SocketRefusal::Handshake,
        extensions: false,
        message_bytes_max: 65_536,
        messages_per_minute_max: 1_000,
        resources_max: 100,
        command: None,
        idle: Duration::from_secs(600),
        lifetime: Duration::from_secs(600),
        warnings: false,
    });
    policy
}

async fn socket(door: &Door, issuer: &Issuer) -> WebSocketStream<tokio_rustls::TlsStream<tokio::net::TcpStream>> {
    let stream = connect(&issuer.client(&["http/1.1"]), door.address, "localhost")
        .await
        .unwrap();
    let (socket, _) = tokio_tungstenite::client_async("wss://localhost/api/x?token=ann", stream)
        .await
        .unwrap();
    socket
}

async fn next(socket: &mut WebSocketStream<tokio_rustls::TlsStream<tokio::net::TcpStream>>) -> Message {
    let next = tokio::time::timeout(crate::support::client::WAIT_MAX, socket.next()).await;
    next.expect("a message in time").unwrap().unwrap()
}

#[tokio::test]
async fn a_socket_over_tls_is_relayed_to_an_upstream_over_tls_to_the_last_byte() {
    let issuer = Issuer::new();
    let upstream = echo(&issuer.pair(&["127.0.0.1"])).await;
    let own = issuer.pair(&["localhost"]).own();
    let door = Door::behind(Some(own), policy(&upstream, &issuer), Bounds::default()).await;
    let mut socket = socket(&door, &issuer).await;
    socket.send(Message::text("hello")).await.unwrap();
    assert_eq!(next(&mut socket).await, Message::text("hello"));
    assert_eq!(door.engine.sockets.len(), 1);

    // While nothing is read everything on the way is full; what was taken last still arrives.
    socket.send(Message::text("flood")).await.unwrap();
    crate::support::pause(Duration::from_millis(300)).await;
    for _ in 0..FLOOD_MESSAGES {
        assert_eq!(next(&mut socket).await.len(), FLOOD_BYTES);
    }
    assert_eq!(next(&mut socket).await, Message::text("that was all"));

    socket.close(None).await.unwrap();
    while !door.engine.sockets.is_empty() {
        tokio::task::yield_now().await;
    }
}
