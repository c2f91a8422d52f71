//! Bodies that nobody read: the answer arrives, and the next request is the client's, not a part of the last.

use std::time::Duration;

use tidegate_gateway::Bounds;
use tokio::io::AsyncWriteExt;

use crate::support::{Door, Setup, Upstream, get, put, upstream::head};

const SHORT: Duration = Duration::from_millis(150);

// fault 44
#[tokio::test]
async fn a_body_nobody_read_is_not_read_as_the_next_request() {
    let upstream = Upstream::hello().await;
    let door = Door::before(&upstream.url).await;
    let smuggled = get("/api/smuggled");
    for path in ["/nowhere", "/swd/rest/x"] {
        let mut client = door.client().await;
        client
            .send(put(path, &format!("Content-Length: {}\r\n", smuggled.len())).as_bytes())
            .await;
        let first = client.answer().await.status;
        assert!(matches!(first, 200 | 404));
        client.send(smuggled.as_bytes()).await;
        assert_eq!(client.ask(&get("/api/next")).await.text(), "hello");
    }
    let seen = upstream.seen.lock();
    assert_eq!(
        seen.iter().map(|head| head.uri.path()).collect::<Vec<_>>(),
        ["/api/next", "/api/next"]
    );
}

// fault 44
#[tokio::test]
async fn past_the_bound_of_unread_bytes_the_answer_comes_and_the_connection_ends() {
    let upstream = Upstream::hello().await;
    let bounds = Bounds {
        unread_body_bytes_max: 1_000,
        unread_body_timeout: SHORT,
        ..Bounds::default()
    };
    let door = Door::with(Setup::before(&upstream.url), bounds).await;
    for (fields, body) in [
        ("Content-Length: 5000\r\n", "x".repeat(5000)),
        (
            "Transfer-Encoding: chunked\r\n",
            format!("1388\r\n{}\r\n0\r\n\r\n", "x".repeat(5000)),
        ),
    ] {
        let mut client = door.client().await;
        client.send((put("/nowhere", fields) + &body).as_bytes()).await;
        assert_eq!(client.answer().await.status, 404);
        // Either all of it was at hand and is gone, or the connection is; it is never read as a request.
        client.try_send(get("/api/next").as_bytes()).await;
        let rest = String::from_utf8(client.rest_within(SHORT * 4).await).unwrap();
        assert!(rest.is_empty() || rest.starts_with("HTTP/1.1 200"), "{rest}");
    }
}

// fault 43
#[tokio::test]
async fn a_body_waiting_for_100_is_not_sent_for_when_nobody_wants_it() {
    let upstream = Upstream::hello().await;
    let door = Door::before(&upstream.url).await;
    let fields = "Expect: 100-continue\r\nContent-Length: 3\r\n";
    let mut client = door.client().await;
    client.send(put("/nowhere", fields).as_bytes()).await;
    let refused = client.until("\r\n\r\n").await;
    assert!(
        refused.starts_with("HTTP/1.1 404") && refused.contains("connection: close"),
        "{refused}"
    );

    let mut client = door.client().await;
    client.send(put("/api/x", fields).as_bytes()).await;
    assert_eq!(client.until("\r\n\r\n").await, "HTTP/1.1 100 Continue\r\n\r\n");
    client.send(b"abc").await;
    assert_eq!(client.answer().await.text(), "hello");
    assert!(!upstream.seen.lock()[0].headers.contains_key("expect"));
}

// fault 44
#[tokio::test]
async fn a_client_still_sending_a_large_body_gets_to_read_why_it_was_refused() {
    let upstream = Upstream::hello().await;
    let bounds = Bounds {
        body_bytes_max: 1_000,
        ..Bounds::default()
    };
    let door = Door::with(Setup::before(&upstream.url), bounds).await;
    for (path, status) in [("/api/x", 413), ("/nowhere", 404)] {
        let mut client = door.client().await;
        client.send(put(path, "Content-Length: 20000000\r\n").as_bytes()).await;
        // All of it is written before anything is read, as simple clients do.
        client.send_beside(vec![b'x'; 20_000_000]).await.unwrap();
        let answer = client.answer().await;
        assert_eq!(
            (answer.status, answer.field("connection")),
            (status, Some("close")),
            "{path}"
        );
        assert!(client.is_closed().await);
    }
}

// fault 44
#[tokio::test]
async fn a_refusal_by_a_limit_leaves_no_body_to_be_read_as_the_next_request() {
    let upstream = Upstream::hello().await;
    let setup = Setup {
        user_quota: 1,
        ..Setup::before(&upstream.url)
    };
    let door = Door::with(setup, Bounds::default()).await;
    assert_eq!(door.ask(&get("/api/x")).await.status, 200);
    let smuggled = get("/api/smuggled");
    for (fields, body) in [
        (format!("Content-Length: {}\r\n", smuggled.len()), smuggled.clone()),
        (
            "Transfer-Encoding: chunked\r\n".into(),
            format!("{:x}\r\n{smuggled}\r\n0\r\n\r\n", smuggled.len()),
        ),
    ] {
        let mut client = door.client().await;
        client.send(put("/api/x", &fields).as_bytes()).await;
        assert_eq!(client.answer().await.status, 429);
        client.send(body.as_bytes()).await;
        client.send(get("/nowhere").as_bytes()).await;
        assert_eq!(client.answer().await.status, 404);
        // And without a turn between them.
        client
            .send(format!("{}{body}{}", put("/api/x", &fields), get("/nowhere")).as_bytes())
            .await;
        assert_eq!(client.answer().await.status, 429);
        assert_eq!(client.answer().await.status, 404);
    }
    assert_eq!(upstream.requests(), 1);
}

// fault 44
#[tokio::test]
async fn a_refused_body_that_is_no_longer_one_ends_the_connection() {
    let upstream = Upstream::hello().await;
    let door = Door::before(&upstream.url).await;
    let mut client = door.client().await;
    client
        .send(put("/nowhere", "Transfer-Encoding: chunked\r\n").as_bytes())
        .await;
    assert_eq!(client.answer().await.status, 404);
    client
        .send(format!("2 \r\nab\r\n0\r\n\r\n{}", get("/api/x")).as_bytes())
        .await;
    assert!(client.is_closed().await);
    assert_eq!(upstream.requests(), 0);
}

// fault 43
#[tokio::test]
async fn an_early_answer_to_an_expectation_leaves_neither_connection_out_of_step() {
    let upstream = Upstream::speaking(|mut stream, _| async move {
        while head(&mut stream).await {
            let no = b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 2\r\n\r\nno";
            let _ = stream.write_all(no).await;
        }
    })
    .await;
    let door = Door::before(&upstream.url).await;
    let smuggled = get("/api/smuggled");
    let fields = format!("Expect: 100-continue\r\nContent-Length: {}\r\n", smuggled.len());
    for _ in 0..10 {
        let mut client = door.client().await;
        client.send(put("/api/x", &fields).as_bytes()).await;
        // The body may have been sent for before the answer was there; the answer comes either way.
        assert_eq!(client.answer().await.status, 401);
        // Whether the client sends its body or not, nothing of it is a request.
        client.try_send(smuggled.as_bytes()).await;
        let rest = client.rest_within(SHORT).await;
        assert!(rest.is_empty(), "{}", String::from_utf8_lossy(&rest));
    }
    assert_eq!(upstream.connections(), 10, "one that is owed a body is not used again");
}

#[tokio::test]
async fn a_connection_goes_on_after_bodies_of_either_framing() {
    let upstream = Upstream::hello().await;
    let door = Door::before(&upstream.url).await;
    let mut client = door.client().await;
    for path in ["/api/x", "/swd/rest/x", "/swd/rest/x?read", "/nowhere"] {
        for (fields, body) in [
            ("Content-Length: 3\r\n", "abc"),
            ("Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n0\r\n\r\n"),
        ] {
            let answer = client.ask(&(put(path, fields) + body)).await;
            assert_eq!(
                (answer.status, answer.field("connection")),
                (if path == "/nowhere" { 404 } else { 200 }, None)
            );
        }
    }
    assert_eq!(upstream.connections(), 1);
}
