//! What tests of the GroveStreams dialect send over and over.

use crate::support::*;
use serde_json::{Value, json};

pub async fn put(world: &World, body: Value) -> Answer {
    world.send(&ada(), "PUT /api/feed?api_key=K", body.to_string()).await
}

/// The `data` of a read below `/api/comp/`.
pub async fn data(world: &World, path: &str) -> Value {
    world.get(&format!("/api/comp/{path}")).await.json["data"].clone()
}

/// Defines a cycle; its uid.
pub async fn cycle(world: &World, definition: Value) -> String {
    let body = json!({"cycle": definition}).to_string();
    let answer = world.send(&ada(), "PUT /api/cycle", body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json["cycle"]["uid"].as_str().unwrap().to_owned()
}

/// Defines a component; what is answered.
pub async fn component(world: &World, definition: Value) -> Value {
    let answer = define(world, definition).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json["component"].clone()
}

pub async fn define(world: &World, definition: Value) -> Answer {
    let body = json!({"component": definition}).to_string();
    world.send(&ada(), "PUT /api/component", body).await
}
