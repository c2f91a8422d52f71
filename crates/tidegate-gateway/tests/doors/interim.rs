//! What an upstream says before its answer (RFC 9110 15.2) goes down before it, at once, and within no other answer.

use std::{sync::Arc, time::Duration};

use tokio::{io::AsyncWriteExt, sync::Semaphore};

use crate::support::{
    Door, Upstream, get, pause,
    upstream::{HELLO, head},
};

const HINTS: &[u8] = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\nConnection: x-hop\r\nX-Hop: 1\r\n\
    Tidegate-Decision: d\r\n\r\n";

/// As a client sees them.
const HINTS_DOWN: &str = "HTTP/1.1 103 Early Hints\r\nlink: </style.css>\r\n\r\n";

/// Says hints, waits for its turn and answers.
async fn hinting(turns: Arc<Semaphore>) -> Upstream {
    Upstream::speaking(move |mut stream, _| {
        let turns = turns.clone();
        async move {
            while head(&mut stream).await {
                let _ = stream.write_all(HINTS).await;
                turns.acquire().await.unwrap().forget();
                let _ = stream.write_all(HELLO).await;
            }
        }
    })
    .await
}

#[tokio::test]
async fn early_hints_are_told_while_the_answer_is_still_awaited_on_each_request_of_a_connection() {
    let turns = Arc::new(Semaphore::new(0));
    let upstream = hinting(turns.clone()).await;
    let door = Door::before(&upstream.url).await;
    let mut client = door.client().await;
    // The second and third come at once.
    for requests in [1, 2] {
        client.send(get("/api/x").repeat(requests).as_bytes()).await;
        for _ in 0..requests {
            assert_eq!(client.until("\r\n\r\n").await, HINTS_DOWN);
            turns.add_permits(1);
            let answer = client.answer().await;
            assert_eq!((answer.status, answer.text().as_str()), (200, "hello"));
        }
    }
}

#[tokio::test]
async fn hints_that_come_with_their_answer_stand_before_it() {
    let upstream = Upstream::speaking(|mut stream, _| async move {
        while head(&mut stream).await {
            let continued = b"HTTP/1.1 100 Continue\r\n\r\n";
            let _ = stream.write_all(&[&continued[..], HINTS, HINTS, HELLO].concat()).await;
        }
    })
    .await;
    let door = Door::before(&upstream.url).await;
    let mut client = door.client().await;
    for _ in 0..100 {
        client.send(get("/api/x").as_bytes()).await;
        for _ in 0..2 {
            assert_eq!(client.until("\r\n\r\n").await, HINTS_DOWN);
        }
        assert_eq!(client.answer().await.text(), "hello");
    }
}

#[tokio::test]
async fn nobody_is_told_who_would_not_understand() {
    let upstream = hinting(Arc::new(Semaphore::new(100))).await;
    let door = Door::before(&upstream.url).await;
    let old = get("/api/x").replace("HTTP/1.1", "HTTP/1.0");
    let answer = door.ask(&old).await;
    assert_eq!(
        (answer.status, answer.text().as_str()),
        (200, "hello"),
        "{}",
        answer.head
    );
}

/// Bytes of each answer: more than a socket and the doors hold.
const BODY_BYTES: usize = 2_000_000;

#[tokio::test]
async fn hints_stand_within_no_answer_however_slowly_the_client_reads() {
    let upstream = Upstream::speaking(|mut stream, _| async move {
        while head(&mut stream).await {
            let _ = stream.write_all(HINTS).await;
            let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {BODY_BYTES}\r\n\r\n");
            let _ = stream.write_all(answer.as_bytes()).await;
            let _ = stream.write_all(&vec![b'x'; BODY_BYTES]).await;
        }
    })
    .await;
    let door = Door::before(&upstream.url).await;
    let mut client = door.client().await;
    // All are asked for at once, and each answer waits for the client for a while.
    client.send(get("/api/x").repeat(5).as_bytes()).await;
    for _ in 0..5 {
        pause(Duration::from_millis(20)).await;
        let mut answer = client.until("\r\n\r\n").await;
        if answer.starts_with("HTTP/1.1 103") {
            assert_eq!(answer, HINTS_DOWN);
            answer = client.until("\r\n\r\n").await;
        }
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        let body = client.until(&"x".repeat(BODY_BYTES)).await;
        assert_eq!(body.len(), BODY_BYTES);
    }
}

#[tokio::test]
async fn hints_without_end_are_502_and_few_of_them_go_down() {
    let upstream = Upstream::speaking(|mut stream, _| async move {
        head(&mut stream).await;
        let hint = format!("HTTP/1.1 103 Early Hints\r\nlink: {}\r\n\r\n", "x".repeat(1_000));
        while stream.write_all(hint.as_bytes()).await.is_ok() {}
    })
    .await;
    let door = Door::before(&upstream.url).await;
    let mut client = door.client().await;
    client.send(get("/api/x").as_bytes()).await;
    let before = client.until("HTTP/1.1 502 ").await;
    let hints = before.matches("HTTP/1.1 103 ").count();
    assert!(
        (1..=16).contains(&hints),
        "16 KiB of them, of a thousand bytes each: {hints}"
    );
}
