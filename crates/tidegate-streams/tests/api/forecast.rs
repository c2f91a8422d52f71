use crate::support::*;
use serde_json::{Value, json};

#[tokio::test]
async fn a_forecast_says_plainly_that_it_is_none() {
    let world = World::open().await;
    relay(&world, [NOW_S]).await;
    let answer = world.get("/swd/rest/better_forecast?station_id=1").await.json;
    assert_eq!(answer["source"], "last observation carried forward");
    assert!(answer["notice"].as_str().unwrap().starts_with("This is no forecast"));
    assert_eq!(answer["forecast"]["daily"].as_array().unwrap().len(), 10);
    assert_eq!(answer["forecast"]["hourly"].as_array().unwrap().len(), 240);
    let hour = &answer["forecast"]["hourly"][0];
    assert_eq!(
        (&hour["air_temperature"], &hour["time"]),
        (&json!(10), &json!(NOW_S + 3600))
    );
    let current = &answer["current_conditions"];
    assert_eq!(
        (&current["wind_direction_cardinal"], &current["time"]),
        (&json!("E"), &json!(NOW_S))
    );
}

#[tokio::test]
async fn a_forecast_comes_in_the_units_asked_for() {
    let world = World::open().await;
    relay(&world, [NOW_S]).await;
    let uri = "/swd/rest/better_forecast?station_id=1&units_temp=f&units_wind=mph&units_distance=mi&units_precip=in";
    let answer = world.get(uri).await.json;
    assert_eq!(answer["units"]["units_temp"], "f");
    assert_eq!(answer["current_conditions"]["air_temperature"], 50);
    assert_eq!(answer["forecast"]["daily"][0]["air_temp_high"], 50);
    let bad = world
        .get("/swd/rest/better_forecast?station_id=1&units_wind=furlongs")
        .await;
    assert_eq!(bad.status, 400);
    assert_eq!(world.get("/swd/rest/better_forecast").await.status, 400);
}

#[tokio::test]
async fn a_silent_station_forecasts_nothing() {
    let world = World::open().await;
    let answer = world.get("/swd/rest/better_forecast?station_id=1").await.json;
    assert_eq!(answer["forecast"], json!({"daily": [], "hourly": []}));
    assert!(
        answer["status"]["status_message"]
            .as_str()
            .unwrap()
            .contains("no recent observations")
    );
    assert_eq!(answer["current_conditions"]["conditions"], Value::Null);
}
