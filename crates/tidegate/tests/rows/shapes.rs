//! What a request asks: points, before the query runs (rows T14 and G8, SEMANTICS rule 18).

use http::StatusCode;
use serde_json::json;
use tidegate_config::Source;

use crate::{
    gate::{Answer, Ask, Gate, START_MS},
    observations::{broadcast, record},
};

const YEAR_MS: i64 = 365 * 86_400_000;

async fn put(gate: &Gate, token: &str, stream: &str, data: serde_json::Value, time_ms: i64) {
    let batch = json!([{ "compId": "kitchen", "streamId": stream, "data": data, "time": time_ms }]);
    let put = gate.send(Ask::put("/api/feed").token(token).json(&batch)).await;
    assert_eq!(put.status, StatusCode::OK, "{}", put.text());
}

async fn feed(gate: &Gate, token: &str, query: &str) -> Answer {
    gate.get(&format!("/api/comp/kitchen/stream/{query}"), token).await
}

/// Reads from a start to an end as a client does that follows what refusals say; how many points came, in how many reads.
async fn read_on(gate: &Gate, token: &str, stream: &str, start_ms: i64, end_ms: i64) -> (usize, u32) {
    let (mut from_ms, mut to_ms, mut points, mut reads) = (start_ms, end_ms, 0, 0);
    while from_ms < end_ms {
        let answer = feed(gate, token, &format!("{stream}/feed?sd={from_ms}&ed={to_ms}")).await;
        match answer.status {
            StatusCode::OK => {
                points += answer.json()["data"].as_array().unwrap().len();
                reads += 1;
                (from_ms, to_ms) = (to_ms, end_ms);
            }
            StatusCode::UNPROCESSABLE_ENTITY => {
                let body = answer.json();
                assert_eq!(body["limit"], "points-per-get", "{body}");
                assert_eq!(
                    body["end_ms_max"].as_i64().unwrap(),
                    from_ms + body["range_ms_max"].as_i64().unwrap()
                );
                assert_eq!(answer.field("retry-after"), None, "no wait helps");
                to_ms = body["end_ms_max"].as_i64().unwrap();
                assert!(to_ms > from_ms, "{body}");
            }
            other => panic!("{other}: {}", answer.text()),
        }
        assert!(reads < 1_000, "it never ends");
    }
    (points, reads)
}

// T14
#[tokio::test(flavor = "multi_thread")]
async fn a_history_reader_that_follows_the_hint_gets_a_year_and_is_never_locked_out() {
    let gate = Gate::start().await;
    let ann = gate.user("ann");
    let start_ms = START_MS - YEAR_MS;
    for month in 0..12 {
        put(&gate, &ann, "temp", json!(month), start_ms + month * YEAR_MS / 12).await;
    }
    assert_eq!(read_on(&gate, &ann, "temp", start_ms, START_MS).await, (12, 58));
}

// G8
#[tokio::test(flavor = "multi_thread")]
async fn points_are_refused_before_the_query_runs_with_the_range_that_would_pass() {
    let gate = Gate::start().await;
    let ann = gate.user("ann");
    put(&gate, &ann, "temp", json!(1), 0).await;
    put(&gate, &ann, "door", json!("open"), 0).await;
    for (query, status) in [
        ("temp/feed?sd=0&ed=550000000", StatusCode::OK),
        ("temp/feed?sd=0&ed=550000001", StatusCode::UNPROCESSABLE_ENTITY),
        ("door/feed?sd=0&ed=10000000", StatusCode::OK),
        ("door/feed?sd=0&ed=10000001", StatusCode::UNPROCESSABLE_ENTITY),
        // A missing end is now, a missing start the first sample.
        ("temp/feed", StatusCode::UNPROCESSABLE_ENTITY),
        ("temp/feed?limit=550000", StatusCode::OK),
        ("temp/last_value", StatusCode::OK),
    ] {
        let answer = feed(&gate, &ann, query).await;
        assert_eq!(answer.status, status, "{query}: {}", answer.text());
    }
    let refused = feed(&gate, &ann, "temp/feed?sd=7&ed=550000008").await;
    let body = refused.json();
    let members = ["asked", "allowed", "range_ms_max", "end_ms_max", "success"].map(|name| body[name].clone());
    assert_eq!(
        members,
        [
            json!(550_001),
            json!(550_000),
            json!(550_000_000i64),
            json!(550_000_007i64),
            json!(false)
        ]
    );
    assert!(body["message"].as_str().unwrap().contains("550000007"), "{body}");
    let explained = gate.run_json(&["explain", refused.decision()]);
    assert_eq!(explained["limit"], "points-per-get");
    assert_eq!(explained["retry_after_s"], serde_json::Value::Null);
    let advanced = gate
        .get(
            "/api/feed?itemsById=[{%22compId%22:%22kitchen%22,%22streamId%22:%22door%22}]&startDate=0&endDate=10000001",
            &ann,
        )
        .await;
    assert_eq!(advanced.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", advanced.text());
    assert_eq!(advanced.json()["allowed"], 10_000);
}

// T14, SEMANTICS rule 18: the bucket is the cycle.
#[tokio::test(flavor = "multi_thread")]
async fn a_range_of_observations_is_reckoned_by_its_bucket() {
    let gate = Gate::start().await;
    let ann = gate.user("ann");
    let (station, device) = gate.station("ann", "ST-00000001");
    let now_s = START_MS / 1000;
    let sent = broadcast("ST-00000001", vec![record(now_s - 60, 20.0)]);
    gate.send(Ask::post("/swd/rest/observations").token(&ann).json(&sent))
        .await;
    let paths = [
        format!("/swd/rest/observations/stn/{station}?"),
        format!("/swd/rest/observations/device/{device}?"),
        format!("/swd/rest/observations?device_id={device}&"),
    ];
    for path in paths {
        let from = |seconds: i64| now_s - seconds;
        for (query, status) in [
            (
                format!("bucket=1&time_start={}&time_end={now_s}", from(3_000_000)),
                StatusCode::OK,
            ),
            (
                format!("bucket=1&time_start={}", from(3_000_001)),
                StatusCode::UNPROCESSABLE_ENTITY,
            ),
            (
                format!("bucket=a&time_start={}", from(3_000_001)),
                StatusCode::UNPROCESSABLE_ENTITY,
            ),
            (format!("bucket=5&time_start={}", from(15_000_000)), StatusCode::OK),
            (format!("time_start={}", from(31_536_000)), StatusCode::OK),
            ("day_offset=1".to_owned(), StatusCode::OK),
        ] {
            let answer = gate.get(&format!("{path}{query}"), &ann).await;
            assert_eq!(answer.status, status, "{path}{query}: {}", answer.text());
            if status == StatusCode::UNPROCESSABLE_ENTITY {
                let body = answer.json();
                assert_eq!(
                    (&body["limit"], &body["asked"]),
                    (&json!("observations-per-get"), &json!(50_001))
                );
                assert_eq!(
                    body["end_ms_max"],
                    json!((from(3_000_001) + 3_000_000) * 1_000),
                    "{body}"
                );
                assert!(
                    body["status"]["status_message"]
                        .as_str()
                        .unwrap()
                        .starts_with("ASKS_TOO_MUCH - ")
                );
            }
        }
    }
}

// SEMANTICS rule 6
#[tokio::test(flavor = "multi_thread")]
async fn a_read_that_asks_too_much_costs_one_unit() {
    let gate = Gate::start().await;
    let ann = gate.user("ann");
    let (station, _) = gate.station("ann", "ST-00000001");
    let path = format!("/swd/rest/observations/stn/{station}?bucket=1&time_start=0");
    assert_eq!(gate.get(&path, &ann).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let rows = gate.get("/limits/me", &ann).await.json();
    let row = |name: &str| {
        rows.as_array()
            .unwrap()
            .iter()
            .find(|row| row["limit"] == name)
            .unwrap()
            .clone()
    };
    assert_eq!(row("rest-per-user")["used"], 1);
    let points = row("points-per-get");
    assert_eq!((&points["quota"], &points["used"]), (&json!(550_000), &json!(null)));
}

// T6, G13
#[tokio::test(flavor = "multi_thread")]
async fn a_tenants_quota_of_points_is_in_force_at_once_and_says_where_it_comes_from() {
    let gate = Gate::start().await;
    gate.run(&["user", "add", "ann", "--tenant", "acme"]);
    let ann = gate.token("ann", &[]);
    put(&gate, &ann, "temp", json!(1), 0).await;
    let wide = "temp/feed?sd=0&ed=1000000000";
    assert_eq!(feed(&gate, &ann, wide).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    gate.run(&["limit", "set", "points-per-get", "1000000", "--tenant", "acme"]);
    assert_eq!(feed(&gate, &ann, wide).await.status, StatusCode::OK);
    let over = feed(&gate, &ann, "temp/feed?sd=0&ed=1000000001").await.json();
    assert_eq!(
        (&over["allowed"], &over["from"]),
        (&json!(1_000_000), &json!("tenant acme"))
    );
    let shown = gate.run_json(&["limit", "show", "--user", "ann"]);
    let shown = shown
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["limit"] == "points-per-get");
    assert_eq!(shown.unwrap()["from"], "tenant acme");
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_on_one_request_stand_on_the_page_with_null_where_nothing_is_counted() {
    let gate = Gate::start().await;
    let rows = gate.send(Ask::get("/limits")).await.json();
    let row = |name: &str| {
        rows.as_array()
            .unwrap()
            .iter()
            .find(|row| row["limit"] == name)
            .unwrap()
            .clone()
    };
    for (name, quota) in [
        ("body-size", 200_000_000),
        ("points-per-get", 550_000),
        ("string-length", 255),
        ("subsecond-samples", 5),
        ("observations-per-get", 50_000),
    ] {
        let row = row(name);
        assert_eq!(row["quota"], quota, "{row}");
        for field in ["burst", "window_s", "bound", "counts_at", "on_store_loss"] {
            assert_eq!(row[field], json!(null), "{name} {field}");
        }
    }
    assert_eq!(row("points-per-get")["quota_strings"], 10_000);
    assert_eq!(row("rest-per-user")["quota_strings"], json!(null));
}

/// An API that nobody here knows, with words of its own.
#[tokio::test(flavor = "multi_thread")]
async fn any_apis_ranges_are_reckoned_by_the_parameters_its_limits_file_names() {
    let upstream = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let text = format!(
        r#"
        upstream = "http://{}"
        [identity]
        required = false
        [route.history]
        match = "GET /history"
        range = {{ start = "from", end = "to", streams = "ids", cycle = "step", cycles_s = {{ hour = 3600 }}, cycle_s = 60 }}
        [route.any]
        match = "* /**"
        [limit.rows-per-read]
        points = 1000
        shadow = false
        "#,
        upstream.local_addr().unwrap()
    );
    let file = tempfile::tempdir().unwrap();
    let path = file.path().join("page.toml");
    std::fs::write(&path, text).unwrap();
    let gate = Gate::with(Source::File(path), None).await;
    drop(upstream);
    for (query, status) in [
        ("from=0&to=60000000", StatusCode::BAD_GATEWAY),
        ("from=0&to=60000001", StatusCode::UNPROCESSABLE_ENTITY),
        (
            "from=1970-01-01T00:00:00Z&to=60000001",
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        ("from=0&to=3600000000&step=hour", StatusCode::BAD_GATEWAY),
        ("from=0&to=30000000&ids=a,b", StatusCode::BAD_GATEWAY),
        ("from=0&to=30000001&ids=a,b", StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        let answer = gate.send(Ask::get(&format!("/history?{query}"))).await;
        assert_eq!(answer.status, status, "{query}: {}", answer.text());
    }
}
