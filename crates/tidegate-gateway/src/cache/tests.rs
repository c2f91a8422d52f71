use std::{collections::HashMap, net::IpAddr};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, StatusCode};
use http_body_util::BodyExt;
use tidegate_core::{
    dialect::PROBLEM,
    identity::{Grants, Known, Token, TokenKind},
};

use super::*;
use crate::embedded_upstream::Concerns;

mod collapse;
mod pairs;

const START: Now = Now {
    mono_ns: 1_000_000_000_000,
    wall_ms: 1_795_348_800_000,
};

fn after(ms: u64) -> Now {
    Now {
        mono_ns: START.mono_ns + ms * 1_000_000,
        ..START
    }
}

fn cache_of(change: impl FnOnce(&mut bounds::Bounds)) -> Arc<Cache> {
    let mut bounds = bounds::Bounds::default();
    change(&mut bounds);
    Arc::new(Cache::new(&bounds))
}

fn plan() -> CachePlan {
    let (fresh_for, targets) = (Duration::from_secs(10), Arc::default());
    CachePlan {
        rule: Some(freshness::CacheRule { fresh_for, targets }),
        ..CachePlan::default()
    }
}

fn context(route: &str, token: Option<(&str, &str)>) -> RequestContext {
    let identity = match token {
        None => Identity::Anonymous,
        Some((id, user)) => Identity::Known(Known {
            token: Arc::new(Token {
                id: id.into(),
                kind: TokenKind::Personal,
                subject: user.into(),
                user: user.into(),
                tenant: "acme".into(),
                plan: None,
                grants: Grants::All,
                expires_ms: None,
            }),
            app: None,
        }),
    };
    RequestContext {
        identity,
        route: Some(route.into()),
        ..RequestContext::new(IpAddr::from([192, 0, 2, 1]), PROBLEM)
    }
}

fn head(method: &str, target: &str, fields: &[(&str, &str)]) -> Parts {
    let mut request = Request::builder().method(method).uri(target).body(()).unwrap();
    for (name, value) in fields {
        let name: HeaderName = name.parse().unwrap();
        request
            .headers_mut()
            .append(name, HeaderValue::from_str(value).unwrap());
    }
    request
        .headers_mut()
        .entry("host")
        .or_insert(HeaderValue::from_static("gate"));
    request.into_parts().0
}

fn answer(body: &str, fields: &[(&str, &str)]) -> Response<Body> {
    let mut response = Response::new(Body::full(body.to_owned()));
    for (name, value) in fields {
        let name: HeaderName = name.parse().unwrap();
        response
            .headers_mut()
            .append(name, HeaderValue::from_str(value).unwrap());
    }
    response
}

async fn text(response: Response<Body>) -> String {
    let bytes: Bytes = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Asks the cache, and where it has no answer the upstream, which is a closure here.
async fn ask(
    cache: &Arc<Cache>,
    plan: &CachePlan,
    context: &RequestContext,
    mut head: Parts,
    now: Now,
    upstream: impl FnOnce(&Parts) -> Response<Body>,
) -> (String, Outcome) {
    let clock = Clock::manual(now.wall_ms);
    match take_turn(cache, &clock, plan, context, &mut head, false, now).await {
        Turn::Answered(response, outcome) => (text(response).await, outcome),
        Turn::Failed(fault) => panic!("{fault}"),
        Turn::Forward(recorder) => {
            let (answered, outcome) = recorder.keep(async { Ok(upstream(&head)) }).await;
            (text(answered.unwrap()).await, outcome)
        }
    }
}

async fn get(cache: &Arc<Cache>, target: &str, now: Now, body: &str) -> String {
    let (told, _) = ask(
        cache,
        &plan(),
        &context("read", None),
        head("GET", target, &[]),
        now,
        |_| answer(body, &[]),
    )
    .await;
    told
}

// fault 77
#[tokio::test]
async fn an_answer_is_given_again_until_ten_seconds_after_it_was_asked_for() {
    let cache = cache_of(|_| {});
    assert_eq!(get(&cache, "/a", START, "first").await, "first");
    assert_eq!(get(&cache, "/a", after(9_999), "second").await, "first");
    assert_eq!(get(&cache, "/a", after(10_000), "third").await, "third");
    assert_eq!(get(&cache, "/a", after(19_999), "fourth").await, "third");
}

#[tokio::test]
async fn past_its_bounds_what_was_asked_for_longest_ago_goes() {
    let cache = cache_of(|bounds| bounds.cache_answers_max = 3);
    for target in ["/a", "/b", "/c", "/a", "/d"] {
        get(&cache, target, START, "first").await;
    }
    assert_eq!(cache.store.lock().holds().0, 3);
    assert_eq!(get(&cache, "/a", START, "second").await, "first");
    assert_eq!(get(&cache, "/b", START, "second").await, "second", "it was the oldest");

    let cache = cache_of(|bounds| bounds.cache_bytes_max = 20_000);
    for n in 0..1_000 {
        get(&cache, &format!("/{n}"), START, &"x".repeat(n)).await;
        let (answers, bytes) = cache.store.lock().holds();
        assert!(answers > 0 && bytes <= 20_000, "{answers} of {bytes} bytes");
    }
    cache.sweep(after(10_000));
    assert_eq!(cache.store.lock().holds(), (0, 0), "nothing is left of what is over");
}

#[tokio::test]
async fn a_body_past_its_bound_goes_on_whole_and_is_not_kept() {
    let cache = cache_of(|bounds| bounds.cache_body_bytes_max = 10);
    let ten = get(&cache, "/ten", START, "0123456789").await;
    assert_eq!((ten.len(), get(&cache, "/ten", START, "new").await.len()), (10, 10));
    let eleven = get(&cache, "/eleven", START, "0123456789a").await;
    assert_eq!(
        (eleven.len(), get(&cache, "/eleven", START, "new").await.len()),
        (11, 3)
    );
    // One whose length nobody said.
    for (bytes, again) in [(9, "xxxxxxxxx"), (12, "new")] {
        let pieces = (0..bytes).map(|_| Ok::<_, String>(http_body::Frame::data(Bytes::from("x"))));
        let body = Body::boxed(http_body_util::StreamBody::new(futures_util::stream::iter(pieces)));
        let target = format!("/open-{bytes}");
        let asked = head("GET", &target, &[]);
        let (told, _) = ask(&cache, &plan(), &context("read", None), asked, START, |_| {
            Response::new(body)
        })
        .await;
        assert_eq!(told.len(), bytes);
        assert_eq!(get(&cache, &target, START, "new").await, again);
    }
    assert_eq!(cache.recording.load(std::sync::atomic::Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_key_has_a_few_answers_by_the_fields_that_select_them() {
    let cache = cache_of(|_| {});
    let vary = [("vary", "accept-language")];
    for n in 0..12 {
        let language = format!("l{n}");
        let fields = [("accept-language", language.as_str())];
        let asked = head("GET", "/a", &fields);
        ask(&cache, &plan(), &context("read", None), asked, START, |_| {
            answer(&language, &vary)
        })
        .await;
    }
    assert_eq!(cache.store.lock().holds().0, 8);
    for (language, told) in [("l11", "l11"), ("l4", "l4"), ("l0", "new")] {
        let asked = head("GET", "/a", &[("accept-language", language)]);
        let (found, _) = ask(&cache, &plan(), &context("read", None), asked, START, |_| {
            answer("new", &vary)
        })
        .await;
        assert_eq!(found, told);
    }
}

/// An answer that says what it concerns.
fn concerning(body: &str, name: Option<&str>) -> Response<Body> {
    let mut response = answer(body, &[]);
    if let Some(name) = name {
        let names = [Arc::from(name)].into();
        response.extensions_mut().insert(Concerns { names });
    }
    response
}

/// Returns what Ann reads of a component, or of all of them.
async fn read(cache: &Arc<Cache>, target: &str, body: &str) -> String {
    let name = target.trim_start_matches("/comp/");
    let ann = context("read", Some(("t", "ann")));
    let upstream = |_: &Parts| concerning(body, (name != "all").then_some(name));
    ask(cache, &plan(), &ann, head("GET", target, &[]), START, upstream)
        .await
        .0
}

/// Bob of the same tenant writes.
async fn write(cache: &Arc<Cache>, target: &str, name: Option<&str>, status: StatusCode) {
    let plan = CachePlan {
        drops: [Arc::from("read")].into(),
        ..CachePlan::default()
    };
    let upstream = |_: &Parts| {
        let mut response = concerning("done", name);
        *response.status_mut() = status;
        response
    };
    let bob = context("write", Some(("u", "bob")));
    ask(cache, &plan, &bob, head("PUT", target, &[]), START, upstream).await;
}

#[tokio::test]
async fn what_a_change_makes_stale_is_not_given_again_and_nothing_else_is_dropped() {
    let cache = cache_of(|_| {});
    let state = async |body| {
        let mut told = Vec::new();
        for target in ["/comp/a", "/comp/b", "/comp/all"] {
            told.push(read(&cache, target, body).await);
        }
        told
    };
    assert_eq!(state("1").await, ["1", "1", "1"]);
    write(&cache, "/x", Some("a"), StatusCode::OK).await;
    assert_eq!(
        state("2").await,
        ["2", "1", "2"],
        "one component, and what may be made from it"
    );
    write(&cache, "/x", Some("a"), StatusCode::BAD_REQUEST).await;
    assert_eq!(state("3").await, ["2", "1", "2"], "what was refused changed nothing");
    write(&cache, "/x", None, StatusCode::OK).await;
    assert_eq!(state("4").await, ["4", "4", "4"], "all of the tenant");
    write(&cache, "/comp/b", Some("z"), StatusCode::OK).await;
    assert_eq!(state("5").await, ["4", "5", "5"], "its own path, whatever it names");
}

#[tokio::test]
async fn a_change_whose_caller_leaves_is_one_and_one_that_was_never_sent_is_none() {
    let cache = cache_of(|_| {});
    let clock = Clock::manual(START.wall_ms);
    for (is_sent, told) in [(false, "first"), (true, "second")] {
        assert_eq!(get(&cache, "/a", START, "first").await, "first");
        let mut put = head("PUT", "/a", &[]);
        let anonymous = context("write", None);
        let turn = take_turn(&cache, &clock, &CachePlan::default(), &anonymous, &mut put, true, START).await;
        let Turn::Forward(recorder) = turn else {
            panic!("it is no read")
        };
        if is_sent {
            let mut keeping = Box::pin(recorder.keep(std::future::pending()));
            let waiting = std::future::poll_fn(|cx| std::task::Poll::Ready(keeping.as_mut().poll(cx).is_pending()));
            assert!(waiting.await);
        }
        assert_eq!(get(&cache, "/a", START, "second").await, told);
    }
}

#[tokio::test]
async fn more_changes_than_are_remembered_leave_nothing_of_before() {
    let cache = cache_of(|_| {});
    assert_eq!(get(&cache, "/a", START, "first").await, "first");
    let mut n = 0_u128;
    while n <= store::CHANGES_MAX as u128 {
        n += 1;
        cache.store.lock().change([tidegate_core::partition::CellId(n)]);
    }
    assert_eq!(get(&cache, "/a", START, "second").await, "second");
    assert_eq!(get(&cache, "/a", START, "third").await, "second");
}

#[tokio::test]
async fn what_is_over_is_asked_about_and_a_304_gives_it_another_time() {
    let cache = cache_of(|_| {});
    let anonymous = context("read", None);
    let tag = [("etag", "\"a\""), ("x-part", "old")];
    ask(&cache, &plan(), &anonymous, head("GET", "/a", &[]), START, |_| {
        answer("first", &tag)
    })
    .await;
    let asked = head("GET", "/a", &[("if-none-match", "\"of the caller\"")]);
    let kept = plan();
    let again = ask(&cache, &kept, &anonymous, asked, after(10_000), |head| {
        assert_eq!(head.headers["if-none-match"], "\"a\"");
        let mut response = answer("", &[("x-part", "new")]);
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response
    });
    assert_eq!(again.await.0, "first");
    assert_eq!(get(&cache, "/a", after(19_999), "second").await, "first");
    let mut asked = head("GET", "/a", &[]);
    match take_turn(
        &cache,
        &Clock::manual(0),
        &plan(),
        &anonymous,
        &mut asked,
        false,
        after(19_999),
    )
    .await
    {
        Turn::Answered(response, _) => assert_eq!(
            (&response.headers()["x-part"], &response.headers()["age"]),
            (&"new".parse().unwrap(), &"9".parse().unwrap())
        ),
        _ => panic!("it is kept"),
    }
    for (ms, answers) in [(10_000 + 69_999, 1), (10_000 + 70_000, 0)] {
        cache.sweep(after(ms));
        assert_eq!(
            cache.store.lock().holds().0,
            answers,
            "a minute longer than it is fresh"
        );
    }
}

// fault 74
#[tokio::test]
async fn what_a_caller_writes_into_fields_that_servers_heed_changes_no_others_answer() {
    for name in [
        "cookie",
        "origin",
        "x-forwarded-host",
        "x-original-url",
        "x-http-method-override",
        "x-api-key",
    ] {
        let cache = cache_of(|_| {});
        let reflects = |head: &Parts| answer(head.headers.get(name).map_or("", |value| value.to_str().unwrap()), &[]);
        let anonymous = context("read", None);
        let evil = head("GET", "/a", &[(name, "evil")]);
        assert_eq!(ask(&cache, &plan(), &anonymous, evil, START, reflects).await.0, "evil");
        assert_eq!(
            ask(&cache, &plan(), &anonymous, head("GET", "/a", &[]), START, reflects)
                .await
                .0,
            "",
            "{name}"
        );
    }
}

#[tokio::test]
async fn nothing_of_a_request_can_be_read_from_what_is_kept() {
    let cache = cache_of(|_| {});
    let fields = [
        ("authorization", "Bearer SECRET1"),
        ("cookie", "session=SECRET2"),
        ("vary-me", "SECRET4"),
    ];
    let asked = head("GET", "/a?api_key=SECRET3", &fields);
    let vary = [("vary", "vary-me")];
    ask(
        &cache,
        &plan(),
        &context("read", Some(("t", "ann"))),
        asked,
        START,
        |_| answer("told", &vary),
    )
    .await;
    assert_eq!(cache.store.lock().holds().0, 1);
    let printed = format!("{cache:?}");
    assert!(!printed.contains("SECRET"), "{printed}");
}
