//! Bytes that stop being a request: within a body, from the first one, behind a good one.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use http_body_util::BodyExt;
use tidegate_gateway::Bounds;

use crate::support::{Door, Upstream, begun, get, put};

const SHORT: Duration = Duration::from_millis(150);

// fault 42
#[tokio::test]
async fn a_body_in_bad_chunks_is_400_and_its_end_never_goes_up() {
    let (broken, whole) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let upstream = {
        let (broken, whole) = (broken.clone(), whole.clone());
        Upstream::answering(move |request| {
            let (broken, whole) = (broken.clone(), whole.clone());
            async move {
                let ended = if request.into_body().collect().await.is_ok() {
                    whole
                } else {
                    broken
                };
                ended.fetch_add(1, Ordering::SeqCst);
                http::Response::new(tidegate_gateway::Body::full("hello"))
            }
        })
        .await
    };
    let door = Door::before(&upstream.url).await;
    let long = "x".repeat(16 * 1024);
    let bad = [
        "2 \r\nab\r\n0\r\n\r\n",
        "0x2\r\nab\r\n0\r\n\r\n",
        "+2\r\nab\r\n0\r\n\r\n",
        "2\nab\r\n0\r\n\r\n",
        "2\r\nabc\r\n0\r\n\r\n",
        "2\r\nab\r\n0\r\n X: y\r\n\r\n",
        "2\r\nab\r\n0\r\n\n",
        "ffffffffffffffff\r\nab",
        &format!("2;{long}\r\nab\r\n0\r\n\r\n"),
        &format!("2\r\nab\r\n0\r\nX: {long}\r\n\r\n"),
        &format!("2\r\nab\r\n0\r\n{}\r\n", "X: y\r\n".repeat(200)),
    ];
    for body in bad {
        let mut client = door.client().await;
        client
            .send(put("/api/x", "Transfer-Encoding: chunked\r\n").as_bytes())
            .await;
        client
            .send(format!("2\r\nab\r\n{body}{}", get("/api/after")).as_bytes())
            .await;
        let answer = client.answer().await;
        assert_eq!(answer.status, 400, "{body}");
        assert!(answer.text().contains("well-formed chunks") && answer.field("tidegate-decision").is_some());
        assert!(client.is_closed().await, "{body}");
    }
    assert_eq!(whole.load(Ordering::SeqCst), 0);
    assert!(upstream.seen.lock().iter().all(|head| head.uri == "/api/x"));
    assert_eq!(door.ask(&get("/api/x")).await.text(), "hello");
    // A head whose body broke before it was sent for goes up or not; it never ends well.
    assert!(broken.load(Ordering::SeqCst) <= bad.len());
}

// fault 41
#[tokio::test]
async fn whoever_speaks_another_protocol_hears_it_at_once_and_not_after_a_time_limit() {
    let upstream = Upstream::hello().await;
    let door = Door::before(&upstream.url).await;
    let began = begun();
    for bytes in [&b"\x16\x03\x01\x02\0\x01\0"[..], b"\x05\x01\0", b"\0"] {
        let mut client = door.client().await;
        client.send(bytes).await;
        assert_eq!(client.answer().await.status, 400);
        assert!(client.is_closed().await);
    }
    assert!(began.elapsed() < Bounds::default().header_timeout);
}

// fault 44
#[tokio::test]
async fn what_comes_behind_a_request_waits_its_turn() {
    let (release, released) = tokio::sync::watch::channel(false);
    let upstream = Upstream::answering(move |_| {
        let mut released = released.clone();
        async move {
            let _ = released.wait_for(|released| *released).await;
            http::Response::new(tidegate_gateway::Body::full("hello"))
        }
    })
    .await;
    let door = Door::before(&upstream.url).await;
    let mut client = door.client().await;
    client.send(format!("{0}{0}BAD\n\n{0}", get("/api/x")).as_bytes()).await;
    assert!(client.rest_within(SHORT).await.is_empty());
    assert_eq!(upstream.requests(), 1);
    release.send(true).unwrap();
    assert_eq!(client.answer().await.text(), "hello");
    assert_eq!(client.answer().await.text(), "hello");
    assert_eq!(client.answer().await.status, 400);
    assert!(client.is_closed().await);
    assert_eq!(upstream.requests(), 2);
}
