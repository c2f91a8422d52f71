//! An upstream of several servers: whose turn it is, who is left out, and what is never sent twice.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use http::{Response, StatusCode};
use tidegate_core::upstream::{Check, Remote, Server, Upstream as Way};
use tidegate_gateway::{Body, Bounds};
use tokio::io::AsyncWriteExt;

use crate::support::{
    Door, Setup, Upstream, get,
    upstream::{HELLO, head},
};

fn server(url: &str, weight: u32) -> Server {
    Server {
        base: url.parse().unwrap(),
        weight,
    }
}

async fn door(servers: &[(&str, u32)], check: Option<Check>) -> Door {
    let mut servers: Vec<Server> = servers.iter().map(|(url, weight)| server(url, *weight)).collect();
    let remote = Remote {
        first: servers.remove(0),
        others: servers,
        host: None,
        roots: Vec::new(),
        check,
    };
    let mut policy = Setup::before("http://unused").policy();
    policy.pages[0].upstream = Way::Remote(Arc::new(remote));
    Door::of(policy, Bounds::default()).await
}

fn quick_check() -> Check {
    Check {
        path: "/healthz".into(),
        interval: Duration::from_millis(10),
        timeout: Duration::from_secs(5),
        unhealthy_after: 2,
        healthy_after: 2,
    }
}

/// Answers with its name, and its checks as `well` says; counts both.
struct Named {
    upstream: Upstream,
    well: Arc<AtomicBool>,
    checks: Arc<AtomicUsize>,
}

async fn named(name: &'static str) -> Named {
    let well = Arc::new(AtomicBool::new(true));
    let checks = Arc::new(AtomicUsize::new(0));
    let upstream = Upstream::answering({
        let (well, checks) = (well.clone(), checks.clone());
        move |request| {
            let (well, checks) = (well.clone(), checks.clone());
            async move {
                if request.uri().path() != "/healthz" {
                    return Response::new(Body::full(name));
                }
                checks.fetch_add(1, Ordering::SeqCst);
                let mut response = Response::new(Body::empty());
                if !well.load(Ordering::SeqCst) {
                    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
                }
                response
            }
        }
    })
    .await;
    Named { upstream, well, checks }
}

impl Named {
    /// Waits until it was checked so often again; the last of them but one has been judged by then.
    async fn checked(&self, times: usize) {
        let until = self.checks.load(Ordering::SeqCst) + times;
        while self.checks.load(Ordering::SeqCst) < until {
            tokio::task::yield_now().await;
        }
    }
}

async fn names(door: &Door, requests: usize) -> String {
    let mut names = String::new();
    for _ in 0..requests {
        let answer = door.ask(&get("/api/x")).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        names += &answer.text();
    }
    names
}

/// An address where nobody listens.
fn nobody() -> String {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", free.local_addr().unwrap())
}

#[tokio::test]
async fn servers_get_requests_by_their_weights_and_each_in_its_turn() {
    let (a, b) = (named("a").await, named("b").await);
    let door = door(&[(&a.upstream.url, 3), (&b.upstream.url, 1)], None).await;
    assert_eq!(names(&door, 8).await, "aabaaaba");
}

#[tokio::test]
async fn whoever_has_the_least_at_work_for_its_weight_is_next() {
    let (release, released) = tokio::sync::watch::channel(false);
    let slow = Upstream::answering(move |_| {
        let mut released = released.clone();
        async move {
            let _ = released.wait_for(|released| *released).await;
            Response::new(Body::full("slow"))
        }
    })
    .await;
    let quick = named("q").await;
    let door = door(&[(&slow.url, 1), (&quick.upstream.url, 1)], None).await;
    let mut waiting = door.client().await;
    waiting.send(get("/api/x").as_bytes()).await;
    while slow.requests() == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(names(&door, 5).await, "qqqqq");
    release.send(true).unwrap();
    assert_eq!(waiting.answer().await.text(), "slow");
}

#[tokio::test]
async fn a_server_that_takes_no_connection_costs_no_request_and_is_left_alone_after_three() {
    let b = named("b").await;
    let gone = nobody();
    let door = door(&[(&gone, 1), (&b.upstream.url, 1)], None).await;
    assert_eq!(names(&door, 20).await, "b".repeat(20));
    // It is asked for again once its rest is over, and found.
    let listener = tokio::net::TcpListener::bind(gone.strip_prefix("http://").unwrap())
        .await
        .unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                while head(&mut stream).await {
                    let _ = stream.write_all(HELLO).await;
                }
            });
        }
    });
    assert_eq!(names(&door, 4).await, "bbbb", "it still rests");
    door.engine.clock.advance(Duration::from_millis(500));
    assert!(names(&door, 2).await.contains("hello"));
}

#[tokio::test]
async fn a_server_whose_checks_fail_gets_no_request_until_they_succeed() {
    let (a, b) = (named("a").await, named("b").await);
    let door = door(&[(&a.upstream.url, 1), (&b.upstream.url, 1)], Some(quick_check())).await;
    a.checked(1).await;
    assert_eq!(names(&door, 2).await.len(), 2);
    a.well.store(false, Ordering::SeqCst);
    a.checked(4).await;
    assert_eq!(names(&door, 4).await, "bbbb");
    a.well.store(true, Ordering::SeqCst);
    a.checked(4).await;
    let back = names(&door, 2).await;
    assert!(back.contains('a') && back.contains('b'), "{back}");
}

#[tokio::test]
async fn where_all_checks_fail_servers_are_tried_anyway() {
    let (a, b) = (named("a").await, named("b").await);
    let door = door(&[(&a.upstream.url, 1), (&b.upstream.url, 1)], Some(quick_check())).await;
    for server in [&a, &b] {
        server.well.store(false, Ordering::SeqCst);
    }
    a.checked(4).await;
    b.checked(4).await;
    assert_eq!(names(&door, 2).await.len(), 2);
}

#[tokio::test]
async fn where_no_server_takes_a_connection_the_answer_is_502_and_says_so() {
    let door = door(&[(&nobody(), 1), (&nobody(), 1)], None).await;
    let answer = door.ask(&get("/api/x")).await;
    assert_eq!(answer.status, 502);
    assert!(answer.text().contains("refused the connection"), "{}", answer.text());
}

#[tokio::test]
async fn what_one_server_may_have_done_no_other_is_asked_to_do() {
    let broken = Upstream::speaking(|mut stream, _| async move {
        head(&mut stream).await;
    })
    .await;
    let b = named("b").await;
    let door = door(&[(&broken.url, 1), (&b.upstream.url, 1)], None).await;
    let statuses = [
        door.ask(&get("/api/x")).await.status,
        door.ask(&get("/api/x")).await.status,
    ];
    assert_eq!((statuses, b.upstream.requests()), ([502, 200], 1));
}
