//! `--upstream`: any other API behind the gate, at once, without accounts.

use std::net::SocketAddr;

use http::StatusCode;
use tidegate_config::Source;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
    sync::mpsc,
};

use crate::gate::{Ask, Gate};

/// Most requests a test lets through to the API behind.
const HEADS_MAX: usize = 1_000;

/// An API that answers every request with 200 and tells the test each head it saw.
async fn api() -> (SocketAddr, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (heads, seen) = mpsc::channel(HEADS_MAX);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let heads = heads.clone();
            tokio::spawn(async move {
                let mut stream = BufReader::new(stream);
                loop {
                    let mut head = String::new();
                    while !head.ends_with("\r\n\r\n") {
                        if stream.read_line(&mut head).await.unwrap_or(0) == 0 {
                            return;
                        }
                    }
                    heads.try_send(head).expect("the test asks for less");
                    if stream
                        .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
                        .await
                        .is_err()
                    {
                        return;
                    }
                }
            });
        }
    });
    (address, seen)
}

async fn gate_before(upstream: SocketAddr) -> Gate {
    Gate::with(Source::Preset("any".into()), Some(&format!("http://{upstream}"))).await
}

// SEMANTICS rule 4
#[tokio::test(flavor = "multi_thread")]
async fn a_strangers_api_works_behind_the_gate_at_once_and_credentials_are_passed_on_untouched() {
    let (upstream, mut seen) = api().await;
    let gate = gate_before(upstream).await;
    // Whether two credentials are two callers only that API knows; the first one counts, both go on.
    let answer = gate
        .send(Ask::get("/v1/things?b=2&a=1&api_key=an+app").token("their own"))
        .await;
    assert_eq!((answer.status, answer.text()), (StatusCode::OK, "hello".to_owned()));
    let head = seen.recv().await.unwrap();
    assert!(
        head.starts_with("GET /v1/things?b=2&a=1&api_key=an+app HTTP/1.1\r\n"),
        "{head}"
    );
    assert!(
        head.to_lowercase().contains("authorization: bearer their own\r\n"),
        "{head}"
    );
    assert!(answer.field("ratelimit").unwrap().contains("requests-per-credential"));
}

// SEMANTICS rule 4
#[tokio::test(flavor = "multi_thread")]
async fn each_credential_has_100_a_minute_and_an_address_without_one_150_an_hour() {
    let (upstream, _seen) = api().await;
    let gate = gate_before(upstream).await;
    assert_eq!(gate.until_refused("/x", "first").await.0, 100);
    assert_eq!(gate.until_refused("/x", "second").await.0, 100);
    assert_eq!(gate.until_refused("/x", "").await.0, 150);
}

// SEMANTICS rule 4: a made-up credential is free, so an address has at most 100 live ones.
#[tokio::test(flavor = "multi_thread")]
async fn made_up_credentials_gain_an_address_100_counts_and_one_shared() {
    let (upstream, _seen) = api().await;
    let gate = gate_before(upstream).await;
    let mut admitted = 0;
    for n in 0..400 {
        admitted += u32::from(gate.get("/x", &format!("made-up-{n}")).await.status == StatusCode::OK);
    }
    assert_eq!(
        admitted, 200,
        "a hundred of their own count, and the hundred of the shared count"
    );
    let elsewhere = gate
        .send(Ask::get("/x").token("made-up-399").from([127, 0, 0, 2]))
        .await;
    assert_eq!(elsewhere.status, StatusCode::OK, "another address is not touched");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_call_reaches_no_upstream() {
    let (upstream, mut seen) = api().await;
    let gate = gate_before(upstream).await;
    gate.until_refused("/x", "abc").await;
    for _ in 0..50 {
        assert_eq!(gate.get("/x", "abc").await.status, StatusCode::TOO_MANY_REQUESTS);
    }
    let mut count = 0;
    while seen.try_recv().is_ok() {
        count += 1;
    }
    assert_eq!(count, 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upstream_that_is_not_there_is_502_and_said_to_be_the_upstreams_fault() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let gate = gate_before(closed).await;
    let answer = gate.send(Ask::get("/x")).await;
    assert_eq!(answer.status, StatusCode::BAD_GATEWAY);
    assert!(answer.text().contains("behind this gateway"), "{}", answer.text());
}

// SEMANTICS rule 24: `--upstream` with a preset sends that preset's routes there; the pages stay inside.
#[tokio::test(flavor = "multi_thread")]
async fn a_preset_with_an_upstream_sends_its_routes_there_and_keeps_the_pages_inside() {
    let (upstream, mut seen) = api().await;
    let gate = Gate::with(Source::Preset("tempest".into()), Some(&format!("http://{upstream}"))).await;
    let ann = gate.user("ann");
    assert_eq!(gate.get("/swd/rest/stations", &ann).await.text(), "hello");
    assert!(seen.recv().await.unwrap().starts_with("GET /swd/rest/stations "));
    assert!(gate.send(Ask::get("/limits")).await.json()[0]["limit"].is_string());
    assert_eq!(gate.send(Ask::get("/elsewhere")).await.status, StatusCode::NOT_FOUND);
    assert!(seen.try_recv().is_err());
}

// What comes in a body goes up as it came.
#[tokio::test(flavor = "multi_thread")]
async fn a_body_reaches_the_upstream_whole() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let upstream = listener.local_addr().unwrap();
    let received = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut bytes = Vec::new();
        let mut chunk = [0; 4096];
        while !bytes.ends_with(b"the end") {
            let len = stream.read(&mut chunk).await.unwrap();
            assert!(len > 0);
            bytes.extend_from_slice(&chunk[..len]);
        }
        stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.unwrap();
        bytes
    });
    let gate = gate_before(upstream).await;
    let body = format!("{}the end", "x".repeat(1_000_000));
    assert_eq!(
        gate.send(Ask::post("/x").text(&body)).await.status,
        StatusCode::NO_CONTENT
    );
    let bytes = received.await.unwrap();
    assert!(bytes.len() > body.len());
}
