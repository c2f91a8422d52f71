//! G4, G5, G6 and SEMANTICS rule 16: twelve puts in any two minutes, for an address or a device that names itself, and
//! what names gain.

use std::time::Duration;

use http::StatusCode;
use serde_json::json;
use tidegate_config::Source;

use crate::gate::{Answer, Ask, Gate, START_MS};

async fn grovestreams() -> Gate {
    Gate::with(Source::Preset("grovestreams".into()), None).await
}

/// A put of one sample, by a device that names itself, or not.
async fn put(gate: &Gate, token: &str, device: Option<&str>) -> Answer {
    let ask = Ask::put(&format!("/api/feed?compId=kitchen&temp=21.5&api_key={token}"));
    let named = match device {
        Some(device) => ask.header("x-forwarded-for", device),
        None => ask,
    };
    gate.send(named).await
}

async fn puts(gate: &Gate, token: &str, device: Option<&str>, count: u32) {
    for number in 0..count {
        let answer = put(gate, token, device).await;
        assert_eq!(answer.status, StatusCode::OK, "{number}: {}", answer.text());
    }
}

fn limit(answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS, "{}", answer.text());
    answer.json()["limit"].as_str().unwrap().to_owned()
}

// G4
#[tokio::test(flavor = "multi_thread")]
async fn an_idle_device_puts_twelve_at_once_and_the_thirteenth_waits_exactly_for_the_first_to_leave() {
    let gate = grovestreams().await;
    let ann = gate.user("ann");
    puts(&gate, &ann, None, 1).await;
    gate.pass(Duration::from_secs(5));
    puts(&gate, &ann, None, 11).await;

    let refused = put(&gate, &ann, None).await;
    assert_eq!(limit(&refused), "feed-put-cadence");
    assert_eq!(
        (refused.retry_after_ms(), refused.retry_after()),
        (115_000, Duration::from_secs(115))
    );
    assert!(
        refused
            .field("ratelimit")
            .unwrap()
            .starts_with("\"feed-put-cadence\";r=0;t=120"),
        "{:?}",
        refused.headers
    );
    gate.pass(Duration::from_millis(114_999));
    assert_eq!(put(&gate, &ann, None).await.retry_after_ms(), 1);
    gate.pass(Duration::from_millis(1));
    puts(&gate, &ann, None, 1).await;
    assert_eq!(
        put(&gate, &ann, None).await.retry_after_ms(),
        5_000,
        "one left, eleven have not"
    );
    gate.pass(Duration::from_secs(5));
    puts(&gate, &ann, None, 11).await;
}

// G4, SEMANTICS rule 16: 12 in two minutes are 360 in an hour, and the 350 do not count here.
#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_keeps_to_its_ten_seconds_is_never_refused() {
    let gate = grovestreams().await;
    let ann = gate.user("ann");
    for _ in 0..400 {
        puts(&gate, &ann, None, 1).await;
        gate.pass(Duration::from_secs(10));
    }
}

// G5
#[tokio::test(flavor = "multi_thread")]
async fn one_put_carries_any_number_of_devices_samples_and_counts_once_and_the_refusal_says_so() {
    let gate = grovestreams().await;
    let ann = gate.user("ann");
    let samples: Vec<_> = (0..2_000)
        .map(|n| json!({ "compId": format!("device-{}", n % 500), "streamId": "t", "data": n, "time": START_MS + n }))
        .collect();
    let ask = Ask::put(&format!("/api/feed?api_key={ann}")).json(&json!(samples));
    let batch = gate.send(ask).await;
    assert_eq!(batch.status, StatusCode::OK, "{}", batch.text());
    assert!(
        batch
            .field("ratelimit")
            .unwrap()
            .starts_with("\"feed-put-cadence\";r=11;"),
        "{:?}",
        batch.headers
    );
    puts(&gate, &ann, None, 11).await;
    let refused = put(&gate, &ann, None).await;
    let message = refused.json()["message"].as_str().unwrap().to_owned();
    assert!(
        message.contains("12 per 2 minutes") && message.contains("Send many devices' samples in one PUT."),
        "{message}"
    );
}

// G6: an address, a serial number or a UUID; any string.
#[tokio::test(flavor = "multi_thread")]
async fn each_device_that_names_itself_has_twelve_of_its_own() {
    let gate = grovestreams().await;
    let ann = gate.user("ann");
    for device in [
        None,
        Some("192.168.1.7"),
        Some("ST-00000512"),
        Some("7f3f0b9e-2a44-4f5e-9a55-0d6bb1f0a001"),
        Some("the shed, behind the house"),
    ] {
        puts(&gate, &ann, device, 12).await;
        assert_eq!(limit(&put(&gate, &ann, device).await), "feed-put-cadence", "{device:?}");
    }
}

// G6: several lines are one list, in their order (RFC 9110 5.3).
#[tokio::test(flavor = "multi_thread")]
async fn lines_of_a_name_are_joined_in_order() {
    let gate = grovestreams().await;
    let ann = gate.user("ann");
    let in_lines = |first: &str, second: &str| {
        let ask = Ask::put(&format!("/api/feed?compId=c&t=1&api_key={ann}"));
        ask.header("x-forwarded-for", first).header("x-forwarded-for", second)
    };
    puts(&gate, &ann, Some("a, b"), 12).await;
    assert_eq!(limit(&gate.send(in_lines("a", "b")).await), "feed-put-cadence");
    let other = gate.send(in_lines("b", "a")).await;
    assert_eq!(other.status, StatusCode::OK, "{}", other.text());
}

// G6, SEMANTICS rule 16: a free name is no way out.
#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_names_gain_nothing_over_a_hundred_and_the_parent_has_the_last_word() {
    let gate = grovestreams().await;
    let ann = gate.user("ann");
    let mut admitted = 0;
    // A thousand names once, and then those again and again that could have a count of their own.
    for names in std::iter::once(1_000).chain([110; 11]) {
        for name in 0..names {
            admitted += u32::from(put(&gate, &ann, Some(&format!("meter-{name}"))).await.status == StatusCode::OK);
        }
        if names == 1_000 {
            assert_eq!(
                admitted,
                100 + 12,
                "a hundred have a count of their own, and all others one"
            );
        }
    }
    // 12 x 101 would be 1,212.
    assert_eq!(admitted, 1_200);
    let refused = put(&gate, &ann, Some("meter-99")).await;
    assert_eq!(
        (limit(&refused), refused.retry_after_ms()),
        ("feed-put-parent".to_owned(), 100),
        "this one had some of its own left"
    );
    assert_eq!(limit(&put(&gate, &ann, Some("meter-0")).await), "feed-put-cadence");

    // Somebody else's token at the same address has a parent of its own, and so has this one elsewhere.
    let bob = gate.user("bob");
    puts(&gate, &bob, Some("a meter of bob's"), 12).await;
    let elsewhere = Ask::put(&format!("/api/feed?compId=c&t=1&api_key={ann}")).from([127, 0, 0, 2]);
    assert_eq!(gate.send(elsewhere).await.status, StatusCode::OK);

    // Two minutes later nothing of the names lives, so others may.
    gate.pass(Duration::from_secs(120));
    puts(&gate, &ann, Some("a new meter"), 12).await;
}

// SEMANTICS rules 6 and 16: who shows no credential counts in the 150 and nowhere else.
#[tokio::test(flavor = "multi_thread")]
async fn a_put_by_nobody_known_counts_as_unauthenticated_alone() {
    let gate = grovestreams().await;
    let refused = put(&gate, "", Some("meter-1")).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    let named = refused.field("ratelimit-policy").unwrap();
    assert!(
        named.starts_with("\"unauthenticated-per-ip\";q=150") && !named.contains("feed-put"),
        "{named}"
    );
}

// CONTRACT: the parent is a limit like any other: shown, overridden, named.
#[tokio::test(flavor = "multi_thread")]
async fn the_parents_limit_is_shown_overridden_and_named_like_any_other() {
    let gate = grovestreams().await;
    let ann = gate.user("ann");
    puts(&gate, &ann, Some("meter-1"), 3).await;
    let me = gate.get("/limits/me", &ann).await.json();
    let row = |name: &str| {
        me.as_array()
            .unwrap()
            .iter()
            .find(|row| row["limit"] == name)
            .unwrap()
            .clone()
    };
    assert_eq!(
        (&row("feed-put-parent")["quota"], &row("feed-put-parent")["used"]),
        (&1_200.into(), &3.into())
    );
    assert_eq!(row("feed-put-cadence")["quota"], 12);

    gate.run(&["limit", "set", "feed-put-parent", "5", "--user", "ann"]);
    puts(&gate, &ann, Some("meter-2"), 2).await;
    let refused = put(&gate, &ann, Some("meter-3")).await;
    assert_eq!(limit(&refused), "feed-put-parent");
    let explained = gate.run_json(&["explain", refused.decision()]);
    assert_eq!(
        (&explained["quota"], &explained["from"]),
        (&5.into(), &"user ann".into())
    );
}

// SEMANTICS rule 10, on a limit that counts by user.
#[tokio::test(flavor = "multi_thread")]
async fn another_sliding_quota_keeps_what_is_used_and_is_at_most_64() {
    let gate = Gate::of_text(
        r#"
        upstream = "embedded:grovestreams"
        refusals = "grovestreams"
        [identity]
        read = ["query:api_key"]
        [route.all]
        match = "* /**"
        [limit.puts-per-user]
        who = "known"
        per = "user"
        sliding = "12 per 2 minutes"
        [limit.anonymous-per-ip]
        who = "anonymous"
        per = "ip"
        rate = "150 per hour"
        "#,
    )
    .await;
    let ann = gate.user("ann");
    puts(&gate, &ann, None, 12).await;
    assert_eq!(limit(&put(&gate, &ann, None).await), "puts-per-user");
    let refused = gate.try_run(&["limit", "set", "puts-per-user", "65", "--user", "ann"]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(1), "{said}");
    assert!(said.contains("write at most 64"), "{said}");

    gate.run(&["limit", "set", "puts-per-user", "24", "--user", "ann"]);
    puts(&gate, &ann, None, 12).await;
    assert_eq!(limit(&put(&gate, &ann, None).await), "puts-per-user");
    gate.run(&["limit", "set", "puts-per-user", "6", "--user", "ann"]);
    gate.pass(Duration::from_millis(119_999));
    assert_eq!(put(&gate, &ann, None).await.retry_after_ms(), 1, "nothing until below");
    gate.pass(Duration::from_millis(1));
    puts(&gate, &ann, None, 6).await;
    assert_eq!(put(&gate, &ann, None).await.retry_after_ms(), 120_000);
}
