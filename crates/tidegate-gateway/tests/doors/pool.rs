//! The pool: reuse, one try again where nothing was sent, and the cap of connections.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use http::Response;
use tidegate_gateway::{Body, Bounds};
use tokio::io::AsyncWriteExt;

use crate::support::{
    Door, Setup, Upstream, get, pause, put,
    upstream::{HELLO, head},
};

const SHORT: Duration = Duration::from_millis(150);

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

// fault 50
#[tokio::test]
async fn bodies_that_trickle_leave_connections_to_requests_that_are_whole() {
    let upstream = Upstream::hello().await;
    let bounds = Bounds {
        upstream_connections_max: 4,
        upstream_wait_max: SHORT,
        ..Bounds::default()
    };
    let door = Door::with(Setup::before(&upstream.url), bounds).await;
    let begin = put("/api/x", "Content-Length: 2\r\n") + "a";
    let mut slow = Vec::new();
    for number in 1..=3 {
        let mut client = door.client().await;
        client.send(begin.as_bytes()).await;
        while upstream.requests() < number {
            tokio::task::yield_now().await;
        }
        slow.push(client);
    }
    // Of four connections three may wait for bodies, and nobody's GET is refused for a fourth that does.
    assert_eq!(door.ask(&begin).await.status, 503);
    assert_eq!(door.ask(&get("/api/x")).await.status, 200);
    for client in &mut slow {
        client.send(b"b").await;
        assert_eq!(client.answer().await.status, 200);
    }
    let after = put("/api/x", "Content-Length: 1\r\n") + "a";
    assert_eq!(
        door.ask(&after).await.status,
        200,
        "a body that came whole frees its place"
    );
}

// docs/semantics.md rule 6: a 503 charges nothing; an upstream that was asked and failed has cost the unit.
#[tokio::test]
async fn a_503_for_lack_of_connections_charges_nothing_and_a_502_its_unit() {
    let (release, released) = tokio::sync::watch::channel(false);
    let upstream = Upstream::speaking(move |mut stream, _| {
        let mut released = released.clone();
        async move {
            while head(&mut stream).await {
                let _ = released.wait_for(|released| *released).await;
                let _ = stream.write_all(HELLO).await;
            }
        }
    })
    .await;
    let bounds = Bounds {
        upstream_connections_max: 1,
        upstream_wait_max: SHORT,
        ..Bounds::default()
    };
    let setup = Setup {
        user_quota: 10,
        ..Setup::before(&upstream.url)
    };
    let door = Door::with(setup, bounds).await;
    let mut working = door.client().await;
    working.send(get("/api/x").as_bytes()).await;
    while upstream.connections() < 1 {
        tokio::task::yield_now().await;
    }
    // More than the quota would be, were they charged.
    for _ in 0..12 {
        let refused = door.ask(&get("/api/x")).await;
        assert_eq!(refused.status, 503, "{}", refused.text());
        assert_eq!(
            refused.field("ratelimit"),
            None,
            "nothing was counted, so nothing is said of it"
        );
    }
    release.send(true).unwrap();
    assert_eq!(working.answer().await.text(), "hello");
    let next = door.ask(&get("/api/x")).await;
    assert!(
        next.field("ratelimit").unwrap().starts_with("\"per-user\";r=8"),
        "{}",
        next.head
    );

    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = free.local_addr().unwrap();
    drop(free);
    let gone = Door::with(
        Setup {
            user_quota: 10,
            ..Setup::before(&format!("http://{nobody}"))
        },
        Bounds::default(),
    )
    .await;
    assert_eq!(gone.ask(&get("/api/x")).await.status, 502);
    let second = gone.ask(&get("/api/x")).await;
    assert!(
        second.field("ratelimit").unwrap().starts_with("\"per-user\";r=8"),
        "{}",
        second.head
    );
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

// fault 44
#[tokio::test]
async fn an_answer_nobody_asked_for_is_given_to_nobody() {
    for wait in [Duration::ZERO, Duration::from_millis(20)] {
        let upstream = Upstream::speaking(move |mut stream, number| async move {
            while head(&mut stream).await {
                let _ = stream.write_all(HELLO).await;
                if number == 1 {
                    pause(wait).await;
                    let _ = stream
                        .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nforged")
                        .await;
                }
            }
        })
        .await;
        let door = Door::before(&upstream.url).await;
        for _ in 0..3 {
            assert_eq!(door.ask(&get("/api/x")).await.text(), "hello");
            pause(wait + Duration::from_millis(20)).await;
        }
        assert_eq!(upstream.connections(), 2);
    }
}
