//! The file of the API inside has a bound, and what happens there.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::gate::{Ask, Gate};

const PAGE: &str = r#"
upstream = "embedded:grovestreams"
[server]
samples_bytes_max = 1_000_000
[route.api]
match = "* /api/**"
[limit.per-user]
per = "user"
rate = "10_000 per hour"
"#;

/// Ten thousand samples of one stream, from a time on.
fn batch(from_ms: i64) -> Value {
    let times: Vec<i64> = (from_ms..from_ms + 10_000).collect();
    json!([{ "compId": "c", "streamId": "s", "data": vec![0.5; 10_000], "time": times }])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_store_answers_507_bills_nothing_goes_on_reading_and_takes_again_what_is_deleted() {
    let gate = Gate::of_text(PAGE).await;
    let ann = gate.user("ann");
    let put = |from_ms: i64| gate.send(Ask::put("/api/feed").token(&ann).json(&batch(from_ms)));
    let mut taken = 0;
    let full = loop {
        let answer = put(1 + taken * 10_000).await;
        if answer.status != StatusCode::OK {
            break answer;
        }
        taken += 1;
        assert!(taken < 20, "there is a bound");
    };
    assert_eq!(full.status, StatusCode::INSUFFICIENT_STORAGE, "{}", full.text());
    assert!(
        full.json()["message"].as_str().unwrap().contains("full"),
        "{}",
        full.text()
    );
    assert!(taken > 0);
    let rows = gate.run_json(&["usage"]);
    let row = &rows.as_array().unwrap()[0];
    let sums = ["transactions", "unbilled", "samples"].map(|sum| row[sum].as_i64().unwrap());
    assert_eq!(sums, [taken, 1, taken * 10_000], "{row}");
    let last = gate.get("/api/comp/c/stream/s/last_value", &ann).await;
    assert_eq!(last.status, StatusCode::OK, "{}", last.text());
    let delete = Ask::new(
        Method::DELETE,
        "/api/feed?itemsById=[{%22compId%22:%22c%22,%22streamId%22:%22s%22}]&startDate=0&endDate=10000",
    );
    let deleted = gate.send(delete.token(&ann)).await;
    assert_eq!(deleted.status, StatusCode::OK, "{}", deleted.text());
    let one = json!([{ "compId": "c", "streamId": "s", "data": 1, "time": 1 }]);
    let again = gate.send(Ask::put("/api/feed").token(&ann).json(&one)).await;
    assert_eq!(again.status, StatusCode::OK, "{}", again.text());
}
