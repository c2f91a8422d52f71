//! T9: each cause has an answer of its own, in the dialect today's clients read, and every one can be explained.

use http::StatusCode;
use tidegate_config::Source;

use crate::gate::{Answer, Ask, Gate};

const STATIONS: &str = "/swd/rest/stations";

fn status_message(answer: &Answer) -> String {
    answer.json()["status"]["status_message"]
        .as_str()
        .unwrap_or_else(|| panic!("{}", answer.text()))
        .to_owned()
}

// T9: five of the six causes exist until there are sockets.
#[tokio::test(flavor = "multi_thread")]
async fn missing_bad_not_yours_over_rate_and_over_capacity_are_five_answers() {
    let gate = Gate::of_text(
        "include = [\"preset:tempest\"]\nunmatched = \"anonymous-per-ip\"\n[server]\nin_flight_max = 1\n",
    )
    .await;
    let ann = gate.user("ann");
    gate.user("bob");
    let (others, _) = gate.station("bob", "ST-00000002");
    let missing = gate.send(Ask::get(STATIONS)).await;
    let bad = gate.get(STATIONS, "tg_pat_nonsense").await;
    let not_yours = gate.get(&format!("{STATIONS}/{others}"), &ann).await;
    let (_, over_rate) = gate.until_refused(STATIONS, &ann).await;
    let over_capacity = while_another_is_in_flight(&gate).await;

    let answers = [&missing, &bad, &not_yours, &over_rate, &over_capacity];
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    assert_eq!(statuses, [401, 401, 403, 429, 503]);
    let codes: Vec<i64> = answers
        .iter()
        .map(|answer| answer.json()["status"]["status_code"].as_i64().unwrap())
        .collect();
    assert_eq!(codes, [401, 401, 403, 5, 5]);
    let mut messages: Vec<String> = answers.iter().map(|answer| status_message(answer)).collect();
    messages.sort();
    messages.dedup();
    assert_eq!(messages.len(), 5, "never one text for two causes: {messages:?}");
}

/// A request whose body does not end keeps the only place; what comes then is over capacity.
async fn while_another_is_in_flight(gate: &Gate) -> Answer {
    use tokio::io::AsyncWriteExt;
    let bob = gate.token("bob", &[]);
    let mut slow = tokio::net::TcpStream::connect(gate.address()).await.unwrap();
    let head = format!(
        "POST /swd/rest/observations HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {bob}\r\nContent-Length: 10\r\n\r\n{{"
    );
    slow.write_all(head.as_bytes()).await.unwrap();
    for _ in 0..1_000 {
        let answer = gate.get(STATIONS, &bob).await;
        if answer.status == StatusCode::SERVICE_UNAVAILABLE {
            return answer;
        }
        tokio::task::yield_now().await;
    }
    panic!("never over capacity");
}

// T9, wire formats C: what, whose, how much, until when, how to avoid it.
#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_names_limit_scope_quota_use_wait_and_cure() {
    let gate = Gate::start().await;
    let ann = gate.user("ann");
    let (_, refused) = gate.until_refused(STATIONS, &ann).await;
    let body = refused.json();
    assert_eq!(body["limit"], "rest-per-user");
    assert_eq!(body["scope"], "user ann");
    assert_eq!((&body["quota"], &body["used"]), (&100.into(), &100.into()));
    assert_eq!(body["retry_after_ms"], 600);
    assert_eq!(
        body["type"],
        "https://iana.org/assignments/http-problem-types#quota-exceeded"
    );
    assert_eq!(body["violated-policies"], serde_json::json!(["rest-per-user"]));
    assert_eq!(body["decision"], refused.decision());
    let detail = body["detail"].as_str().unwrap();
    for part in ["rest-per-user", "100 per minute", "user ann", "100 of 100", "600 ms"] {
        assert!(detail.contains(part), "{part} in {detail}");
    }
    assert_eq!(refused.field("content-type"), Some("application/json"));
    assert_eq!(refused.field("retry-after"), Some("1"));
    assert_eq!(refused.field("ratelimit-policy"), Some("\"rest-per-user\";q=100;w=60"));
    assert_eq!(refused.field("ratelimit"), Some("\"rest-per-user\";r=0;t=60"));
    assert_eq!(body["status"]["status_code"], 5);
}

// Wire formats C: the profile follows the operation.
#[tokio::test(flavor = "multi_thread")]
async fn grovestreams_refusals_say_success_false_and_others_are_plain_problems() {
    let gate = Gate::start().await;
    let grove = gate.send(Ask::get("/api/comp/c/stream/s/last_value")).await;
    assert_eq!(
        (&grove.json()["success"], grove.status),
        (&false.into(), StatusCode::UNAUTHORIZED)
    );
    assert!(
        grove.json()["message"].as_str().unwrap().contains("credential"),
        "{}",
        grove.text()
    );

    let any = Gate::with(Source::Preset("any".into()), Some("http://127.0.0.1:9")).await;
    let mut refused = any.send(Ask::get("/x")).await;
    while refused.status != StatusCode::TOO_MANY_REQUESTS {
        refused = any.send(Ask::get("/x")).await;
    }
    assert_eq!(refused.field("content-type"), Some("application/problem+json"));
    assert_eq!(refused.json()["status"], 429);
}

// CONTRACT: RateLimit fields on every answer a limit applied to.
#[tokio::test(flavor = "multi_thread")]
async fn an_admitted_answer_says_what_is_left() {
    let gate = Gate::start().await;
    let ann = gate.user("ann");
    let answer = gate.get(STATIONS, &ann).await;
    assert_eq!(answer.field("ratelimit-policy"), Some("\"rest-per-user\";q=100;w=60"));
    assert_eq!(answer.field("ratelimit"), Some("\"rest-per-user\";r=99;t=1"));
    assert_eq!(answer.field("tidegate-decision"), None);
}

// T10, T11
#[tokio::test(flavor = "multi_thread")]
async fn every_refusal_is_explained_by_its_decision_id_to_staff_and_to_its_caller() {
    let gate = Gate::start().await;
    let ann = gate.user("ann");
    let bob = gate.user("bob");
    let (_, refused) = gate.until_refused(STATIONS, &ann).await;
    let explained = gate.run_json(&["explain", refused.decision()]);
    assert_eq!(explained["decision"], refused.decision());
    assert_eq!(
        (&explained["limit"], &explained["scope"]),
        (&"rest-per-user".into(), &"user ann".into())
    );
    assert_eq!(
        (&explained["quota"], &explained["used"], &explained["retry_after_s"]),
        (&100.into(), &100.into(), &1.into())
    );
    assert_eq!(explained["at"], "2026-11-22T12:00:00.000Z");
    assert_eq!(explained["request"], "GET /swd/rest/stations");

    let by_user = gate.run_json(&["explain", "--user", "ann"]);
    assert_eq!(by_user["decision"], refused.decision());

    let path = format!("/limits/decisions/{}", refused.decision());
    assert_eq!(gate.get(&path, &ann).await.json()["limit"], "rest-per-user");
    assert_eq!(
        gate.get(&path, &bob).await.status,
        StatusCode::NOT_FOUND,
        "somebody else's is unknown"
    );
    assert_eq!(gate.send(Ask::get(&path)).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_401_a_403_and_a_404_are_explained_too() {
    let gate = Gate::start().await;
    let ann = gate.user("ann");
    for (answer, status) in [
        (gate.send(Ask::get(STATIONS)).await, 401),
        (gate.get(&format!("{STATIONS}/999"), &ann).await, 404),
        (gate.get("/nowhere", &ann).await, 404),
    ] {
        assert_eq!(answer.status.as_u16(), status);
        let explained = gate.run_json(&["explain", answer.decision()]);
        assert_eq!(explained["status"], status);
        assert_eq!(explained["limit"], serde_json::Value::Null);
    }
    let unknown = gate.try_run(&["explain", "00000000-1"]);
    assert_eq!(unknown.status.code(), Some(1));
    assert_eq!(gate.try_run(&["explain"]).status.code(), Some(2));
}
