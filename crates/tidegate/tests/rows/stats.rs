//! What staff read of the last hour and day.

use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};

use crate::{
    gate::{Ask, Gate},
    reload::{page, per_user},
    socket::opened,
};

async fn stats(gate: &Gate, span: &str) -> Value {
    let answer = gate.admin(Ask::get(&format!("/stats?span={span}"))).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer.json()
}

async fn top(gate: &Gate, query: &str) -> Value {
    let answer = gate.admin(Ask::get(&format!("/top?{query}"))).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer.json()
}

fn last(stats: &Value, series: &str) -> u64 {
    stats[series].as_array().unwrap().last().unwrap().as_u64().unwrap()
}

fn sum(stats: &Value, series: &str) -> u64 {
    let points = stats[series].as_array().unwrap();
    points.iter().map(|point| point.as_u64().unwrap()).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn stats_of_an_hour_and_a_day_say_what_came_what_was_refused_and_by_which_limit() {
    let gate = Gate::of_text(&per_user("rate = \"3 per hour\"")).await;
    let ann = gate.user("ann");
    for _ in 0..3 {
        gate.get("/api/feed", &ann).await;
    }
    gate.pass(Duration::from_secs(60));
    assert_eq!(gate.get("/api/feed", &ann).await.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(gate.get("/nowhere", &ann).await.status, StatusCode::NOT_FOUND);

    let hour = stats(&gate, "hour").await;
    assert_eq!((&hour["span"], &hour["step_s"]), (&json!("hour"), &json!(60)));
    assert_eq!(hour["until"], "2026-11-22T12:02:00.000Z");
    assert_eq!(hour["requests"].as_array().unwrap().len(), 60);
    assert_eq!(hour["requests"].as_array().unwrap()[58..], [json!(3), json!(2)]);
    assert_eq!((sum(&hour, "refused"), last(&hour, "refused")), (2, 2));
    assert_eq!(hour["refused_by_limit"].as_array().unwrap().len(), 1);
    let by_limit = &hour["refused_by_limit"][0];
    assert_eq!(
        (&by_limit["limit"], &by_limit["total"]),
        (&json!("per-user"), &json!(1))
    );
    assert_eq!(by_limit["points"].as_array().unwrap().len(), 60);
    let routes = json!([
        { "route": "feed", "requests": 4, "refused": 1 },
        { "route": "(none)", "requests": 1, "refused": 1 },
    ]);
    assert_eq!(hour["by_route"], routes);
    assert_eq!(hour["upstreams"][0]["up"], true);
    assert_eq!(hour["upstreams"][0]["why"], Value::Null);

    let day = stats(&gate, "day").await;
    assert_eq!(
        (day["requests"].as_array().unwrap().len(), &day["step_s"]),
        (96, &json!(900))
    );
    assert_eq!((last(&day, "requests"), sum(&day, "refused")), (5, 2));
    gate.pass(Duration::from_secs(3_600));
    assert_eq!(sum(&stats(&gate, "hour").await, "requests"), 0);
    assert_eq!(sum(&stats(&gate, "day").await, "requests"), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn top_says_who_comes_most_and_who_is_refused_by_which_limit() {
    let gate = Gate::of_text(&per_user("rate = \"2 per hour\"")).await;
    let (ann, bob) = (gate.user("ann"), gate.user("bob"));
    for token in [&ann, &ann, &ann, &ann, &bob, &bob, &bob] {
        gate.get("/api/feed", token).await;
    }
    gate.get("/api/feed", "").await;
    let by_requests = top(&gate, "by=requests&span=hour").await;
    let row = json!({
        "subject": "ann", "tenant": "ann", "requests": 4, "refused": 2, "limit": "per-user", "over_by_max": 0,
    });
    assert_eq!(by_requests[0], row);
    let subjects = by_requests
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["subject"].as_str().unwrap());
    assert_eq!(subjects.collect::<Vec<_>>(), ["ann", "bob", "ip 127.0.0.1"]);
    let stranger = &by_requests[2];
    assert_eq!((&stranger["tenant"], &stranger["limit"]), (&Value::Null, &Value::Null));
    let by_refused = top(&gate, "by=refused&span=day&limit=1").await;
    assert_eq!(by_refused, json!([row]));
    for query in ["by=name", "span=week", "limit=-1"] {
        let refused = gate.admin(Ask::get(&format!("/top?{query}"))).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{query}");
        assert_eq!(refused.field("content-type"), Some("application/problem+json"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn stats_outlive_another_limits_file() {
    let gate = Gate::of_text(&per_user("rate = \"1 per hour\"")).await;
    let ann = gate.user("ann");
    gate.get("/api/feed", &ann).await;
    gate.get("/api/feed", &ann).await;
    let renamed = page("[limit.new-name]\nper = \"user\"\nwho = \"known\"\nrate = \"1 per hour\"\n");
    std::fs::write(gate.dir.path().join("limits.toml"), renamed).unwrap();
    assert_eq!(gate.admin(Ask::post("/reload")).await.status, StatusCode::OK);
    gate.get("/api/feed", &ann).await;
    gate.get("/api/feed", &ann).await;
    let hour = stats(&gate, "hour").await;
    assert_eq!(sum(&hour, "requests"), 4);
    let mut limits: Vec<&str> = Vec::new();
    for row in hour["refused_by_limit"].as_array().unwrap() {
        assert_eq!(row["total"], 1, "{row}");
        limits.push(row["limit"].as_str().unwrap());
    }
    limits.sort_unstable();
    assert_eq!(limits, ["new-name", "per-user"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn stats_keep_the_most_sockets_of_a_minute() {
    let gate = Gate::start().await;
    let ann = gate.user("ann");
    let socket = opened(&gate, &ann).await;
    let second = opened(&gate, &ann).await;
    assert_eq!(last(&stats(&gate, "hour").await, "sockets"), 2);
    drop((socket, second));
    crate::reload::until("gone", || gate.app.engine.sockets.is_empty()).await;
    assert_eq!(last(&stats(&gate, "hour").await, "sockets"), 2);
    gate.pass(Duration::from_secs(60));
    let hour = stats(&gate, "hour").await;
    assert_eq!(hour["sockets"].as_array().unwrap()[58..], [json!(2), json!(0)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn stats_say_which_upstream_is_down_and_refuse_nobody_for_it() {
    // Nobody listens where somebody did.
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let upstream = format!("http://{closed}");
    let gate = Gate::with(tidegate_config::Source::Default, Some(&upstream)).await;
    let ann = gate.user("ann");
    for _ in 0..3 {
        let answer = gate.get("/swd/rest/stations", &ann).await;
        assert_eq!(answer.status, StatusCode::BAD_GATEWAY);
    }
    let hour = stats(&gate, "hour").await;
    assert_eq!((sum(&hour, "requests"), sum(&hour, "refused")), (3, 0));
    let server = &hour["upstreams"][0];
    assert_eq!((&server["server"], &server["up"]), (&json!(upstream), &json!(false)));
    assert_eq!(server["why"], "it refused the connection");
}
