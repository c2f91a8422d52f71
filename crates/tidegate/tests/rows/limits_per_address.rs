//! G1, G2, G3 and SEMANTICS rule 1: who is unknown counts by address; who is known counts apart; feeds are exempt.

use std::time::Duration;

use http::StatusCode;
use tidegate_config::Source;

use crate::gate::{Ask, Gate};

const LAST_VALUE: &str = "/api/comp/kitchen/stream/temp/last_value";

async fn grovestreams() -> Gate {
    Gate::with(Source::Preset("grovestreams".into()), None).await
}

/// Answers of this status before the first 429.
async fn before_429(gate: &Gate, status: StatusCode, ask: impl Fn() -> Ask) -> u32 {
    for count in 0..2_000 {
        let answer = gate.send(ask()).await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            return count;
        }
        assert_eq!(answer.status, status, "{}", answer.text());
    }
    panic!("never refused")
}

// G1, SEMANTICS rule 1: a 401 costs one unit of the address limit; once that is spent, 429.
#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_address_gets_150_an_hour_and_then_429() {
    let gate = grovestreams().await;
    assert_eq!(
        before_429(&gate, StatusCode::UNAUTHORIZED, || Ask::get(LAST_VALUE)).await,
        150
    );
    let refused = gate.send(Ask::get(LAST_VALUE)).await;
    assert_eq!(
        (&refused.json()["limit"], refused.retry_after_ms()),
        (&"unauthenticated-per-ip".into(), 24_000)
    );
    gate.pass(Duration::from_secs(24));
    assert_eq!(gate.send(Ask::get(LAST_VALUE)).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(
        gate.send(Ask::get(LAST_VALUE)).await.status,
        StatusCode::TOO_MANY_REQUESTS
    );
}

// G1
#[tokio::test(flavor = "multi_thread")]
async fn a_bad_credential_counts_as_an_unknown_caller() {
    let gate = grovestreams().await;
    let count = before_429(&gate, StatusCode::UNAUTHORIZED, || {
        Ask::get(LAST_VALUE).token("tg_pat_wrong")
    })
    .await;
    assert_eq!(count, 150);
}

// G1: per address.
#[tokio::test(flavor = "multi_thread")]
async fn another_address_is_not_touched() {
    let gate = grovestreams().await;
    before_429(&gate, StatusCode::UNAUTHORIZED, || Ask::get(LAST_VALUE)).await;
    let other = gate.send(Ask::get(LAST_VALUE).from([127, 0, 0, 2])).await;
    assert_eq!(other.status, StatusCode::UNAUTHORIZED);
}

// G2: and the two do not touch each other.
#[tokio::test(flavor = "multi_thread")]
async fn a_known_caller_gets_350_an_hour_for_the_address_whoever_else_is_unknown_there() {
    let gate = grovestreams().await;
    let (ann, bob) = (gate.user("ann"), gate.user("bob"));
    before_429(&gate, StatusCode::UNAUTHORIZED, || Ask::get(LAST_VALUE)).await;
    for _ in 0..175 {
        assert_eq!(gate.get(LAST_VALUE, &ann).await.status, StatusCode::NOT_FOUND);
        assert_eq!(gate.get(LAST_VALUE, &bob).await.status, StatusCode::NOT_FOUND);
    }
    for token in [&ann, &bob] {
        let refused = gate.get(LAST_VALUE, token).await;
        assert_eq!(
            (refused.status, &refused.json()["limit"]),
            (StatusCode::TOO_MANY_REQUESTS, &"authenticated-per-ip".into())
        );
    }
    let elsewhere = gate.send(Ask::get(LAST_VALUE).token(&ann).from([127, 0, 0, 2])).await;
    assert_eq!(
        elsewhere.status,
        StatusCode::NOT_FOUND,
        "the limit is the address's, not the user's"
    );
}

// G3, SEMANTICS rule 16
#[tokio::test(flavor = "multi_thread")]
async fn feed_get_by_a_known_caller_is_exempt_and_feed_put_from_the_350() {
    let gate = grovestreams().await;
    let ann = gate.user("ann");
    let put = gate
        .send(Ask::put(&format!("/api/feed?compId=kitchen&temp=21.5&api_key={ann}")))
        .await;
    assert_eq!(put.status, StatusCode::OK, "{}", put.text());
    while gate.get(LAST_VALUE, &ann).await.status != StatusCode::TOO_MANY_REQUESTS {}
    for round in 0..400 {
        let feed = gate.get("/api/comp/kitchen/stream/temp/feed", &ann).await;
        assert_eq!(feed.status, StatusCode::OK, "{round}: {}", feed.text());
        assert_eq!(feed.field("ratelimit"), None, "no limit applied, so none is named");
    }
    let put = gate
        .send(Ask::put(&format!("/api/feed?compId=kitchen&temp=22&api_key={ann}")))
        .await;
    assert_eq!(put.status, StatusCode::OK, "{}", put.text());
}

// G3: an exempt operation says so on the limits page.
#[tokio::test(flavor = "multi_thread")]
async fn the_limits_page_says_what_is_exempt() {
    let gate = grovestreams().await;
    let page = gate.send(Ask::get("/limits")).await.json();
    let row = page
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["limit"] == "authenticated-per-ip")
        .unwrap()
        .clone();
    let text = row["applies_to"].as_str().unwrap();
    assert!(
        text.contains("except") && text.contains("feed-get") && text.contains("feed-put"),
        "{text}"
    );
}

// SEMANTICS rule 1: an unmatched path counts, whoever asks.
#[tokio::test(flavor = "multi_thread")]
async fn a_path_of_no_route_counts_whoever_asks_and_is_404() {
    let gate = Gate::start().await;
    let ann = gate.user("ann");
    assert_eq!(
        before_429(&gate, StatusCode::NOT_FOUND, || Ask::get("/nothing/here").token(&ann)).await,
        150
    );
    let refused = gate.get("/nothing/here", &ann).await;
    assert_eq!(refused.json()["limit"], "anonymous-per-ip");
    assert_eq!(
        gate.get("/swd/rest/stations", &ann).await.status,
        StatusCode::OK,
        "and nothing else"
    );
}

// SEMANTICS rule 6: 401, 403 and 404 cost their one unit, 429 and framing 400 nothing.
#[tokio::test(flavor = "multi_thread")]
async fn an_ambiguous_request_is_400_and_charged_to_nothing() {
    let gate = Gate::start().await;
    for _ in 0..200 {
        let refused = gate.send(Ask::get("/swd//rest/stations")).await;
        assert_eq!(
            (refused.status, refused.field("ratelimit")),
            (StatusCode::BAD_REQUEST, None)
        );
    }
    let first = gate.send(Ask::get("/swd/rest/stations")).await;
    assert_eq!(first.status, StatusCode::UNAUTHORIZED);
    assert!(
        first
            .field("ratelimit")
            .unwrap()
            .starts_with("\"anonymous-per-ip\";r=149"),
        "{:?}",
        first.headers
    );
}
