use super::*;
use serde_json::json;

const NOW_S: i64 = 1_800_000_000;

fn check(broadcast: Value, expected: &str) {
    let found = match Broadcast::read(&broadcast, NOW_S) {
        Ok(Broadcast::Observations { readings, .. }) => format!("{} readings", readings.len()),
        Ok(Broadcast::Strike { distance_km, .. }) => format!("strike at {distance_km}"),
        Ok(Broadcast::RapidWind {
            speed_mps, direction, ..
        }) => format!("wind {speed_mps} from {direction}"),
        Ok(Broadcast::Precip { .. }) => "rain begins".to_owned(),
        Ok(Broadcast::Other) => "other".to_owned(),
        Err(error) => error,
    };
    assert_eq!(found, expected);
}

#[test]
fn broadcasts_are_understood_or_refused_with_the_member_named() {
    let air = json!([NOW_S, 835.0, 10.0, 45, 0, 0, 3.46, 1]);
    check(
        json!({"serial_number":"AR-00000007","type":"obs_air","obs":[air, air]}),
        "2 readings",
    );
    check(
        json!({"serial_number":"ST-1","type":"evt_strike","evt":[NOW_S, 12, 3848]}),
        "strike at 12",
    );
    check(
        json!({"serial_number":"ST-1","type":"rapid_wind","ob":[NOW_S, 2.3, 128]}),
        "wind 2.3 from 128",
    );
    check(
        json!({"serial_number":"ST-1","type":"rapid_wind","ob":[NOW_S, null, 128]}),
        "other",
    );
    check(
        json!({"serial_number":"ST-1","type":"evt_precip","evt":[NOW_S]}),
        "rain begins",
    );
    check(json!({"serial_number":"ST-1","type":"evt_precip"}), "other");
    check(json!({"type":"something_new"}), "other");
    check(json!(7), "found no object; a hub broadcast is one");
    check(json!({"type":"obs_air","obs":[air]}), "serial_number is missing");
    check(
        json!({"serial_number":7,"type":"obs_air","obs":[air]}),
        "serial_number: found 7, expected a string",
    );
    check(
        json!({"serial_number":"AR-1","type":"obs_air","obs":[air, [1]]}),
        "obs record 1: found 1 values, obs_air has 8 or more",
    );
    check(
        json!({"serial_number":"AR-1","type":"obs_air","obs":[]}),
        "obs: found 0 records, expected 1 to 10000",
    );
}

#[test]
fn an_epoch_in_milliseconds_is_refused_rather_than_stored_in_the_far_future() {
    let air = json!([NOW_S * 1000, 835.0, 10.0, 45, 0, 0, 3.46, 1]);
    let broadcast = json!({"serial_number":"AR-1","type":"obs_air","obs":[air]});
    let error = Broadcast::read(&broadcast, NOW_S).unwrap_err();
    assert!(error.contains("at most a day ahead"), "{error}");
    let ahead = |seconds: i64| epoch(NOW_S + seconds, NOW_S).is_ok();
    assert!(ahead(AHEAD_MAX_S) && !ahead(AHEAD_MAX_S + 1));
}
