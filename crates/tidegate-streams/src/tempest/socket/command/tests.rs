use super::*;
use serde_json::json;

fn check(text: &str, expected: Verb) {
    assert_eq!(Command::read(text).verb, Ok(expected), "{text}");
}

fn check_wrong(text: &str, id: Option<Value>, part: &str) {
    let command = Command::read(text);
    let refusal = command.verb.unwrap_err();
    assert!(refusal.message.contains(part), "{text}: {}", refusal.message);
    assert_eq!((command.id, refusal.code), (id, 400), "{text}");
}

#[test]
fn what_todays_clients_send_is_understood() {
    let (observations, wind) = (Feed::Observations, Feed::RapidWind);
    for (text, verb) in [
        (
            r#"{"type":"listen_start","device_id":1110,"id":"2098388936"}"#,
            Verb::Listen(1110, observations),
        ),
        (
            r#"{"type":"listen_start","device_id":"1110","id":1}"#,
            Verb::Listen(1110, observations),
        ),
        (
            r#"{"type":"listen_start","device_id":1110}"#,
            Verb::Listen(1110, observations),
        ),
        (r#"{"type":"listen_start","token":"abc"}"#, Verb::ListenToNothing),
        (
            r#"{"type":"listen_start","device_id":null,"id":null}"#,
            Verb::ListenToNothing,
        ),
        (
            r#"{"type":"listen_stop","device_id":" 1110 ","id":"x"}"#,
            Verb::Leave(1110, observations),
        ),
        (
            r#"{"type":"listen_rapid_start","device_id":"1110","id":"x"}"#,
            Verb::Listen(1110, wind),
        ),
        (
            r#"{"type":"listen_rapid_stop","device_id":1110}"#,
            Verb::Leave(1110, wind),
        ),
        (
            r#"{"type":"listen_start_events","station_id":2594,"id":"x"}"#,
            Verb::StationEvents(Place::Station(2594)),
        ),
        (
            r#"{"type":"listen_start_events","device_id":"1110","id":"x"}"#,
            Verb::StationEvents(Place::Device(1110)),
        ),
        (
            r#"{"type":"listen_stop_events","device_id":1110}"#,
            Verb::LeaveStationEvents,
        ),
        (
            r#"{"type":"geo_strike_listen_start","lat_min":37.2,"lat_max":41,"lon_min":-1,"lon_max":1,"id":12}"#,
            Verb::Strikes,
        ),
        (r#"{"type":"geo_strike_listen_stop"}"#, Verb::Strikes),
    ] {
        check(text, verb);
    }
}

#[test]
fn an_id_is_kept_in_its_own_type() {
    for id in [json!("2098388936"), json!(12345), json!(-1.5), json!("")] {
        let text = json!({"type": "listen_start", "id": id}).to_string();
        assert_eq!(Command::read(&text).id, Some(id));
    }
    assert_eq!(Command::read(r#"{"type":"listen_start"}"#).id, None);
}

#[test]
fn what_is_wrong_is_named() {
    check_wrong("{", None, "malformed JSON");
    check_wrong("", None, "malformed JSON");
    check_wrong("[1]", None, "found no object");
    check_wrong(r#"{"id":7}"#, Some(json!(7)), "type is missing");
    check_wrong(r#"{"type":7,"id":"x"}"#, Some(json!("x")), "type: found 7");
    check_wrong(
        r#"{"type":"listen","id":"x"}"#,
        Some(json!("x")),
        "found listen, expected listen_start",
    );
    check_wrong(r#"{"type":"listen_start","id":[]}"#, None, "id: found []");
    check_wrong(
        r#"{"type":"listen_start","device_id":1.5}"#,
        None,
        "device_id: found 1.5",
    );
    check_wrong(
        r#"{"type":"listen_start","device_id":"ST-1"}"#,
        None,
        "device_id: found \"ST-1\"",
    );
    check_wrong(
        r#"{"type":"listen_stop","id":3}"#,
        Some(json!(3)),
        "device_id is missing",
    );
    check_wrong(r#"{"type":"listen_start_events"}"#, None, "station_id is missing");
    check_wrong(&"[".repeat(4_000), None, "malformed JSON");
}
