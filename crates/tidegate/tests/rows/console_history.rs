//! What the console knows of earlier: use over time, and the days of a month.

use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};

use crate::{
    browsing::{Browsing, between},
    gate::{Ask, Gate},
};

/// From one sample to the next.
const SPACING: Duration = Duration::from_secs(10);

/// Samples of a caller's requests, oldest first.
async fn trace(gate: &Gate, name: &str) -> Vec<u64> {
    let rows = gate.admin(Ask::get(&format!("/users/{name}/trace"))).await.json();
    let rows = rows.as_array().unwrap();
    let row = rows.iter().find(|row| row["limit"] == "rest-per-user").unwrap();
    let points = row["points"].as_array().unwrap();
    points.iter().map(|point| point["used"].as_u64().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_most_or_was_refused_has_a_history_before_anybody_looks() {
    let gate = Gate::start().await;
    let (ann, bob) = (gate.user("ann"), gate.user("bob"));
    gate.user("cid");
    gate.until_refused("/swd/rest/stations", &ann).await;
    assert_eq!(gate.get("/swd/rest/stations", &bob).await.status, StatusCode::OK);
    for _ in 0..6 {
        gate.app.sample().await;
        gate.pass(SPACING);
    }
    let used = trace(&gate, "ann").await;
    assert_eq!((used.len(), used[0]), (7, 100), "{used:?}");
    assert!(used.is_sorted_by(|a, b| a > b) && used[6] == 0, "{used:?}");
    assert_eq!(trace(&gate, "bob").await[0], 1);
    assert_eq!(
        trace(&gate, "cid").await.len(),
        1,
        "of whom did nothing, a look takes the first sample"
    );

    let viewer = Browsing::by_link(&gate, "viewer", "vera").await;
    let page = viewer.page("/console/callers/ann").await;
    let limits = between(&page, "<section id=\"limits\"", "</section>");
    assert!(limits.contains("peak 100 of 100"), "{limits}");
    let idle = viewer.page("/console/callers/cid").await;
    assert!(idle.contains("Nothing was used in the last 2 minutes"), "{idle}");
    // Who stopped is not sampled for ever.
    gate.pass(Duration::from_secs(3 * 3_600));
    gate.app.sample().await;
    assert_eq!(trace(&gate, "ann").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_month_so_far_is_drawn_by_day_of_everybody_and_of_one() {
    let gate = Gate::start().await;
    let (ann, bob) = (gate.user("ann"), gate.user("bob"));
    let viewer = Browsing::by_link(&gate, "viewer", "vera").await;
    assert!(
        !viewer.page("/console/usage").await.contains("by day"),
        "nothing was used"
    );
    let (admitted, _) = gate.until_refused("/swd/rest/stations", &ann).await;
    gate.pass(Duration::from_secs(86_400));
    for _ in 0..3 {
        assert_eq!(gate.get("/swd/rest/stations", &bob).await.status, StatusCode::OK);
    }
    let days = async |query: &str| -> Vec<(Value, Value, Value)> {
        let days = gate
            .admin(Ask::get(&format!("/usage/days?month=2026-11{query}")))
            .await
            .json();
        let rows = days["days"].as_array().unwrap().clone();
        let row = |row: &Value| (row["day"].clone(), row["transactions"].clone(), row["refused"].clone());
        rows.iter().map(row).collect()
    };
    let first = (json!("2026-11-22"), json!(admitted), json!(1));
    let second = (json!("2026-11-23"), json!(3), json!(0));
    assert_eq!(days("").await, [first.clone(), second.clone()]);
    assert_eq!(days("&tenant=ann").await, [first]);
    assert_eq!(days("&tenant=bob&user=bob").await, [second]);
    assert_eq!(days("&tenant=ann&user=bob").await, []);
    for (query, status) in [("?user=ann", 400), ("?month=soon", 400), ("", 200)] {
        let answer = gate.admin(Ask::get(&format!("/usage/days{query}"))).await;
        assert_eq!(answer.status.as_u16(), status, "{query}");
    }

    let viewer = Browsing::by_link(&gate, "viewer", "vera").await;
    for (path, all) in [("/console/usage", admitted + 4), ("/console/callers/ann", admitted + 1)] {
        let page = viewer.page(path).await;
        let picture = between(&page, "<figure class=\"month\">", "</figure>");
        assert_eq!(picture.matches("<rect class=\"ok\"").count(), 30, "{path}: a bar a day");
        assert!(picture.contains(&format!("{all} in total")), "{path}: {picture}");
        let numbers = between(&page, "<details id=\"days\">", "</details>");
        assert!(numbers.contains("2026-11-22"), "{path}: {numbers}");
    }
}
