//! Counts over a restart: a drained one loses none, and no clock makes one anew or locks anybody out.

use std::time::Duration;

use http::StatusCode;
use serde_json::Value;

use crate::gate::{Ask, Gate};

const HOUR_MS: i64 = 3_600_000;

const TEXT: &str = r#"
upstream = "embedded:grovestreams"
unmatched = "per-address"

[route.feed]
match = "GET /api/feed"

[limit.per-user]
who = "known"
per = "user"
rate = "60 per hour"

[limit.month-per-user]
who = "known"
per = "user"
quota = "100 per month"

[limit.per-address]
who = "anonymous"
per = "ip"
rate = "150 per hour"
"#;

/// A user's row of a limit.
fn row(gate: &Gate, limit: &str) -> Value {
    let rows = gate.run_json(&["limit", "show", "--user", "ann"]);
    let found = rows.as_array().unwrap().iter().find(|row| row["limit"] == limit);
    found.unwrap_or_else(|| panic!("{limit} in {rows}")).clone()
}

fn used(gate: &Gate, limit: &str) -> u64 {
    row(gate, limit)["used"].as_u64().unwrap()
}

async fn spend(gate: &Gate, token: &str, times: u32) {
    for _ in 0..times {
        let answer = gate.get("/api/feed", token).await;
        assert_ne!(answer.status, StatusCode::TOO_MANY_REQUESTS, "{}", answer.text());
    }
}

// fault 05
#[tokio::test(flavor = "multi_thread")]
async fn drained_restart_loses_no_count_no_override_and_no_name() {
    let gate = Gate::of_text(TEXT).await;
    let token = gate.user("ann");
    gate.run(&["limit", "set", "month-per-user", "200", "--user", "ann"]);
    spend(&gate, &token, 40).await;
    for _ in 0..150 {
        gate.get("/nothing", "").await;
    }
    assert_eq!(gate.get("/nothing", "").await.status, StatusCode::TOO_MANY_REQUESTS);
    let before = [row(&gate, "per-user"), row(&gate, "month-per-user")];

    let gate = gate.restart_at(0).await;
    let after = [row(&gate, "per-user"), row(&gate, "month-per-user")];
    for (before, after) in before.iter().zip(&after) {
        for field in ["limit", "quota", "used", "remaining"] {
            assert_eq!(before[field], after[field], "{before} {after}");
        }
    }
    assert_eq!((&after[1]["quota"], &after[1]["used"]), (&200.into(), &40.into()));
    assert_eq!(gate.get("/nothing", "").await.status, StatusCode::TOO_MANY_REQUESTS);
    spend(&gate, &token, 20).await;
    let refused = gate.get("/api/feed", &token).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    // Waiting it out works, also over a restart; a wall clock tells milliseconds.
    let wait_ms = refused.retry_after_ms() as i64 + 1;
    let gate = gate.restart_at(wait_ms).await;
    spend(&gate, &token, 1).await;
    assert_eq!(
        gate.run_json(&["pardon", "--user", "ann"])["cells"],
        2,
        "a cell knows whose it is"
    );
    assert_eq!((used(&gate, "per-user"), used(&gate, "month-per-user")), (0, 0));
    assert_eq!(used(&gate.restart_at(wait_ms).await, "month-per-user"), 0);
}

// fault 01, fault 02, fault 05
#[tokio::test(flavor = "multi_thread")]
async fn clock_set_over_a_restart_resets_no_month_and_locks_nobody_out() {
    let gate = Gate::of_text(TEXT).await;
    let token = gate.user("ann");
    spend(&gate, &token, 60).await;

    let gate = gate.restart_at(-HOUR_MS).await;
    assert_eq!((used(&gate, "per-user"), used(&gate, "month-per-user")), (60, 60));
    let refused = gate.get("/api/feed", &token).await;
    assert!(
        refused.retry_after() <= Duration::from_secs(61),
        "{:?}",
        refused.retry_after()
    );
    gate.pass(Duration::from_secs(61));
    spend(&gate, &token, 1).await;

    let gate = gate.restart_at(100 * HOUR_MS).await;
    assert_eq!((used(&gate, "per-user"), used(&gate, "month-per-user")), (0, 61));
    // No more than the burst came of a hundred hours.
    let (admitted, refused) = until_limited(&gate, &token).await;
    assert_eq!(
        (admitted, refused.json()["limit"].as_str()),
        (39, Some("month-per-user"))
    );
}

async fn until_limited(gate: &Gate, token: &str) -> (u32, crate::gate::Answer) {
    for admitted in 0..1_000 {
        let answer = gate.get("/api/feed", token).await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            return (admitted, answer);
        }
    }
    panic!("never limited");
}

// docs/platforms/grovestreams.md G4
#[tokio::test(flavor = "multi_thread")]
async fn twelve_feed_puts_are_twelve_over_a_restart() {
    let page = "include = \"preset:grovestreams\"\nunmatched = \"unauthenticated-per-ip\"\n";
    let gate = Gate::of_text(page).await;
    let path = format!("/api/feed?api_key={}", gate.user("ann"));
    let put = || Ask::put(&path).text(r#"[{"compId":"c","streamId":"s","data":1}]"#);
    for _ in 0..12 {
        assert_eq!(gate.send(put()).await.status, StatusCode::OK);
    }
    let gate = gate.restart_at(60_000).await;
    let refused = gate.send(put()).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.json()["limit"], "feed-put-cadence");
    assert!(
        (60_000..=60_001).contains(&refused.retry_after_ms()),
        "{}",
        refused.text()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn health_says_when_counts_were_written_down() {
    let gate = Gate::of_text(TEXT).await;
    let health = async || gate.admin(Ask::get("/healthz")).await.json();
    let written = async {
        let mut tick = tokio::time::interval(Duration::from_millis(5));
        while health().await["counts_written_at"].is_null() {
            tick.tick().await;
        }
    };
    tokio::time::timeout(crate::socket::SOON, written).await.unwrap();
    let health = health().await;
    assert_eq!(health["counts_written_at"], "2026-11-22T12:00:00.000Z");
    assert_eq!(health["counts_failures"], 0);
}
