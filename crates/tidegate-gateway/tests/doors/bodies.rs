//! Bodies: unbuffered and bounded.

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

use crate::support::{Door, Setup, Upstream, get, pause, put};

const SHORT: Duration = Duration::from_millis(150);

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

// fault 55
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

// fault 55
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

// fault 50
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

// fault 50
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
