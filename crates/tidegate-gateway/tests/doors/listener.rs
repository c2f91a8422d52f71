//! Connections: caps, time limits, drain.

use std::{sync::Arc, time::Duration};

use http::Response;
use tidegate_gateway::{Body, Bounds};
use tokio::sync::watch;

use crate::support::{Door, Setup, Upstream, begun, get, pause};

const SHORT: Duration = Duration::from_millis(150);

/// An upstream that answers once it is released.
async fn held() -> (watch::Sender<bool>, Upstream) {
    let (release, released) = watch::channel(false);
    let upstream = Upstream::answering(move |_| {
        let mut released = released.clone();
        async move {
            let _ = released.wait_for(|released| *released).await;
            Response::new(Body::full("hello"))
        }
    })
    .await;
    (release, upstream)
}

async fn reached(upstream: &Upstream) {
    while upstream.requests() == 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn at_the_cap_a_connection_waits_until_another_leaves() {
    let upstream = Upstream::hello().await;
    let door = Door::with(
        Setup::before(&upstream.url),
        Bounds {
            connections_max: 1,
            ..Bounds::default()
        },
    )
    .await;
    let mut first = door.client().await;
    assert_eq!(first.ask(&get("/api/x")).await.status, 200);
    let mut second = door.client().await;
    second.send(get("/api/x").as_bytes()).await;
    assert!(second.rest_within(SHORT).await.is_empty(), "nobody is there yet");
    drop(first);
    assert_eq!(second.answer().await.status, 200);
}

// fault 50
#[tokio::test]
async fn a_head_that_takes_too_long_is_cut_however_it_trickles() {
    let upstream = Upstream::hello().await;
    let door = Door::with(
        Setup::before(&upstream.url),
        Bounds {
            header_timeout: SHORT,
            ..Bounds::default()
        },
    )
    .await;
    let mut silent = door.client().await;
    let mut trickling = door.client().await;
    let mut second = door.client().await;
    assert_eq!(second.ask(&get("/api/x")).await.status, 200);
    let begun = begun();
    for byte in b"GET / HTTP/1.1\r\n".chunks(1) {
        pause(SHORT / 5).await;
        if !trickling.try_send(byte).await {
            break;
        }
    }
    assert!(trickling.is_closed().await && silent.is_closed().await);
    assert!(begun.elapsed() < SHORT * 6, "{:?}", begun.elapsed());
    second.send(b"GET / HT").await;
    assert!(second.is_closed().await, "a later head is timed as the first");
}

#[tokio::test]
async fn a_connection_may_rest_longer_than_a_head_may_take_and_no_longer_than_its_own_bound() {
    let upstream = Upstream::hello().await;
    let bounds = Bounds {
        header_timeout: SHORT / 3,
        idle_timeout: SHORT * 3,
        ..Bounds::default()
    };
    let door = Door::with(Setup::before(&upstream.url), bounds).await;
    let mut client = door.client().await;
    for _ in 0..3 {
        assert_eq!(client.ask(&get("/api/x")).await.status, 200);
        pause(SHORT).await;
    }
    assert_eq!(client.ask(&get("/api/x")).await.status, 200);
    let begun = begun();
    assert!(client.is_closed().await);
    assert!((SHORT..SHORT * 10).contains(&begun.elapsed()), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn an_answer_may_take_longer_than_a_head_or_a_rest() {
    let (release, upstream) = held().await;
    let bounds = Bounds {
        header_timeout: SHORT / 3,
        idle_timeout: SHORT / 3,
        ..Bounds::default()
    };
    let door = Door::with(Setup::before(&upstream.url), bounds).await;
    let mut client = door.client().await;
    client.send(format!("{}GET /api", get("/api/x")).as_bytes()).await;
    reached(&upstream).await;
    pause(SHORT).await;
    release.send(true).unwrap();
    assert_eq!(client.answer().await.text(), "hello");
}

// fault 50
#[tokio::test]
async fn a_client_that_takes_nothing_of_its_answer_is_cut() {
    let upstream = Upstream::answering(|_| async { Response::new(Body::full(vec![b'x'; 32_000_000])) }).await;
    let door = Door::with(
        Setup::before(&upstream.url),
        Bounds {
            write_stall_timeout: SHORT,
            ..Bounds::default()
        },
    )
    .await;
    let mut client = door.client().await;
    client.send(get("/api/x").as_bytes()).await;
    reached(&upstream).await;
    let gone = async {
        while door.gateway.in_flight() > 0 {
            pause(SHORT / 10).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), gone).await.unwrap();
}

#[tokio::test]
async fn a_drain_finishes_what_is_in_flight_and_takes_nothing_new() {
    let (release, upstream) = held().await;
    let mut door = Door::before(&upstream.url).await;
    let mut working = door.client().await;
    let mut resting = door.client().await;
    assert_eq!(resting.ask(&get("/nowhere")).await.status, 404);
    working.send(get("/api/x").as_bytes()).await;
    reached(&upstream).await;
    let drained = door.drain();
    assert!(resting.is_closed().await);
    assert!(tokio::net::TcpStream::connect(door.address).await.is_err());
    assert!(!drained.is_finished());
    release.send(true).unwrap();
    let answer = working.answer().await;
    assert_eq!(
        (answer.text().as_str(), answer.field("connection")),
        ("hello", Some("close"))
    );
    assert!(working.is_closed().await);
    tokio::time::timeout(Duration::from_secs(5), drained)
        .await
        .unwrap()
        .unwrap();
}

#[tokio::test]
async fn a_drain_that_takes_too_long_cuts_what_is_left() {
    let (_release, upstream) = held().await;
    let mut door = Door::with(
        Setup::before(&upstream.url),
        Bounds {
            drain_timeout: SHORT,
            ..Bounds::default()
        },
    )
    .await;
    let mut working = door.client().await;
    working.send(get("/api/x").as_bytes()).await;
    reached(&upstream).await;
    tokio::time::timeout(Duration::from_secs(5), door.drain())
        .await
        .unwrap()
        .unwrap();
    assert!(working.is_closed().await);
    assert_eq!(door.gateway.in_flight(), 0);
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order() {
    let upstream =
        Upstream::answering(|request| async move { Response::new(Body::full(request.uri().path().to_owned())) }).await;
    let door = Door::before(&upstream.url).await;
    let mut client = door.client().await;
    let all: String = (0..20).map(|number| get(&format!("/api/{number}"))).collect();
    client.send(all.as_bytes()).await;
    for number in 0..20 {
        assert_eq!(client.answer().await.text(), format!("/api/{number}"));
    }
}

// docs/platforms/tempest.md T12.
// fault 50
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_of_slow_heads_does_not_stop_others() {
    let upstream = Upstream::hello().await;
    let door = Arc::new(Door::before(&upstream.url).await);
    let mut slow = Vec::new();
    for _ in 0..300 {
        let mut client = door.client().await;
        client.send(b"GET / HTTP/1.1\r\nHost: g").await;
        slow.push(client);
    }
    assert_eq!(door.ask(&get("/api/x")).await.status, 200);
}
