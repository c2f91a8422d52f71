//! Bodies: unbuffered, bounded, and never left on a connection that goes on.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use http::Response;
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use tidegate_gateway::{Body, Bounds};
use tokio::{io::AsyncWriteExt, sync::mpsc};

use crate::support::{Door, Setup, Upstream, get, pause};

const SHORT: Duration = Duration::from_millis(150);

fn put(path: &str, fields: &str) -> String {
    format!("PUT {path} HTTP/1.1\r\nHost: gate\r\nAuthorization: Bearer ann\r\n{fields}\r\n")
}

fn channel() -> (mpsc::Sender<&'static str>, Body) {
    let (sender, mut receiver) = mpsc::channel::<&'static str>(1);
    let frames = futures_util::stream::poll_fn(move |cx| {
        receiver
            .poll_recv(cx)
            .map(|text| text.map(|text| Ok::<_, std::io::Error>(Frame::data(Bytes::from(text)))))
    });
    (sender, Body::boxed(StreamBody::new(frames)))
}

#[tokio::test]
async fn the_upstream_sees_the_first_chunk_before_the_client_has_sent_the_last() {
    let (sender, mut receiver) = mpsc::channel::<Bytes>(8);
    let upstream = Upstream::answering(move |request| {
        let sender = sender.clone();
        async move {
            let mut body = request.into_body();
            while let Some(Ok(frame)) = body.frame().await {
                sender.send(frame.into_data().unwrap()).await.unwrap();
            }
            Response::new(Body::full("done"))
        }
    })
    .await;
    let door = Door::before(&upstream.url).await;
    for (fields, first, last) in [
        ("Content-Length: 6\r\n", "one", "two"),
        (
            "Transfer-Encoding: chunked\r\n",
            "3\r\none\r\n",
            "3\r\ntwo\r\n0\r\n\r\n",
        ),
    ] {
        let mut client = door.client().await;
        client
            .send(format!("{}{first}", put("/api/x", fields)).as_bytes())
            .await;
        assert_eq!(receiver.recv().await.unwrap(), "one");
        client.send(last.as_bytes()).await;
        assert_eq!(receiver.recv().await.unwrap(), "two");
        assert_eq!(client.answer().await.text(), "done");
    }
}

#[tokio::test]
async fn the_client_sees_the_first_chunk_before_the_upstream_has_sent_the_last() {
    let (sender, body) = channel();
    let body = Arc::new(parking_lot::Mutex::new(Some(body)));
    let upstream = Upstream::answering(move |_| {
        let body = body.lock().take().unwrap();
        async move { Response::new(body) }
    })
    .await;
    let door = Door::before(&upstream.url).await;
    let mut client = door.client().await;
    client.send(get("/api/x").as_bytes()).await;
    sender.send("one").await.unwrap();
    client.until("3\r\none\r\n").await;
    assert_eq!(door.gateway.in_flight(), 1, "a request lasts until its answer's end");
    sender.send("two").await.unwrap();
    drop(sender);
    client.until("3\r\ntwo\r\n0\r\n\r\n").await;
}

#[tokio::test]
async fn a_get_with_a_body_of_unknown_length_keeps_it() {
    let upstream = Upstream::answering(|request| async move {
        Response::new(Body::full(request.into_body().collect().await.unwrap().to_bytes()))
    })
    .await;
    let door = Door::before(&upstream.url).await;
    let bytes = get("/api/x").replace(
        "\r\n\r\n",
        "\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    );
    assert_eq!(door.ask(&bytes).await.text(), "abc");
}

// Case 55.
#[tokio::test]
async fn a_body_declared_too_large_is_413_before_the_upstream_is_reached() {
    let upstream = Upstream::hello().await;
    let door = Door::with(
        Setup::before(&upstream.url),
        Bounds {
            body_bytes_max: 10,
            ..Bounds::default()
        },
    )
    .await;
    let mut client = door.client().await;
    let answer = client.ask(&put("/api/x", "Content-Length: 11\r\n")).await;
    assert_eq!((answer.status, upstream.connections()), (413, 0));
    assert_eq!(answer.json()["allowed"], 10);
    assert!(answer.field("ratelimit").is_some(), "it cost its one unit");
    assert!(client.is_closed().await);
    assert_eq!(
        door.ask(&(put("/api/x", "Content-Length: 10\r\n") + "0123456789"))
            .await
            .status,
        200
    );
}

// Case 55.
#[tokio::test]
async fn a_body_that_grows_too_large_is_413_and_the_upstream_never_sees_more() {
    let read = Arc::new(AtomicUsize::new(0));
    let count = read.clone();
    let upstream = Upstream::answering(move |request| {
        let count = count.clone();
        async move {
            let mut body = request.into_body();
            while let Some(Ok(frame)) = body.frame().await {
                count.fetch_add(frame.data_ref().map_or(0, Bytes::len), Ordering::SeqCst);
            }
            Response::new(Body::full("done"))
        }
    })
    .await;
    let door = Door::with(
        Setup::before(&upstream.url),
        Bounds {
            body_bytes_max: 10,
            ..Bounds::default()
        },
    )
    .await;
    for path in ["/api/x", "/swd/rest/x?read"] {
        let mut client = door.client().await;
        let answer = client
            .ask(&(put(path, "Transfer-Encoding: chunked\r\n") + "8\r\n01234567\r\n8\r\n01234567\r\n"))
            .await;
        assert_eq!(answer.status, 413, "{path}");
        assert!(client.is_closed().await);
    }
    assert!(read.load(Ordering::SeqCst) <= 10);
}

// Case 50.
#[tokio::test]
async fn a_client_that_stalls_its_body_is_answered_408_and_cut() {
    let upstream = Upstream::hello().await;
    let door = Door::with(
        Setup::before(&upstream.url),
        Bounds {
            body_progress_timeout: SHORT,
            ..Bounds::default()
        },
    )
    .await;
    for path in ["/api/x", "/swd/rest/x?read"] {
        let mut client = door.client().await;
        let answer = client.ask(&(put(path, "Content-Length: 9\r\n") + "abc")).await;
        assert_eq!(answer.status, 408, "{path}");
        assert!(client.is_closed().await);
    }
}

// Case 50.
#[tokio::test]
async fn a_client_that_trickles_its_body_is_cut_too() {
    let upstream = Upstream::hello().await;
    let door = Door::with(
        Setup::before(&upstream.url),
        Bounds {
            body_progress_timeout: SHORT,
            ..Bounds::default()
        },
    )
    .await;
    let mut client = door.client().await;
    client.send(put("/api/x", "Content-Length: 10000\r\n").as_bytes()).await;
    let mut writer = client.writer.take().unwrap();
    let trickle = async move {
        // Twenty bytes a second, where 256 are asked for.
        while writer.write_all(b"x").await.is_ok() {
            pause(SHORT / 3).await;
        }
    };
    let trickling = tokio::spawn(trickle);
    assert_eq!(client.answer().await.status, 408);
    trickling.abort();
}

// Case 44.
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

// Case 44.
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

// Case 43.
#[tokio::test]
async fn a_body_waiting_for_100_is_not_sent_for_when_nobody_wants_it() {
    let upstream = Upstream::hello().await;
    let door = Door::before(&upstream.url).await;
    let fields = "Expect: 100-continue\r\nContent-Length: 3\r\n";
    let mut client = door.client().await;
    client.send(put("/nowhere", fields).as_bytes()).await;
    assert!(client.until("\r\n").await.starts_with("HTTP/1.1 404"));

    let mut client = door.client().await;
    client.send(put("/api/x", fields).as_bytes()).await;
    assert_eq!(client.until("\r\n\r\n").await, "HTTP/1.1 100 Continue\r\n\r\n");
    client.send(b"abc").await;
    assert_eq!(client.answer().await.text(), "hello");
    assert!(!upstream.seen.lock()[0].headers.contains_key("expect"));
}

#[tokio::test]
async fn a_client_that_leaves_ends_the_upstreams_work_and_frees_its_place() {
    let (sender, body) = channel();
    let body = Arc::new(parking_lot::Mutex::new(Some(body)));
    let upstream = Upstream::answering(move |_| {
        let body = body.lock().take().unwrap();
        async move { Response::new(body) }
    })
    .await;
    let door = Door::before(&upstream.url).await;
    let mut client = door.client().await;
    client.send(get("/api/x").as_bytes()).await;
    sender.send("one").await.unwrap();
    client.until("one").await;
    drop(client);
    // The upstream's body is dropped when its connection is, and its channel closes.
    tokio::time::timeout(Duration::from_secs(5), sender.closed())
        .await
        .unwrap();
    while door.gateway.in_flight() > 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_large_body_passes_both_ways_whole() {
    let upstream = Upstream::answering(|request| async move { Response::new(Body::boxed(request.into_body())) }).await;
    let door = Door::before(&upstream.url).await;
    let sent: Vec<u8> = (0..3_000_000_u32).flat_map(u32::to_le_bytes).take(8_000_000).collect();
    let mut client = door.client().await;
    client
        .send(put("/api/x", &format!("Content-Length: {}\r\n", sent.len())).as_bytes())
        .await;
    let expected = sent.clone();
    let writing = client.send_beside(sent);
    let answer = client.answer().await;
    writing.await.unwrap();
    assert!(
        answer.body == expected,
        "{} of {} bytes",
        answer.body.len(),
        expected.len()
    );
}

// Case 44.
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

#[tokio::test]
async fn a_client_that_reads_nothing_holds_its_upstream_back_instead_of_filling_memory() {
    let sent = Arc::new(AtomicUsize::new(0));
    let count = sent.clone();
    let upstream = Upstream::answering(move |_| {
        let count = count.clone();
        async move {
            let endless = futures_util::stream::repeat_with(move || {
                count.fetch_add(65_536, Ordering::SeqCst);
                Ok::<_, std::io::Error>(Frame::data(Bytes::from_static(&[b'x'; 65_536])))
            });
            Response::new(Body::boxed(StreamBody::new(endless)))
        }
    })
    .await;
    let door = Door::before(&upstream.url).await;
    let mut client = door.client().await;
    client.send(get("/api/x").as_bytes()).await;
    client.until("\r\n\r\n").await;
    // The kernel's buffers on both connections fill first, and then nothing moves.
    let mut last = 0;
    while sent.load(Ordering::SeqCst) != last {
        last = sent.load(Ordering::SeqCst);
        pause(SHORT).await;
    }
    assert!(
        last < 32_000_000,
        "{last} bytes taken from the upstream that nobody read"
    );
}
