//! Members that today's clients require, by the dataclasses of weatherflow4py 1.5.

use crate::support::*;
use serde_json::Value;

fn has(object: &Value, members: &str) {
    for member in members.split_whitespace() {
        assert!(object.get(member).is_some(), "{member} is missing in {object}");
    }
}

#[tokio::test]
async fn every_member_that_weatherflow4py_requires_is_there() {
    let world = World::open().await;
    relay(&world, [NOW_S]).await;
    let listed = world.get("/swd/rest/stations/1").await.json;
    let station = &listed["stations"][0];
    has(
        station,
        "created_epoch devices is_local_mode last_modified_epoch latitude longitude name public_name \
                  station_id station_items station_meta timezone timezone_offset_minutes",
    );
    has(
        &station["devices"][1],
        "device_id device_meta device_type firmware_revision hardware_revision serial_number",
    );
    has(
        &station["devices"][1]["device_meta"],
        "agl environment name wifi_network_name",
    );
    has(
        &station["station_items"][0],
        "item location_id location_item_id station_id station_item_id",
    );
    has(&station["station_meta"], "elevation share_with_wf share_with_wu");

    let latest = world.get("/swd/rest/observations/station/1").await.json;
    has(
        &latest,
        "elevation is_public latitude longitude obs outdoor_keys public_name station_id station_name \
                  station_units status timezone",
    );
    has(
        &latest["station_units"],
        "units_temp units_wind units_precip units_pressure units_distance units_direction units_other",
    );

    let device = world.get("/swd/rest/observations/device/11").await.json;
    has(&device, "status device_id type source summary obs");
    has(
        &device["summary"],
        "strike_count_1h strike_count_3h precip_total_1h precip_accum_local_yesterday \
                             precip_analysis_type_yesterday feels_like heat_index wind_chill",
    );

    let forecast = world.get("/swd/rest/better_forecast?station_id=1").await.json;
    has(
        &forecast,
        "forecast latitude longitude location_name timezone timezone_offset_minutes units current_conditions",
    );
    has(
        &forecast["units"],
        "units_air_density units_brightness units_distance units_other units_precip units_pressure \
                             units_solar_radiation units_temp units_wind",
    );
    has(
        &forecast["current_conditions"],
        "conditions feels_like icon is_precip_local_day_rain_check relative_humidity \
                                          sea_level_pressure wind_avg wind_direction wind_direction_cardinal wind_gust",
    );
    has(
        &forecast["forecast"]["daily"][0],
        "air_temp_high air_temp_low day_num day_start_local icon month_num \
                                            precip_probability sunrise sunset conditions",
    );
    has(
        &forecast["forecast"]["hourly"][0],
        "air_temperature local_day local_hour precip precip_type relative_humidity time \
                                             wind_avg wind_direction_cardinal wind_direction wind_gust",
    );
}

#[tokio::test]
async fn a_silent_device_still_has_the_summary_clients_require() {
    let world = World::open().await;
    let device = world.get("/swd/rest/observations/device/11").await.json;
    assert_eq!(device["summary"]["strike_count_1h"], 0);
    assert_eq!(device["summary"].get("feels_like"), Some(&Value::Null));
}

#[tokio::test]
async fn the_enumerated_places_of_a_record_are_never_null() {
    let world = World::open().await;
    relay(&world, [NOW_S]).await;
    let record = world.get("/swd/rest/observations/device/11").await.json["obs"][0].clone();
    assert_eq!((&record[13], &record[21]), (&Value::from(0), &Value::from(0)));
}
