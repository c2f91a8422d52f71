//! Tempest REST in front of real data: what is sent is read back, by station and by device.

use http::StatusCode;
use serde_json::{Value, json};

use crate::gate::{Ask, Gate, START_MS};

/// One `obs_st` record as hubs send it.
pub fn record(epoch_s: i64, temperature: f64) -> Value {
    json!([
        epoch_s,
        0.2,
        1.1,
        2.4,
        250,
        3,
        1013.2,
        temperature,
        61,
        9000,
        0.4,
        75,
        0.0,
        0,
        0,
        0,
        2.62,
        1
    ])
}

/// A hub broadcast with these records.
pub fn broadcast(serial: &str, records: Vec<Value>) -> Value {
    json!({ "serial_number": serial, "type": "obs_st", "hub_sn": "HB-00000001", "obs": records, "firmware_revision": 172 })
}

const RELAY: &str = "/swd/rest/observations";

#[tokio::test(flavor = "multi_thread")]
async fn an_observation_sent_is_read_back_by_station_device_and_range_also_after_a_restart() {
    let gate = Gate::start().await;
    let ann = gate.user("ann");
    let (station, device) = gate.station("ann", "ST-00000001");
    let now_s = START_MS / 1000;
    let records = vec![record(now_s - 120, 20.0), record(now_s - 60, 21.5)];
    let sent = gate
        .send(Ask::post(RELAY).token(&ann).json(&broadcast("ST-00000001", records)))
        .await;
    assert_eq!(sent.status, StatusCode::OK, "{}", sent.text());

    let dir = gate.stop().await;
    let gate = Gate::in_dir(tidegate_config::Source::Default, None, dir).await;
    let latest = gate
        .get(&format!("/swd/rest/observations/station/{station}"), &ann)
        .await
        .json();
    assert_eq!(latest["obs"][0]["air_temperature"], 21.5);
    assert_eq!(latest["obs"][0]["timestamp"], now_s - 60);
    let by_device = gate
        .get(
            &format!(
                "/swd/rest/observations/device/{device}?time_start={}&time_end={now_s}",
                now_s - 3600
            ),
            &ann,
        )
        .await
        .json();
    assert_eq!(by_device["obs"].as_array().unwrap().len(), 2, "{by_device}");
    let query = gate
        .get(&format!("/swd/rest/observations?device_id={device}&day_offset=0"), &ann)
        .await
        .json();
    assert_eq!(query["obs"].as_array().unwrap().len(), 2, "{query}");
    let range = gate
        .get(
            &format!(
                "/swd/rest/observations/stn/{station}?time_start={}&time_end={now_s}&bucket=1",
                now_s - 3600
            ),
            &ann,
        )
        .await;
    assert_eq!(range.status, StatusCode::OK, "{}", range.text());
    let csv = gate
        .get(
            &format!("/swd/rest/observations/device/{device}?day_offset=0&format=csv"),
            &ann,
        )
        .await;
    assert!(csv.text().lines().count() >= 3, "{}", csv.text());
    let forecast = gate
        .get(&format!("/swd/rest/better_forecast?station_id={station}"), &ann)
        .await;
    assert_eq!(forecast.json()["current_conditions"]["air_temperature"], 21.5);
    assert!(
        forecast.text().contains("carried forward"),
        "it says what it is: {}",
        forecast.text()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_of_half_a_bad_batch_stores_nothing_and_names_the_element() {
    let gate = Gate::start().await;
    let ann = gate.user("ann");
    let (station, _) = gate.station("ann", "ST-00000001");
    let batch = json!([broadcast("ST-00000001", vec![record(START_MS / 1000, 20.0)]), { "serial_number": "ST-00000001", "type": "obs_st", "obs": "none" }]);
    let refused = gate.send(Ask::post(RELAY).token(&ann).json(&batch)).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert!(refused.text().contains("element 1"), "{}", refused.text());
    let latest = gate
        .get(&format!("/swd/rest/observations/station/{station}"), &ann)
        .await
        .json();
    assert_eq!(latest["obs"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_relays_for_a_station_that_is_only_shared_with_them() {
    let gate = Gate::start().await;
    let (_, bob) = (gate.user("ann"), gate.user("bob"));
    let (station, _) = gate.station("ann", "ST-00000001");
    gate.run(&["station", "share", &station.to_string(), "--with", "bob"]);
    let refused = gate
        .send(
            Ask::post(RELAY)
                .token(&bob)
                .json(&broadcast("ST-00000001", vec![record(START_MS / 1000, 1.0)])),
        )
        .await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_station_or_device_that_does_not_exist_is_404_and_somebody_elses_403() {
    let gate = Gate::start().await;
    let ann = gate.user("ann");
    gate.user("bob");
    let (station, device) = gate.station("bob", "ST-00000001");
    for (path, status) in [
        (format!("/swd/rest/observations/station/{station}"), 403),
        (format!("/swd/rest/observations/stn/{station}"), 403),
        (format!("/swd/rest/observations/device/{device}"), 403),
        (format!("/swd/rest/observations?device_id={device}"), 403),
        (format!("/swd/rest/better_forecast?station_id={station}"), 403),
        ("/swd/rest/observations/station/999".to_owned(), 404),
        ("/swd/rest/observations/device/999".to_owned(), 404),
    ] {
        assert_eq!(gate.get(&path, &ann).await.status.as_u16(), status, "{path}");
    }
}
