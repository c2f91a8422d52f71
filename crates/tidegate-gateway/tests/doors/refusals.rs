//! In what order answers come, what they say, and what they cost.

use std::{sync::atomic::Ordering, time::Duration};

use tidegate_gateway::Bounds;

use crate::support::{Door, Setup, Upstream, get};

fn setup(upstream: &Upstream, user_quota: u32, anonymous_quota: u32) -> Setup {
    Setup {
        user_quota,
        anonymous_quota,
        ..Setup::before(&upstream.url)
    }
}

fn anonymous(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: gate\r\n\r\n")
}

#[tokio::test]
async fn a_refused_call_reaches_no_upstream_and_says_why() {
    let upstream = Upstream::hello().await;
    let door = Door::with(setup(&upstream, 2, 9), Bounds::default()).await;
    for left in [1, 0] {
        let answer = door.ask(&get("/api/x?token=ann")).await;
        assert_eq!((answer.status, answer.text().as_str()), (200, "hello"));
        assert_eq!(answer.field("ratelimit-policy"), Some("\"per-user\";q=2;w=60"));
        assert!(
            answer
                .field("ratelimit")
                .unwrap()
                .starts_with(&format!("\"per-user\";r={left};t=")),
            "{}",
            answer.head
        );
        assert_eq!(answer.field("tidegate-decision"), None);
    }
    let answer = door.ask(&get("/api/x?token=ann")).await;
    assert_eq!((answer.status, upstream.requests()), (429, 2));
    assert_eq!(answer.field("retry-after"), Some("30"));
    assert_eq!(answer.json()["retry_after_ms"], 30_000);
    assert_eq!(answer.json()["limit"], "per-user");
    assert_eq!(answer.field("content-type"), Some("application/problem+json"));
    assert_eq!(answer.field("cache-control"), Some("no-store"));
    assert!(answer.field("date").is_some() && answer.field("ratelimit").unwrap().contains("r=0"));

    let decision = answer.field("tidegate-decision").unwrap().parse().unwrap();
    let remembered = door.engine.refusals.get(decision).unwrap();
    assert_eq!(
        (
            remembered.status,
            remembered.user.as_deref(),
            remembered.route.as_deref()
        ),
        (429, Some("ann"), Some("api"))
    );
    assert_eq!(remembered.request, "GET /api/x");
    assert_eq!(remembered.cells.len(), 1);

    door.engine.clock.advance(Duration::from_secs(30));
    assert_eq!(door.ask(&get("/api/x")).await.status, 200);
}

#[tokio::test]
async fn limits_come_before_401_and_a_401_costs_one_unit_of_the_address() {
    let upstream = Upstream::hello().await;
    let door = Door::with(setup(&upstream, 9, 3), Bounds::default()).await;
    let missing = door.ask(&anonymous("/api/x")).await;
    assert_eq!(
        (missing.status, missing.field("www-authenticate")),
        (401, Some("bearer"))
    );
    assert!(missing.field("ratelimit").unwrap().contains("\"anonymous-per-ip\";r=2"));
    let bad = door.ask(&get("/api/x").replace("ann", "old")).await;
    assert_eq!(
        (bad.status, bad.field("www-authenticate")),
        (401, Some("bearer error=\"invalid_token\""))
    );
    assert_eq!(
        door.ask(&get("/nowhere")).await.status,
        404,
        "a path without route counts by address, whoever asks"
    );
    assert_eq!(door.ask(&anonymous("/api/x")).await.status, 429);
    assert_eq!(door.ask(&get("/nowhere")).await.status, 429);
    assert_eq!(
        door.ask(&get("/api/x")).await.status,
        200,
        "who is known does not count there"
    );
    assert_eq!(upstream.requests(), 1);
}

#[tokio::test]
async fn each_cause_has_its_status() {
    let upstream = Upstream::hello().await;
    let door = Door::before(&upstream.url).await;
    for (path, token, status) in [
        ("/api/x?token=bob", "ann", 400),
        ("/api/x", "app", 401),
        ("/api/x", "unknown", 401),
        ("/nowhere", "ann", 404),
        ("/swd/rest/stations/1", "bob", 200),
        ("/swd/rest/stations/2", "bob", 403),
        ("/swd/rest/stations/77", "bob", 404),
        ("/swd/rest/stations/77", "ann", 200),
        ("/open/x?token=bob", "ann", 400),
        ("/open/x", "unknown", 200),
        ("/open/x", "app", 200),
    ] {
        let answer = door.ask(&get(path).replace("ann", token)).await;
        assert_eq!(answer.status, status, "{path} as {token}: {}", answer.text());
        assert_eq!(
            answer.field("tidegate-decision").is_some(),
            status != 200,
            "{path} as {token}"
        );
    }
}

#[tokio::test]
async fn refusals_on_tempest_paths_are_in_that_dialect_also_without_a_route() {
    let upstream = Upstream::hello().await;
    let door = Door::before(&upstream.url).await;
    let answer = door.ask(&get("/swd/rest/stations/2").replace("ann", "bob")).await;
    assert_eq!(answer.field("content-type"), Some("application/json"));
    assert_eq!(answer.json()["status"]["status_code"], 403);
    assert_eq!(
        door.ask(&get("/swd/nothing")).await.json()["status"]["status_code"],
        404
    );
    assert_eq!(door.ask(&get("/other")).await.json()["status"], 404);
}

#[tokio::test]
async fn an_authority_that_fails_is_our_fault_and_charges_nothing() {
    let upstream = Upstream::hello().await;
    let door = Door::with(setup(&upstream, 1, 1), Bounds::default()).await;
    door.house.broken.store(true, Ordering::SeqCst);
    for _ in 0..3 {
        let answer = door.ask(&get("/api/x")).await;
        assert_eq!(answer.status, 500);
        assert!(!answer.text().contains("disk"));
    }
    door.house.broken.store(false, Ordering::SeqCst);
    assert_eq!(door.ask(&get("/api/x")).await.status, 200);
}

#[tokio::test]
async fn the_callers_pages_count_in_their_guard_alone() {
    let upstream = Upstream::hello().await;
    let door = Door::with(
        Setup {
            guard_quota: 2,
            ..setup(&upstream, 1, 1)
        },
        Bounds::default(),
    )
    .await;
    assert_eq!(door.ask(&get("/limits/me")).await.text(), "pages for ann");
    assert_eq!(door.ask(&anonymous("/limits")).await.text(), "pages for anonymous");
    let refused = door.ask(&get("/limits/me")).await;
    assert_eq!((refused.status, &refused.json()["limit"]), (429, &"pages-guard".into()));
    assert_eq!(door.ask(&get("/api/x")).await.status, 200);
    assert_eq!(door.ask(&anonymous("/open/x")).await.status, 200);
}

#[tokio::test]
async fn what_goes_inside_carries_who_asks() {
    let upstream = Upstream::hello().await;
    let door = Door::before(&upstream.url).await;
    assert_eq!(door.ask(&get("/swd/rest/stations?a=1")).await.text(), "inside for ann");
    assert_eq!(*door.house.calls.lock(), ["GET /swd/rest/stations?a=1 ann"]);
}

#[tokio::test]
async fn at_in_flight_max_one_more_is_503_before_anything_is_looked_up() {
    let upstream = Upstream::answering(|_| std::future::pending()).await;
    let door = Door::with(
        setup(&upstream, 9, 9),
        Bounds {
            in_flight_max: 1,
            ..Bounds::default()
        },
    )
    .await;
    let mut first = door.client().await;
    first.send(get("/api/x").as_bytes()).await;
    while upstream.requests() == 0 {
        tokio::task::yield_now().await;
    }
    let answer = door.ask(&get("/api/x")).await;
    assert_eq!((answer.status, door.house.lookups.load(Ordering::SeqCst)), (503, 1));
    let wait_ms = answer.json()["retry_after_ms"].as_u64().unwrap();
    assert_eq!(
        answer.field("retry-after"),
        Some(wait_ms.div_ceil(1000).to_string().as_str())
    );
    assert_eq!(answer.field("ratelimit"), None);
    drop(first);
    while door.gateway.in_flight() > 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn an_authority_that_hangs_is_not_waited_for_for_ever() {
    let upstream = Upstream::hello().await;
    let door = Door::before(&upstream.url).await;
    let answer = door.ask(&get("/api/x").replace("ann", "hang")).await;
    assert_eq!(answer.status, 500);
    assert!(door.gateway.in_flight() <= 1);
}

#[tokio::test]
async fn what_hangs_inside_is_504() {
    let upstream = Upstream::hello().await;
    let bounds = Bounds {
        upstream_timeout: Duration::from_millis(100),
        ..Bounds::default()
    };
    let door = Door::with(Setup::before(&upstream.url), bounds).await;
    let answer = door.ask(&get("/swd/rest/x?hang")).await;
    assert_eq!(
        (answer.status, &answer.json()["status"]["status_code"]),
        (504, &504.into())
    );
}
