//! Callers over TLS.

use std::time::Duration;

use tidegate_gateway::Bounds;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{
    Door, Setup, Upstream, get,
    tls::{Issuer, Pair, connect, load},
};

async fn door(pair: &Pair, upstream: &str, bounds: Bounds) -> Door {
    Door::behind(Some(pair.own()), Setup::before(upstream).policy(), bounds).await
}

#[tokio::test]
async fn a_request_over_tls_is_answered_and_the_upstream_is_told_that_it_was() {
    let upstream = Upstream::hello().await;
    let issuer = Issuer::new();
    let door = door(&issuer.pair(&["localhost"]), &upstream.url, Bounds::default()).await;
    for protocols in [&["http/1.1"][..], &[]] {
        let mut stream = connect(&issuer.client(protocols), door.address, "localhost")
            .await
            .unwrap();
        stream
            .write_all(
                get("/api/x")
                    .replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n")
                    .as_bytes(),
            )
            .await
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(
            answer.starts_with("HTTP/1.1 200") && answer.ends_with("hello"),
            "{answer}"
        );
    }
    let seen = upstream.seen.lock()[0].clone();
    assert_eq!(seen.headers["x-forwarded-proto"], "https");
}

#[tokio::test]
async fn whoever_speaks_plain_http_is_told_so_and_anything_else_is_closed() {
    let door = door(&Issuer::new().pair(&["localhost"]), "http://unused", Bounds::default()).await;
    let answer = door.ask(&get("/api/x")).await;
    assert_eq!(answer.status, 400);
    assert!(answer.text().contains("https://"), "{}", answer.text());
    let mut client = door.client().await;
    client.send(b"\0\0\0\0").await;
    assert!(client.is_closed().await);
}

#[tokio::test]
async fn a_handshake_that_takes_too_long_is_cut() {
    let bounds = Bounds {
        tls_handshake_timeout: Duration::from_millis(100),
        ..Bounds::default()
    };
    let door = door(&Issuer::new().pair(&["localhost"]), "http://unused", bounds).await;
    let mut silent = door.client().await;
    let mut slow = door.client().await;
    slow.send(&[22, 3, 1]).await;
    assert!(silent.is_closed().await && slow.is_closed().await);
}

#[tokio::test]
async fn a_new_pair_is_in_force_when_its_files_are_and_a_broken_one_never() {
    let folder = tempfile::tempdir().unwrap();
    let (old, new) = (Issuer::new(), Issuer::new());
    let names = ["localhost"];
    old.pair(&names).write(folder.path());
    let own = std::sync::Arc::new(load(folder.path()));
    tokio::spawn(own.clone().watch(Duration::from_millis(5)));
    let door = Door::behind(Some(own), Setup::before("http://unused").policy(), Bounds::default()).await;
    let (with_old, with_new) = (old.client(&[]), new.client(&[]));
    assert!(connect(&with_old, door.address, "localhost").await.is_ok());

    // A certificate whose key has not come yet, and a file that is half written.
    std::fs::write(folder.path().join("cert.pem"), &new.pair(&names).cert).unwrap();
    for _ in 0..20 {
        assert!(connect(&with_old, door.address, "localhost").await.is_ok());
    }
    std::fs::write(folder.path().join("cert.pem"), "-----BEGIN CERT").unwrap();
    for _ in 0..20 {
        assert!(connect(&with_old, door.address, "localhost").await.is_ok());
    }
    new.pair(&names).write(folder.path());
    while connect(&with_new, door.address, "localhost").await.is_err() {
        tokio::task::yield_now().await;
    }
    assert!(connect(&with_old, door.address, "localhost").await.is_err());
}
