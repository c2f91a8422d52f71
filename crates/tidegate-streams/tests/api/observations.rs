use crate::support::*;
use serde_json::{Value, json};
use tidegate_streams::RECORDS_PER_GET_MAX;

const EMPTY: &str = "SUCCESS - Either no capabilities or no recent observations";

fn near(found: &Value, expected: f64) {
    let found = found.as_f64().unwrap_or(f64::NAN);
    assert!((found - expected).abs() < 0.06, "found {found}, expected {expected}");
}

#[tokio::test]
async fn a_silent_station_answers_success_and_nothing() {
    let world = World::open().await;
    for path in [
        "observations/device/11",
        "observations/station/1",
        "observations/stn/1",
        "observations/device/10",
    ] {
        let answer = world.get(&format!("/swd/rest/{path}")).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.json["obs"], json!([]), "{path}");
        assert_eq!(
            answer.json["status"],
            json!({"status_code": 0, "status_message": EMPTY}),
            "{path}"
        );
    }
}

#[tokio::test]
async fn the_latest_observation_of_a_station_has_names_sums_and_derived_values() {
    let world = World::open().await;
    // A reading every ten minutes since yesterday noon; 0.5 mm each.
    relay(&world, (0..=120).map(|i| NOW_S - i * 600)).await;
    let answer = world.get("/swd/rest/observations/station/1").await.json;
    let obs = &answer["obs"][0];
    assert_eq!(obs["timestamp"], NOW_S);
    assert_eq!(obs["air_temperature"], 10);
    assert_eq!(obs["precip_accum_last_1hr"], 3.0);
    assert_eq!(obs["precip_accum_local_day"], 24.5);
    assert_eq!(obs["precip_accum_local_yesterday"], 36.0);
    assert_eq!(obs["pressure_trend"], "steady");
    near(&obs["dew_point"], 0.1);
    near(&obs["sea_level_pressure"], 1004.0);
    near(&obs["wet_bulb_temperature"], 5.6);
    near(&obs["delta_t"], 4.4);
    let keys = answer["outdoor_keys"].as_array().unwrap();
    assert_eq!(keys.len(), obs.as_object().unwrap().len());
    assert_eq!(answer["station_units"]["units_temp"], "c");
}

#[tokio::test]
async fn an_air_and_a_sky_speak_as_one_station() {
    let world = World::open().await;
    let batch = json!([
        {"serial_number":"AR-00000021","type":"obs_air","obs":[[NOW_S - 7, 1001, 12.5, 40, 0, 0, 3.4, 1]]},
        {"serial_number":"SK-00000022","type":"obs_sky","obs":[[NOW_S - 2, 9000, 2, 0.1, 2.6, 4.6, 7.4, 187, 3.1, 1, 130, null, 0, 3]]},
    ]);
    let sent = world
        .send(&ada(), "POST /swd/rest/observations", batch.to_string())
        .await;
    assert_eq!(sent.status, 200, "{}", sent.text);
    let obs = world.get("/swd/rest/observations/station/2").await.json["obs"][0].clone();
    assert_eq!((&obs["air_temperature"], &obs["wind_avg"]), (&json!(12.5), &json!(4.6)));
    let uri = format!(
        "/swd/rest/observations/stn/2?time_start={}&time_end={NOW_S}&obs_fields=timestamp,air_temp,wind_avg",
        NOW_S - 60
    );
    let range = world.get(&uri).await.json;
    assert_eq!(range["obs"], json!([[NOW_S - 60, 12.5, 4.6]]));
    let sky = world.get("/swd/rest/observations/device/22").await.json;
    assert_eq!(
        (&sky["type"], sky["obs"][0].as_array().unwrap().len()),
        (&json!("obs_sky"), 17)
    );
}

#[tokio::test]
async fn a_range_comes_in_buckets_fields_and_units() {
    let world = World::open().await;
    relay(&world, (0..10).map(|i| NOW_S + i * 60)).await;
    let query = format!(
        "time_start={NOW_S}&time_end={}&bucket=5&obs_fields=timestamp,air_temp,wind_avg,precip_accumulation,dew_point\
         &units_temp=f&units_wind=kph&units_precip=in&units_pressure=inhg&units_distance=mi",
        NOW_S + 599
    );
    let answer = world.get(&format!("/swd/rest/observations/stn/1?{query}")).await.json;
    let obs = answer["obs"].as_array().unwrap();
    assert_eq!(obs.len(), 2);
    assert_eq!(obs[0][0], NOW_S);
    assert_eq!((&obs[0][1], &obs[0][2]), (&json!(50), &json!(10.8)));
    near(&obs[0][3], 2.5 / 25.4);
    assert_eq!(answer["units"]["units_temp"], "f");
    let all = world
        .get(&format!("/swd/rest/observations/stn/1?time_start={NOW_S}&obs_fields="))
        .await
        .json;
    assert_eq!(all["ob_fields"].as_array().unwrap().len(), 20);
    let bad = world
        .get("/swd/rest/observations/stn/1?obs_fields=air_temp,colour")
        .await;
    assert!(
        bad.status == 400 && bad.message().contains("found \"colour\""),
        "{}",
        bad.message()
    );
}

#[tokio::test]
async fn a_device_range_counts_both_ends_and_fills_the_days_rain() {
    let world = World::open().await;
    relay(&world, (0..5).map(|i| NOW_S - i * 60)).await;
    let uri = format!(
        "/swd/rest/observations/device/11?time_start={}&time_end={}",
        NOW_S - 120,
        NOW_S - 60
    );
    let answer = world.get(&uri).await.json;
    let rows: Vec<_> = answer["obs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|o| (o[0].clone(), o[18].clone()))
        .collect();
    assert_eq!(rows, [(json!(NOW_S - 120), json!(1.5)), (json!(NOW_S - 60), json!(2))]);
    let same = world
        .get(
            &uri.replace("device/11?", "?device_id=11&")
                .replace("observations/?", "observations?"),
        )
        .await;
    assert_eq!(same.json, answer);
}

#[tokio::test]
async fn day_offset_is_a_day_in_utc() {
    let world = World::open().await;
    let midnight = NOW_S - 8 * 3600;
    relay(&world, [midnight - 1, midnight, NOW_S]).await;
    let count = async |days: i64| {
        let answer = world
            .get(&format!("/swd/rest/observations/device/11?day_offset={days}"))
            .await
            .json;
        answer["obs"].as_array().unwrap().len()
    };
    assert_eq!((count(0).await, count(1).await, count(2).await), (2, 1, 0));
}

#[tokio::test]
async fn a_day_is_one_extended_record_of_thirty_four() {
    let world = World::open().await;
    relay(&world, (0..60).map(|i| NOW_S - i * 60)).await;
    let uri = format!(
        "/swd/rest/observations/device/11?time_start={}&time_end={NOW_S}&bucket=e",
        NOW_S - 86_400
    );
    let answer = world.get(&uri).await.json;
    assert_eq!(
        (&answer["type"], &answer["bucket_step_minutes"]),
        (&json!("obs_st_ext"), &json!(1440))
    );
    let day = answer["obs"][0].as_array().unwrap();
    assert_eq!(day.len(), 34);
    assert_eq!(
        (&day[0], &day[26], &day[28], &day[29]),
        (&json!("2027-01-15"), &json!(60), &json!(30), &json!(30))
    );
    let year = format!(
        "/swd/rest/observations/device/11?time_start={}&time_end={NOW_S}",
        NOW_S - 181 * 86_400
    );
    assert_eq!(world.get(&year).await.json["type"], "obs_st_ext");
}

#[tokio::test]
async fn csv_and_json_tell_the_same() {
    let world = World::open().await;
    relay(&world, (0..4).map(|i| NOW_S - i * 60)).await;
    for bucket in ["1", "5", "e"] {
        let uri = format!(
            "/swd/rest/observations/device/11?time_start={}&bucket={bucket}",
            NOW_S - 600
        );
        let json = world.get(&uri).await.json;
        let csv = world.get(&format!("{uri}&format=csv")).await;
        assert_eq!(csv.headers["content-type"], "text/csv; charset=utf-8");
        let mut lines = csv.text.lines();
        let columns = lines.next().unwrap().split(',').count();
        let rows: Vec<Vec<Value>> = lines
            .map(|line| {
                assert_eq!(line.split(',').count(), columns);
                let cells = line.split(',').skip(3);
                cells
                    .map(|c| {
                        if c.is_empty() {
                            Value::Null
                        } else {
                            serde_json::from_str(c).unwrap_or(json!(c))
                        }
                    })
                    .collect()
            })
            .collect();
        assert_eq!(json!(rows), json["obs"], "bucket {bucket}");
    }
}

#[tokio::test]
async fn bad_parameters_are_named_with_what_would_be_right() {
    let world = World::open().await;
    for (query, part) in [
        ("time_start=x", "parameter time_start: found \"x\""),
        ("time_start=5&time_end=4", "expected at most time_end (4)"),
        ("day_offset=-1", "parameter day_offset"),
        ("bucket=2", "1, 5, 30, 180 or 1440"),
        ("format=xml", "csv or json"),
    ] {
        let answer = world.get(&format!("/swd/rest/observations/device/11?{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
        assert!(answer.message().contains(part), "{query}: {}", answer.message());
    }
}

#[tokio::test]
async fn a_range_at_the_record_cap_is_answered_and_one_more_is_refused() {
    let world = World::open().await;
    let record = broadcast(0, 0.0)["obs"][0].clone();
    let first = NOW_S - RECORDS_PER_GET_MAX as i64;
    for chunk in (first..=NOW_S).collect::<Vec<_>>().chunks(10_000) {
        let records: Vec<_> = chunk
            .iter()
            .map(|epoch_s| {
                let mut record = record.clone();
                record[0] = json!(epoch_s);
                record
            })
            .collect();
        let body = json!({"serial_number": "ST-00000011", "type": "obs_st", "obs": records});
        assert_eq!(
            world
                .send(&ada(), "POST /swd/rest/observations", body.to_string())
                .await
                .status,
            200
        );
    }
    let ask = async |from: i64| {
        world
            .get(&format!(
                "/swd/rest/observations/device/11?time_start={from}&time_end={NOW_S}&bucket=1"
            ))
            .await
    };
    let full = ask(first + 1).await;
    assert_eq!(full.json["obs"].as_array().unwrap().len(), RECORDS_PER_GET_MAX);
    let over = ask(first).await;
    assert_eq!(over.status, 422);
    assert!(over.message().contains("larger bucket"), "{}", over.message());
}

#[tokio::test]
async fn observations_survive_a_restart() {
    let world = World::open().await;
    relay(&world, [NOW_S]).await;
    let before = world.get("/swd/rest/observations/device/11").await.json;
    let world = world.reopen().await;
    assert_eq!(world.get("/swd/rest/observations/device/11").await.json, before);
}
