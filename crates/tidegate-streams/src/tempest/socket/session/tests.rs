use super::*;
use serde_json::json;

const NOW_MS: i64 = 1_800_000_000_000;

fn bounds() -> SocketBounds {
    SocketBounds {
        devices_max: 2,
        message_bytes_max: 100,
        commands_per_minute_max: 50,
        errors_in_row_max: 3,
    }
}

fn listen(session: &mut Session, device_id: i64) -> Vec<Effect> {
    let text = json!({"type": "listen_start", "device_id": device_id, "id": device_id}).to_string();
    let effects = session.command(&text, NOW_MS);
    match &effects[..] {
        [Effect::Ask(question)] => session.granted(question, device_id / 10),
        _ => effects,
    }
}

fn said(effects: &[Effect]) -> Value {
    let texts: Vec<&String> = effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Say(text) => Some(text),
            _ => None,
        })
        .collect();
    assert_eq!(texts.len(), 1, "one reply: {effects:?}");
    serde_json::from_str(texts[0]).unwrap()
}

#[test]
fn a_granted_listen_is_acked_and_followed_by_the_snapshot() {
    let mut session = Session::new(bounds());
    let effects = listen(&mut session, 11);
    assert_eq!(said(&effects), json!({"type": "ack", "id": 11}));
    assert_eq!(effects[1], Effect::Snapshot(11));
    assert!(session.listens(11, Feed::Observations) && !session.listens(11, Feed::RapidWind));
}

#[test]
fn wind_has_no_snapshot_and_is_left_by_itself() {
    let mut session = Session::new(bounds());
    listen(&mut session, 11);
    let text = r#"{"type":"listen_rapid_start","device_id":11}"#;
    let [Effect::Ask(question)] = &session.command(text, NOW_MS)[..] else {
        panic!("a question comes first");
    };
    assert_eq!(said(&session.granted(question, 1)), json!({"type": "ack"}));
    let effects = session.command(r#"{"type":"listen_stop","device_id":11}"#, NOW_MS);
    assert_eq!(effects[0], Effect::Leave(11, Feed::Observations));
    assert_eq!(session.devices(), [11], "its wind is still listened to");
    session.command(r#"{"type":"listen_rapid_stop","device_id":11}"#, NOW_MS);
    assert_eq!(session.devices(), [0i64; 0]);
}

#[test]
fn one_socket_carries_devices_up_to_its_cap_and_says_so() {
    let mut session = Session::new(bounds());
    listen(&mut session, 11);
    listen(&mut session, 12);
    let refused = said(&listen(&mut session, 13));
    assert_eq!(
        (&refused["type"], &refused["id"], &refused["device_id"]),
        (&json!("error"), &json!(13), &json!(13))
    );
    assert_eq!(refused["status"]["status_code"], 5);
    let message = refused["status"]["status_message"].as_str().unwrap();
    assert!(
        message.contains("one socket carries many devices, up to 2"),
        "{message}"
    );
    assert_eq!(
        said(&listen(&mut session, 12))["type"],
        "ack",
        "one that is carried is no further one"
    );
    session.command(r#"{"type":"listen_stop","device_id":11}"#, NOW_MS);
    assert_eq!(said(&listen(&mut session, 13))["type"], "ack");
}

#[test]
fn stopping_what_was_not_begun_is_acked() {
    let mut session = Session::new(bounds());
    let effects = session.command(r#"{"type":"listen_stop","device_id":99,"id":"x"}"#, NOW_MS);
    assert_eq!(said(&effects), json!({"type": "ack", "id": "x"}));
}

#[test]
fn what_is_not_sent_here_is_acked_with_a_note() {
    let mut session = Session::new(bounds());
    for text in [
        r#"{"type":"listen_start","token":"t"}"#,
        r#"{"type":"geo_strike_listen_start","id":1}"#,
    ] {
        let ack = said(&session.command(text, NOW_MS));
        assert_eq!(ack["type"], "ack");
        assert!(ack["note"].is_string(), "{ack}");
    }
}

#[test]
fn a_message_at_the_bound_is_read_and_one_over_is_not() {
    let mut session = Session::new(bounds());
    let mut text = r#"{"type":"listen_start"}"#.to_owned();
    text.push_str(&" ".repeat(100 - text.len()));
    assert_eq!(said(&session.command(&text, NOW_MS))["type"], "ack");
    let refused = said(&session.command(&(text + " "), NOW_MS));
    assert_eq!(refused["status"]["status_code"], 413);
}

#[test]
fn commands_over_the_pace_are_refused_with_the_wait_that_works() {
    let mut session = Session::new(bounds());
    let text = r#"{"type":"listen_start","id":"x"}"#;
    for _ in 0..50 {
        assert_eq!(said(&session.command(text, NOW_MS))["type"], "ack");
    }
    let refused = said(&session.command(text, NOW_MS));
    assert_eq!(
        (&refused["id"], &refused["status"]["status_code"]),
        (&json!("x"), &json!(5))
    );
    let wait_ms = refused["retry_after_ms"].as_i64().unwrap();
    assert_eq!(said(&session.command(text, NOW_MS + wait_ms - 1))["type"], "error");
    assert_eq!(said(&session.command(text, NOW_MS + wait_ms))["type"], "ack");
}

#[test]
fn errors_in_a_row_end_it_and_anything_done_between_them_does_not() {
    let mut session = Session::new(bounds());
    for _ in 0..5 {
        session.command("{", NOW_MS);
        assert_eq!(session.command("{", NOW_MS).len(), 1);
        listen(&mut session, 11);
    }
    session.command("{", NOW_MS);
    session.command("{", NOW_MS);
    let effects = session.command("{", NOW_MS);
    assert_eq!(said(&effects)["type"], "error");
    assert_eq!(effects[1], Effect::End(3));
}

#[test]
fn a_narrower_scope_stops_what_is_outside_it_and_names_each() {
    let mut session = Session::new(bounds());
    listen(&mut session, 11);
    listen(&mut session, 21);
    assert_eq!(session.narrow(&StationScope::All), []);
    let effects = session.narrow(&StationScope::Only([2].as_slice().into()));
    assert_eq!(effects[0], Effect::LeaveDevice(11));
    let error = said(&effects);
    assert_eq!(
        (&error["device_id"], &error["status"]["status_code"]),
        (&json!(11), &json!(403))
    );
    assert!(error.get("id").is_none());
    assert_eq!(session.devices(), [21]);
    session.placed(21, 5);
    assert_eq!(
        session.narrow(&StationScope::Only([2].as_slice().into())).len(),
        2,
        "it has moved away"
    );
}
