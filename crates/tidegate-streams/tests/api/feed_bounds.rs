//! How much one feed read answers.

use crate::support::*;
use serde_json::{Value, json};
use tidegate_streams::{SAMPLES_PER_GET_MAX, SAMPLES_PER_PUT_MAX};

async fn put(world: &World, values: Vec<Value>, first_ms: usize) {
    let times: Vec<_> = (first_ms..first_ms + values.len()).collect();
    let body = json!([{"compId":"c","streamId":"s","data":values,"time":times}]);
    let answer = world.send(&ada(), "PUT /api/feed", body.to_string()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[tokio::test]
async fn a_read_at_the_sample_cap_is_answered_and_one_more_is_refused() {
    let world = World::open().await;
    let all = SAMPLES_PER_GET_MAX as usize + 1;
    for first in (0..all).step_by(SAMPLES_PER_PUT_MAX) {
        let samples = SAMPLES_PER_PUT_MAX.min(all - first);
        put(&world, vec![json!(1); samples], first).await;
    }
    let full = world.get("/api/comp/c/stream/s/feed?sd=1").await;
    assert_eq!(full.status, 200);
    assert_eq!(full.text.matches("],[").count() + 1, SAMPLES_PER_GET_MAX as usize);
    let over = world.get("/api/comp/c/stream/s/feed").await;
    assert_eq!(over.status, 422);
    assert!(over.message().contains("give limit"), "{}", over.message());
    assert_eq!(world.get("/api/comp/c/stream/s/feed?limit=1100001").await.status, 400);
}

#[tokio::test]
async fn a_read_of_long_strings_is_bounded_in_bytes() {
    let world = World::open().await;
    let long = Value::from("x".repeat(65_536));
    for part in 0..5 {
        put(&world, vec![long.clone(); 240], part * 240).await;
    }
    assert_eq!(world.get("/api/comp/c/stream/s/feed").await.status, 422);
    let some = world.get("/api/comp/c/stream/s/feed?limit=1000").await;
    assert_eq!(some.status, 200, "{}", some.message());
}
