//! Upstreams over TLS: who is believed, and what is said of those who are not.

use std::sync::Arc;

use tidegate_core::upstream::{Remote, Server, Upstream as Way};
use tidegate_gateway::Bounds;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{
    Door, Setup, Upstream, get,
    tls::{Issuer, Pair},
    upstream::HELLO,
};

/// Speaks TLS with this pair, and answers each head with hello; the heads go to the test.
async fn secure(pair: &Pair) -> (Upstream, tokio::sync::mpsc::Receiver<String>) {
    let acceptor = pair.acceptor();
    let (heads, seen) = tokio::sync::mpsc::channel(100);
    let upstream = Upstream::speaking(move |stream, _| {
        let (acceptor, heads) = (acceptor.clone(), heads.clone());
        async move {
            let Ok(mut stream) = acceptor.accept(stream).await else {
                return;
            };
            let mut head = String::new();
            let mut byte = [0];
            while let Ok(1) = stream.read(&mut byte).await {
                head.push(char::from(byte[0]));
                if head.ends_with("\r\n\r\n") {
                    heads.try_send(std::mem::take(&mut head)).unwrap();
                    stream.write_all(HELLO).await.unwrap();
                    stream.flush().await.unwrap();
                }
            }
        }
    })
    .await;
    (upstream, seen)
}

async fn door(url: &str, host: Option<&str>, roots: Vec<Arc<[u8]>>) -> Door {
    let remote = Remote {
        first: Server {
            base: url.replace("http://", "https://").parse().unwrap(),
            weight: 1,
        },
        others: Vec::new(),
        host: host.map(|host| host.parse().unwrap()),
        roots,
        check: None,
    };
    let mut policy = Setup::before("http://unused").policy();
    policy.pages[0].upstream = Way::Remote(Arc::new(remote));
    Door::of(policy, Bounds::default()).await
}

#[tokio::test]
async fn a_server_with_a_certificate_of_the_named_issuer_is_spoken_to_over_tls() {
    let issuer = Issuer::new();
    let (upstream, mut seen) = secure(&issuer.pair(&["127.0.0.1"])).await;
    let door = door(&upstream.url, None, vec![issuer.der()]).await;
    let mut client = door.client().await;
    for _ in 0..3 {
        assert_eq!(client.ask(&get("/api/x?a=1")).await.text(), "hello");
    }
    let head = seen.recv().await.unwrap();
    assert!(head.starts_with("GET /api/x?a=1 HTTP/1.1\r\n"), "{head}");
    assert_eq!(
        upstream.connections(),
        1,
        "a connection over TLS rests and is used again"
    );
}

#[tokio::test]
async fn the_name_that_servers_go_by_stands_in_host_and_is_what_the_certificate_has_to_say() {
    let issuer = Issuer::new();
    let (upstream, mut seen) = secure(&issuer.pair(&["api.internal"])).await;
    let named = door(&upstream.url, Some("api.internal"), vec![issuer.der()]).await;
    assert_eq!(named.ask(&get("/api/x")).await.text(), "hello");
    let head = seen.recv().await.unwrap().to_lowercase();
    assert!(head.contains("\r\nhost: api.internal\r\n"), "{head}");

    let unnamed = door(&upstream.url, None, vec![issuer.der()]).await;
    let answer = unnamed.ask(&get("/api/x")).await;
    assert_eq!(answer.status, 502);
    assert!(
        answer.text().contains("not trusted, or not for its name"),
        "{}",
        answer.text()
    );
}

#[tokio::test]
async fn a_server_that_somebody_else_vouches_for_is_sent_nothing() {
    let (upstream, mut seen) = secure(&Issuer::new().pair(&["127.0.0.1"])).await;
    for roots in [vec![Issuer::new().der()], Vec::new()] {
        let door = door(&upstream.url, None, roots).await;
        let answer = door.ask(&get("/api/x")).await;
        assert_eq!(answer.status, 502);
        assert!(answer.text().contains("not trusted"), "{}", answer.text());
    }
    assert!(seen.try_recv().is_err());
}

#[tokio::test]
async fn a_server_that_speaks_no_tls_is_sent_nothing() {
    let upstream = Upstream::hello().await;
    let door = door(&upstream.url, None, vec![Issuer::new().der()]).await;
    let answer = door.ask(&get("/api/x")).await;
    assert_eq!((answer.status, upstream.requests()), (502, 0));
    assert!(answer.text().contains("does not speak TLS"), "{}", answer.text());
}
