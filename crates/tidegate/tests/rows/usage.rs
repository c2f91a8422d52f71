//! A month that adds up: what is billed, to whom, and that cached, refused and failed requests are not
//! (docs/platforms/grovestreams.md G12).

use std::{fs, time::Duration};

use http::{Method, StatusCode};
use proptest::{
    prelude::*,
    test_runner::{Config, RngSeed, TestRunner},
};
use serde_json::Value;

use crate::{
    gate::{Answer, Ask, Gate},
    socket,
};

const TEXT: &str = r#"
upstream = "embedded:grovestreams"
unmatched = "per-address"

[route.feed]
match = ["PUT /api/feed", "GET /api/feed"]
[route.other]
match = "* /api/**"

[limit.per-user]
who = "known"
per = "user"
rate = "30 per hour"
burst = 30

[limit.per-address]
who = "anonymous"
per = "ip"
rate = "20 per hour"
"#;

const DAY: Duration = Duration::from_secs(86_400);

/// What the month of a tenant says.
fn of_tenant(rows: &Value, tenant: Option<&str>) -> Value {
    let found = rows
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["tenant"].as_str() == tenant);
    found.cloned().unwrap_or(Value::Null)
}

fn sums(row: &Value) -> [u64; 6] {
    ["transactions", "refused", "unbilled", "cached", "bytes_in", "bytes_out"].map(|sum| row[sum].as_u64().unwrap_or(0))
}

fn put(token: &str, data: &str) -> Ask {
    Ask::put("/api/feed")
        .token(token)
        .text(&format!(r#"[{{"compId":"c","streamId":"s","data":{data}}}]"#))
}

/// Rule 23 of one answer, from what a client sees of it: the gate's own answers carry a decision.
fn expected(sums: &mut [u64; 6], sent: usize, answer: &Answer) {
    let status = answer.status.as_u16();
    match answer.field("tidegate-decision") {
        Some(_) if status < 500 || status == 503 => sums[1] += 1,
        None if status < 500 && status != 404 => {
            sums[0] += 1;
            sums[4] += sent as u64;
            sums[5] += answer.body.len() as u64;
        }
        _ => sums[2] += 1,
    }
}

// docs/platforms/grovestreams.md G12: "Any transaction that returns a cached response will not be included in the
// monthly transaction count".
#[tokio::test(flavor = "multi_thread")]
async fn what_the_cache_answers_is_counted_apart_and_never_billed() {
    let gate = Gate::start().await;
    let ann = gate.user("ann");
    assert_eq!(gate.send(put(&ann, "21")).await.status, StatusCode::OK);
    let read = || gate.get("/api/comp/c/stream/s/feed", &ann);
    let first = read().await;
    for _ in 0..3 {
        let again = read().await;
        assert!(again.field("cache-status").unwrap().contains("hit"), "{again:?}");
        assert_eq!(again.body, first.body);
    }
    gate.pass(Duration::from_secs(11));
    read().await;
    let row = of_tenant(&gate.run_json(&["usage", "--month", "2026-11"]), Some("ann"));
    assert_eq!(
        (&row["transactions"], &row["cached"]),
        (&3.into(), &3.into()),
        "one PUT and two misses: {row}"
    );
    let stats = gate.admin(Ask::get("/stats?span=hour")).await.json();
    let cached = stats["cached"].as_array().unwrap().iter().filter_map(Value::as_u64);
    assert_eq!(cached.sum::<u64>(), 3, "and staff see it: {stats}");
}

// docs/platforms/grovestreams.md G12, fault 82. Requests of every kind, in any order, by two users and nobody, past
// their limits too.
#[test]
fn random_requests_add_up_to_what_rule_23_says() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let seed = std::env::var("TIDEGATE_SEED").ok().and_then(|seed| seed.parse().ok());
    let config = Config {
        cases: 6,
        rng_seed: seed.map_or(RngSeed::Random, RngSeed::Fixed),
        ..Config::default()
    };
    let request = (0_usize..3, 0_u8..8);
    let mut runner = TestRunner::new(config);
    let tried = runner.run(&prop::collection::vec(request, 20..110), |requests| {
        runtime.block_on(adds_up(requests));
        Ok(())
    });
    tried.unwrap();
}

async fn adds_up(requests: Vec<(usize, u8)>) {
    let gate = Gate::of_text(TEXT).await;
    let tokens = [gate.user("ann"), gate.user("bob"), String::new()];
    let mut truth = [[0; 6]; 3];
    for (who, what) in requests {
        let token = &tokens[who];
        let ask = match what {
            0 | 1 => put(token, "21.5"),
            2 => Ask::get("/api/feed?compId=c&streamId=s").token(token),
            // The API inside knows no such thing: its own 404, or 400.
            3 => Ask::get("/api/comp/none/stream/none/last_value").token(token),
            4 => Ask::put("/api/feed").token(token).text("no JSON"),
            5 => Ask::get("/nowhere").token(token),
            6 => Ask::new(Method::HEAD, "/api/feed?compId=c&streamId=s").token(token),
            _ => Ask::get("/limits/me").token(token),
        };
        let sent = ask.body_bytes();
        let answer = gate.send(ask).await;
        // Whoever goes nowhere is nobody there, and the callers' pages are on nobody's bill.
        match what {
            5 => expected(&mut truth[2], sent, &answer),
            7 => {}
            _ => expected(&mut truth[who], sent, &answer),
        }
    }
    let rows = gate.run_json(&["usage", "--month", "2026-11"]);
    for (tenant, truth) in [Some("ann"), Some("bob"), None].into_iter().zip(truth) {
        assert_eq!(sums(&of_tenant(&rows, tenant)), truth, "{tenant:?} of {rows}");
    }
    let audit = gate.run_json(&["usage", "verify"]);
    assert!(audit["ok"] == true, "{audit}");
    gate.stop().await;
}

// docs/platforms/grovestreams.md G12
#[tokio::test(flavor = "multi_thread")]
async fn month_is_listed_by_tenant_user_and_route_as_table_json_and_csv() {
    let gate = Gate::of_text(TEXT).await;
    gate.run(&["user", "add", "ann", "--tenant", "acme"]);
    gate.run(&["user", "add", "bob", "--tenant", "acme"]);
    let (ann, bob) = (gate.token("ann", &[]), gate.token("bob", &[]));
    for _ in 0..3 {
        assert_eq!(gate.send(put(&ann, "1")).await.status, StatusCode::OK);
    }
    gate.send(put(&bob, "[1")).await;
    gate.get("/api/def/none", &bob).await;

    let rows = gate.run_json(&["usage", "--month", "2026-11", "--by", "user"]);
    let row = &rows.as_array().unwrap()[0];
    assert_eq!(
        (&row["tenant"], &row["user"], &row["transactions"]),
        (&"acme".into(), &"ann".into(), &3.into())
    );
    assert_eq!((&row["samples"], &row["month"]), (&3.into(), &"2026-11".into()));
    let routes = gate.run_json(&["usage", "--by", "route", "--tenant", "acme"]);
    let names: Vec<&str> = routes
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["route"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["feed", "other"]);
    let json: Value = serde_json::from_str(&gate.run(&["usage", "--format", "json"])).unwrap();
    assert_eq!(json, gate.run_json(&["usage"]));
    let csv = gate.run(&["usage", "--format", "csv"]);
    let lines: Vec<&str> = csv.lines().collect();
    assert!(
        lines[0].starts_with("tenant,user,route,month,transactions,cached,refused,unbilled,"),
        "{csv}"
    );
    assert!(lines[1].starts_with("acme,,,2026-11,4,0,0,1,"), "{csv}");
    let table = gate.run(&["usage"]);
    assert!(table.starts_with("TENANT") && table.contains("acme"), "{table}");
    assert_eq!(gate.run(&["usage", "--month", "2025-01"]), "no usage in 2025-01");
    assert!(gate.run(&["usage", "verify"]).contains("the ledger matches the log"));
    let wrong = gate.try_run(&["usage", "--month", "2026-13"]);
    assert_eq!(wrong.status.code(), Some(2), "{wrong:?}");
    let admin = gate.admin(Ask::get("/usage?month=november")).await;
    assert_eq!(admin.status, StatusCode::BAD_REQUEST);
    let csv = gate.admin(Ask::get("/usage?month=2026-11&by=user&format=csv")).await;
    assert!(csv.text().contains("acme,ann,,2026-11,3,"), "{}", csv.text());
}

// docs/platforms/grovestreams.md G12. Under the guard of the pages, and on nobody's bill.
#[tokio::test(flavor = "multi_thread")]
async fn caller_reads_own_usage_and_nobody_elses() {
    let gate = Gate::of_text(TEXT).await;
    let (ann, bob) = (gate.user("ann"), gate.user("bob"));
    for _ in 0..4 {
        gate.send(put(&ann, "1")).await;
    }
    gate.send(put(&bob, "1")).await;
    for _ in 0..2 {
        let own = gate.get("/limits/me/usage?month=2026-11", &ann).await.json();
        assert_eq!(
            (&own["transactions"], &own["user"]),
            (&4.into(), &"ann".into()),
            "{own}"
        );
        assert_eq!(own["routes"][0]["route"], "feed");
    }
    assert_eq!(gate.get("/limits/me/usage", &bob).await.json()["transactions"], 1);
    assert_eq!(
        gate.get("/limits/me/usage?month=2026-10", &ann).await.json()["transactions"],
        0
    );
    assert_eq!(
        gate.get("/limits/me/usage?month=x", &ann).await.status,
        StatusCode::BAD_REQUEST
    );
    assert_eq!(gate.get("/limits/me/usage", "").await.status, StatusCode::UNAUTHORIZED);
}

// fault 79
#[tokio::test(flavor = "multi_thread")]
async fn each_request_is_in_the_month_it_ended_in_also_over_restarts_and_clock_steps() {
    let gate = Gate::of_text(TEXT).await;
    let token = gate.user("ann");
    let month =
        |gate: &Gate, month: &str| sums(&of_tenant(&gate.run_json(&["usage", "--month", month]), Some("ann")))[0];
    gate.send(put(&token, "1")).await;
    gate.pass(9 * DAY);
    gate.send(put(&token, "2")).await;
    gate.send(put(&token, "3")).await;
    gate.app.engine.clock.step_wall(-86_400_000);
    gate.send(put(&token, "4")).await;
    assert_eq!((month(&gate, "2026-11"), month(&gate, "2026-12")), (2, 2));
    // A drained restart loses nothing, and begins earlier here than the last request was.
    let gate = gate.restart_at(3_600_000).await;
    assert_eq!((month(&gate, "2026-11"), month(&gate, "2026-12")), (2, 2));
    gate.send(put(&token, "5")).await;
    assert_eq!((month(&gate, "2026-11"), month(&gate, "2026-12")), (3, 2));
    assert_eq!(gate.run_json(&["usage", "verify"])["ok"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn socket_is_one_transaction_at_its_end_also_when_the_server_ends_it() {
    let gate = Gate::start().await;
    let token = gate.user("ann");
    let used = |gate: &Gate| sums(&of_tenant(&gate.run_json(&["usage"]), Some("ann")));
    let mut first = socket::opened(&gate, &token).await;
    first.heard().await;
    first
        .say(serde_json::json!({"type": "listen_start", "device_id": 1, "id": "x"}))
        .await;
    first.heard().await;
    assert_eq!(used(&gate)[0], 0, "it is open");
    first.close().await;
    let ended = async {
        let mut tick = tokio::time::interval(Duration::from_millis(20));
        while gate.app.engine.usage.open() > 0 {
            tick.tick().await;
        }
    };
    tokio::time::timeout(socket::SOON, ended).await.unwrap();
    let [transactions, _, _, _, bytes_in, bytes_out] = used(&gate);
    assert_eq!(transactions, 1);
    assert!(bytes_in > 50 && bytes_out > 20, "{bytes_in} in, {bytes_out} out");

    let second = socket::opened(&gate, &token).await;
    let read_to_the_end = tokio::spawn(second.drained());
    let dir = gate.stop().await;
    read_to_the_end.await.unwrap();
    let gate = Gate::in_dir(tidegate_config::Source::Default, None, dir).await;
    assert_eq!(used(&gate)[0], 2);
}

// fault 81. A file stands where the log's folder should be, so that nothing can be written.
#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_written_down_is_refused_where_the_operator_says_so_and_said_by_the_admin_api() {
    for (configured, refuses) in [("", false), ("[usage]\non_failure = \"refuse\"\n", true)] {
        let gate = Gate::of_text(&format!("{TEXT}\n{configured}")).await;
        let token = gate.user("ann");
        let log = gate.dir.path().join("data/usage/log");
        fs::write(&log, "in the way").unwrap();
        gate.send(put(&token, "1")).await;
        let state = async || gate.admin(Ask::get("/usage")).await.json()["state"].clone();
        let failing = state().await;
        assert_eq!(
            (&failing["ok"], &failing["refusing"]),
            (&false.into(), &refuses.into()),
            "{failing}"
        );
        assert!(failing["write_error"].is_string());
        let answer = gate.send(put(&token, "2")).await;
        let status = if refuses {
            StatusCode::SERVICE_UNAVAILABLE
        } else {
            StatusCode::OK
        };
        assert_eq!(answer.status, status);
        assert_eq!(gate.get("/limits/me", &token).await.status, StatusCode::OK);

        fs::remove_file(&log).unwrap();
        assert_eq!(state().await["ok"], true);
        assert_eq!(gate.send(put(&token, "3")).await.status, StatusCode::OK);
        let row = of_tenant(&gate.run_json(&["usage"]), Some("ann"));
        let expected = if refuses { 2 } else { 3 };
        // Refused before anybody was looked up, so it is nobody's.
        assert_eq!(
            (&row["transactions"], &row["refused"]),
            (&expected.into(), &0.into()),
            "{row}"
        );
    }
}
