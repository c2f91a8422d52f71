//! The pool: reuse, one try again where nothing was sent, caps, and whose fault it was.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use http::Response;
use tidegate_gateway::{Body, Bounds};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::support::{Door, Setup, Upstream, begun, get, pause};

const SHORT: Duration = Duration::from_millis(150);
const HELLO: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello";

/// Reads one head; `false` when the other side closed.
async fn head(stream: &mut TcpStream) -> bool {
    let mut read = Vec::new();
    let mut byte = [0];
    while !read.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte).await {
            Ok(1) => read.push(byte[0]),
            _ => return false,
        }
    }
    true
}

#[tokio::test]
async fn a_thousand_requests_in_a_row_use_one_upstream_connection() {
    let upstream = Upstream::hello().await;
    let door = Door::before(&upstream.url).await;
    let mut client = door.client().await;
    for _ in 0..1_000 {
        assert_eq!(client.ask(&get("/api/x")).await.status, 200);
    }
    assert_eq!((upstream.connections(), upstream.requests()), (1, 1_000));
}

#[tokio::test]
async fn a_get_on_a_rested_connection_that_died_is_sent_again_once() {
    // The first connection answers one request and breaks off at the second, unheard.
    let upstream = Upstream::speaking(|mut stream, number| async move {
        while head(&mut stream).await {
            let _ = stream.write_all(HELLO).await;
            if number == 1 {
                head(&mut stream).await;
                return;
            }
        }
    })
    .await;
    let door = Door::before(&upstream.url).await;
    let mut client = door.client().await;
    for _ in 0..3 {
        assert_eq!(client.ask(&get("/api/x")).await.text(), "hello");
    }
    assert_eq!(upstream.connections(), 2);
}

#[tokio::test]
async fn what_may_have_been_done_is_not_sent_again() {
    let heads = Arc::new(AtomicUsize::new(0));
    let count = heads.clone();
    let upstream = Upstream::speaking(move |mut stream, _| {
        let count = count.clone();
        async move {
            if head(&mut stream).await {
                let _ = stream.write_all(HELLO).await;
            }
            if head(&mut stream).await {
                count.fetch_add(1, Ordering::SeqCst);
            }
        }
    })
    .await;
    let door = Door::before(&upstream.url).await;
    let auth = "Host: gate\r\nAuthorization: Bearer ann";
    for bytes in [
        format!("POST /api/x HTTP/1.1\r\n{auth}\r\n\r\n"),
        format!("POST /api/x HTTP/1.1\r\n{auth}\r\nContent-Length: 2\r\n\r\nab"),
        format!("PUT /api/x HTTP/1.1\r\n{auth}\r\nContent-Length: 2\r\n\r\nab"),
    ] {
        heads.store(0, Ordering::SeqCst);
        assert_eq!(door.ask(&get("/api/x")).await.status, 200);
        let answer = door.ask(&bytes).await;
        assert_eq!((answer.status, heads.load(Ordering::SeqCst)), (502, 1), "{bytes}");
        assert!(
            answer.json()["detail"]
                .as_str()
                .unwrap()
                .contains("broke the connection off"),
            "{}",
            answer.text()
        );
    }
}

#[tokio::test]
async fn what_was_answered_in_part_is_not_sent_again() {
    let upstream = Upstream::speaking(|mut stream, _| async move {
        if head(&mut stream).await {
            let _ = stream.write_all(HELLO).await;
        }
        if head(&mut stream).await {
            let _ = stream.write_all(b"HTTP/1.1 20").await;
        }
    })
    .await;
    let door = Door::before(&upstream.url).await;
    assert_eq!(door.ask(&get("/api/x")).await.status, 200);
    assert_eq!(door.ask(&get("/api/x")).await.status, 502);
    assert_eq!(upstream.connections(), 1);
}

#[tokio::test]
async fn a_post_goes_to_a_fresh_connection_when_the_rested_one_was_closed_before() {
    let upstream = Upstream::speaking(|mut stream, _| async move {
        if head(&mut stream).await {
            let _ = stream.write_all(HELLO).await;
        }
    })
    .await;
    let door = Door::before(&upstream.url).await;
    for _ in 0..5 {
        // The upstream closes after each answer, without saying so beforehand.
        assert_eq!(door.ask(&get("/api/x")).await.status, 200);
        pause(Duration::from_millis(20)).await;
        assert_eq!(door.ask(&get("/api/x").replace("GET", "POST")).await.status, 200);
        pause(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_502_says_whose_fault_and_the_breaker_fails_fast_then_tries_once() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let door = Door::before(&format!("http://{address}")).await;
    for _ in 0..3 {
        let answer = door.ask(&get("/api/x")).await;
        assert_eq!(answer.status, 502);
        assert!(
            answer.json()["detail"]
                .as_str()
                .unwrap()
                .contains("refused the connection"),
            "{}",
            answer.text()
        );
        assert!(answer.field("tidegate-decision").is_some());
    }
    let resting = door.ask(&get("/api/x")).await;
    assert_eq!(resting.status, 502);
    assert!(
        resting.json()["detail"]
            .as_str()
            .unwrap()
            .contains("several times in a row"),
        "{}",
        resting.text()
    );

    let listener = tokio::net::TcpListener::bind(address).await.unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                while head(&mut stream).await {
                    let _ = stream.write_all(HELLO).await;
                }
            });
        }
    });
    assert_eq!(door.ask(&get("/api/x")).await.status, 502, "it still rests");
    door.engine.clock.advance(Duration::from_millis(500));
    assert_eq!(door.ask(&get("/api/x")).await.text(), "hello");
}

#[tokio::test]
async fn an_upstream_that_is_silent_is_504_after_the_configured_time() {
    let upstream = Upstream::answering(|_| std::future::pending()).await;
    let door = Door::with(
        Setup::before(&upstream.url),
        Bounds {
            upstream_timeout: SHORT,
            ..Bounds::default()
        },
    )
    .await;
    let begun = begun();
    let answer = door.ask(&get("/api/x")).await;
    assert_eq!(answer.status, 504);
    assert!((SHORT..SHORT * 10).contains(&begun.elapsed()), "{:?}", begun.elapsed());
    assert!(
        answer.json()["detail"].as_str().unwrap().contains("150 ms"),
        "{}",
        answer.text()
    );
}

#[tokio::test]
async fn an_upload_that_lasts_longer_than_the_upstreams_time_is_not_its_silence() {
    let upstream = Upstream::hello().await;
    let door = Door::with(
        Setup::before(&upstream.url),
        Bounds {
            upstream_timeout: SHORT,
            ..Bounds::default()
        },
    )
    .await;
    let mut client = door.client().await;
    client
        .send(b"PUT /api/x HTTP/1.1\r\nHost: gate\r\nAuthorization: Bearer ann\r\nContent-Length: 3\r\n\r\n")
        .await;
    for _ in 0..3 {
        pause(SHORT).await;
        client.send(b"x").await;
    }
    assert_eq!(client.answer().await.text(), "hello");
}

#[tokio::test]
async fn an_upstream_that_stands_still_within_its_body_is_cut_and_not_passed_off_as_whole() {
    let upstream = Upstream::speaking(|mut stream, _| async move {
        head(&mut stream).await;
        let _ = stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc")
            .await;
        head(&mut stream).await;
    })
    .await;
    let door = Door::with(
        Setup::before(&upstream.url),
        Bounds {
            upstream_timeout: SHORT,
            ..Bounds::default()
        },
    )
    .await;
    let mut client = door.client().await;
    client.send(get("/api/x").as_bytes()).await;
    let all = String::from_utf8(client.rest().await).unwrap();
    assert!(all.starts_with("HTTP/1.1 200") && all.ends_with("abc"), "{all}");
}

#[tokio::test]
async fn what_is_not_http_and_an_upgrade_nobody_asked_for_are_502() {
    for answer in [
        "SSH-2.0-OpenSSH_9.6\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
    ] {
        let upstream = Upstream::speaking(move |mut stream, _| async move {
            head(&mut stream).await;
            let _ = stream.write_all(answer.as_bytes()).await;
            head(&mut stream).await;
        })
        .await;
        let door = Door::before(&upstream.url).await;
        assert_eq!(door.ask(&get("/api/x")).await.status, 502, "{answer}");
    }
}

#[tokio::test]
async fn informational_answers_are_not_taken_for_the_answer() {
    let upstream = Upstream::speaking(|mut stream, _| async move {
        while head(&mut stream).await {
            let _ = stream
                .write_all(b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n")
                .await;
            let _ = stream.write_all(HELLO).await;
        }
    })
    .await;
    let door = Door::before(&upstream.url).await;
    let mut client = door.client().await;
    for _ in 0..2 {
        assert_eq!(client.ask(&get("/api/x")).await.text(), "hello");
    }
}

#[tokio::test]
async fn at_the_cap_of_connections_a_request_waits_and_then_is_503() {
    let (release, released) = tokio::sync::watch::channel(false);
    let upstream = Upstream::answering(move |_| {
        let mut released = released.clone();
        async move {
            let _ = released.wait_for(|released| *released).await;
            Response::new(Body::full("hello"))
        }
    })
    .await;
    let bounds = Bounds {
        upstream_connections_max: 2,
        upstream_wait_max: SHORT,
        ..Bounds::default()
    };
    let door = Door::with(Setup::before(&upstream.url), bounds).await;
    let mut working = Vec::new();
    for number in 1..=2 {
        let mut client = door.client().await;
        client.send(get("/api/x").as_bytes()).await;
        while upstream.requests() < number {
            tokio::task::yield_now().await;
        }
        working.push(client);
    }
    let refused = door.ask(&get("/api/x")).await;
    assert_eq!(refused.status, 503);
    assert!(refused.field("retry-after").unwrap().parse::<u64>().unwrap() >= 1);
    assert_eq!(
        refused.json()["type"],
        "https://iana.org/assignments/http-problem-types#temporary-reduced-capacity"
    );

    let mut waiting = door.client().await;
    waiting.send(get("/api/x").as_bytes()).await;
    release.send(true).unwrap();
    assert_eq!(waiting.answer().await.text(), "hello");
    for mut client in working {
        assert_eq!(client.answer().await.text(), "hello");
    }
    assert!(upstream.connections() <= 2, "{}", upstream.connections());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn under_load_connections_never_exceed_the_cap() {
    let upstream = Upstream::hello().await;
    let bounds = Bounds {
        upstream_connections_max: 3,
        upstream_wait_max: Duration::from_secs(10),
        ..Bounds::default()
    };
    let door = Arc::new(Door::with(Setup::before(&upstream.url), bounds).await);
    let clients: Vec<_> = (0..20)
        .map(|_| {
            let door = door.clone();
            tokio::spawn(async move {
                let mut client = door.client().await;
                for _ in 0..50 {
                    assert_eq!(client.ask(&get("/api/x")).await.status, 200);
                }
            })
        })
        .collect();
    for client in clients {
        client.await.unwrap();
    }
    assert_eq!(upstream.connections(), 3);
}

#[tokio::test]
async fn a_connection_that_rested_too_long_is_not_used() {
    let upstream = Upstream::hello().await;
    let door = Door::before(&upstream.url).await;
    assert_eq!(door.ask(&get("/api/x")).await.status, 200);
    door.engine.clock.advance(Duration::from_secs(30));
    assert_eq!(door.ask(&get("/api/x")).await.status, 200);
    assert_eq!(upstream.connections(), 1);
    door.engine.clock.advance(Duration::from_secs(31));
    assert_eq!(door.ask(&get("/api/x")).await.status, 200);
    assert_eq!(upstream.connections(), 2);
}

#[tokio::test]
async fn an_answer_given_before_the_body_was_read_does_not_leave_a_connection_out_of_step() {
    let upstream = Upstream::speaking(|mut stream, _| async move {
        while head(&mut stream).await {
            let _ = stream
                .write_all(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno")
                .await;
        }
    })
    .await;
    let door = Door::before(&upstream.url).await;
    let mut client = door.client().await;
    client
        .send(b"PUT /api/x HTTP/1.1\r\nHost: gate\r\nAuthorization: Bearer ann\r\nContent-Length: 2000\r\n\r\nxx")
        .await;
    assert_eq!(client.answer().await.status, 403);
    assert_eq!(door.ask(&get("/api/x")).await.status, 403);
    assert_eq!(upstream.connections(), 2, "the first still owed its body");
}

#[tokio::test]
async fn an_upstream_that_takes_no_connection_in_time_is_502() {
    // A listener that accepts nothing: its queue of one is filled, and the kernel lets further ones wait.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(0).unwrap();
    let address = listener.local_addr().unwrap();
    let mut queued = Vec::new();
    while let Ok(stream) = tokio::time::timeout(SHORT, TcpStream::connect(address)).await {
        queued.push(stream);
    }
    let bounds = Bounds {
        upstream_connect_timeout: SHORT,
        ..Bounds::default()
    };
    let door = Door::with(Setup::before(&format!("http://{address}")), bounds).await;
    let answer = door.ask(&get("/api/x")).await;
    assert_eq!(answer.status, 502);
    assert!(
        answer.text().contains("did not take the connection in time"),
        "{}",
        answer.text()
    );
}
