use crate::support::*;
use crate::wire::*;
use serde_json::{Value, json};
use tidegate_streams::SocketEnd;

#[tokio::test]
async fn a_listen_is_acked_then_shown_from_the_cache_then_live() {
    let world = World::open().await;
    relay(&world, [NOW_S - 60]).await;
    let mut wire = Wire::open(&world.streams, ada()).await;
    let ack = wire
        .ask(json!({"type":"listen_start","device_id":11,"id":"2098388936"}))
        .await;
    assert_eq!(ack, json!({"type": "ack", "id": "2098388936"}));
    let cached = wire.next().await;
    assert_eq!(cached["source"], "cache");
    assert_eq!(cached["status"], json!({"status_code": 0, "status_message": "SUCCESS"}));
    assert_eq!(cached["obs"][0][0], NOW_S - 60);
    relay(&world, [NOW_S]).await;
    let live = wire.next().await;
    assert_eq!((&live["source"], &live["obs"][0][0]), (&json!("mqtt"), &json!(NOW_S)));
    assert!(live.get("status").is_none());
    wire.is_quiet().await;
}

#[tokio::test]
async fn listening_again_acks_and_shows_again_and_hears_everything_once() {
    let world = World::open().await;
    relay(&world, [NOW_S - 60]).await;
    let mut wire = Wire::open(&world.streams, ada()).await;
    for id in 0..3 {
        let ack = wire.ask(json!({"type":"listen_start","device_id":11,"id":id})).await;
        assert_eq!(ack["id"], id);
        assert_eq!(wire.next().await["source"], "cache");
    }
    relay(&world, [NOW_S]).await;
    assert_eq!(wire.next().await["obs"][0][0], NOW_S);
    wire.is_quiet().await;
}

#[tokio::test]
async fn every_command_of_todays_clients_gets_one_reply_with_its_id() {
    let world = World::open().await;
    let mut wire = Wire::open(&world.streams, ada()).await;
    for (message, kind) in [
        (json!({"type":"listen_start","token":"t"}), "ack"),
        (json!({"type":"listen_start","device_id":"11","id":7}), "ack"),
        (json!({"type":"listen_rapid_start","device_id":11,"id":"w"}), "ack"),
        (json!({"type":"listen_start_events","device_id":11,"id":"e"}), "ack"),
        (json!({"type":"listen_start_events","station_id":1}), "ack"),
        (json!({"type":"listen_start_events","station_id":3,"id":1}), "error"),
        (json!({"type":"listen_start_events","device_id":31,"id":2}), "error"),
        (json!({"type":"listen_start_events","station_id":99,"id":3}), "error"),
        (json!({"type":"listen_stop_events","device_id":11,"id":"e"}), "ack"),
        (
            json!({"type":"geo_strike_listen_start","lat_min":1,"lat_max":2,"lon_min":1,"lon_max":2,"id":5}),
            "ack",
        ),
        (json!({"type":"geo_strike_listen_stop","id":6}), "ack"),
        (json!({"type":"listen_start","device_id":10,"id":"hub"}), "ack"),
        (json!({"type":"listen_rapid_stop","device_id":"11","id":"w"}), "ack"),
        (json!({"type":"listen_stop","device_id":"11","id":"s"}), "ack"),
    ] {
        let reply = wire.ask(message.clone()).await;
        assert_eq!(reply["type"], kind, "{message}: {reply}");
        assert_eq!(reply.get("id"), message.get("id"), "{message}");
    }
    wire.is_quiet().await;
}

#[tokio::test]
async fn what_cannot_be_done_is_answered_and_the_socket_stays() {
    let world = World::open().await;
    let mut wire = Wire::open(&world.streams, ada()).await;
    for (device_id, code) in [(31, 403), (99, 404)] {
        for command in ["listen_start", "listen_rapid_start"] {
            let refused = wire.ask(json!({"type":command,"device_id":device_id,"id":1})).await;
            assert_eq!(refused["type"], "error");
            assert_eq!((&refused["id"], &refused["device_id"]), (&json!(1), &json!(device_id)));
            assert_eq!(refused["status"]["status_code"], code, "{refused}");
        }
    }
    wire.to.send("{broken".to_owned()).await.unwrap();
    assert_eq!(wire.next().await["status"]["status_code"], 400);
    wire.to.send("x".repeat(5_000)).await.unwrap();
    assert_eq!(wire.next().await["status"]["status_code"], 413);
    assert_eq!(wire.ask(json!({"type":"listen_sart","id":"t"})).await["id"], "t");
    wire.listen(11).await;
    let wind = json!({"serial_number":"ST-00000031","type":"rapid_wind","ob":[NOW_S, 2.3, 128]});
    hub(&world, &wind).await;
    hub(&world, &broadcast(NOW_S, 0.0)).await;
    assert_eq!(wire.next().await["device_id"], 11, "and nothing of the refused device");
}

#[tokio::test]
async fn a_device_is_no_longer_heard_after_listen_stop() {
    let world = World::open().await;
    let mut wire = Wire::open(&world.streams, ada()).await;
    wire.listen(11).await;
    hub(&world, &broadcast(NOW_S - 60, 0.0)).await;
    assert_eq!(wire.next().await["type"], "obs_st");
    wire.ask(json!({"type":"listen_stop","device_id":11})).await;
    hub(&world, &broadcast(NOW_S, 0.0)).await;
    wire.is_quiet().await;
}

#[tokio::test]
async fn the_observer_sees_which_devices_a_socket_carries_and_its_end() {
    let world = World::open().await;
    let mut wire = Wire::open(&world.streams, ada()).await;
    wire.listen(22).await;
    wire.listen(11).await;
    wire.ask(json!({"type":"listen_rapid_start","device_id":11})).await;
    wire.ask(json!({"type":"listen_stop","device_id":22})).await;
    assert_eq!(wire.carried(), [vec![22], vec![11, 22], vec![11]]);
    drop(wire.from);
    assert_eq!(Wire::ended(&mut wire.task).await, SocketEnd::Closed);
    assert_eq!(wire.seen.last(), Vec::<i64>::new());
}

#[tokio::test]
async fn a_socket_ends_when_either_channel_does_even_with_no_room_to_write() {
    let world = World::open().await;
    let mut wire = Wire::open(&world.streams, ada()).await;
    drop(wire.to);
    assert_eq!(Wire::ended(&mut wire.task).await, SocketEnd::Closed);
    let mut stuck = Wire::open_with(&world.streams, ada(), Default::default(), 1).await;
    for id in 0..3 {
        stuck.say(json!({"type":"listen_start","id":id})).await;
    }
    drop(stuck.from);
    assert_eq!(Wire::ended(&mut stuck.task).await, SocketEnd::Closed);
    let mut gone = Wire::open(&world.streams, ada()).await;
    drop(gone.caller);
    let end = Wire::ended(&mut gone.task).await;
    assert_eq!(end, SocketEnd::CallerGone);
    assert!(end.to_string().len() <= 123, "it fits a close frame");
}

#[tokio::test]
async fn a_dropped_session_gives_its_place_back() {
    let world = World::open().await;
    let mut wire = Wire::open(&world.streams, ada()).await;
    wire.listen(11).await;
    wire.task.abort();
    assert!(wire.task.await.unwrap_err().is_cancelled());
    let accepted = world
        .streams
        .hub_broadcast(rapid_wind(NOW_S).to_string().as_bytes(), NOW_MS)
        .await;
    assert_eq!(
        accepted.unwrap(),
        tidegate_streams::Accepted::Ignored,
        "nobody listens any more"
    );
    assert_eq!(wire.seen.last(), Vec::<i64>::new());
}

/// The rest of the day's rain is in the live record as in the history.
#[tokio::test]
async fn a_live_record_is_the_one_that_rest_shows() {
    let world = World::open().await;
    let mut wire = Wire::open(&world.streams, ada()).await;
    wire.listen(11).await;
    relay(&world, [NOW_S - 120, NOW_S - 60, NOW_S]).await;
    let range = format!("?time_start={}&time_end={NOW_S}&bucket=1", NOW_S - 120);
    let rest = world
        .get(&format!("/swd/rest/observations/device/11{range}"))
        .await
        .json;
    let mut summary = Value::Null;
    for place in 0..3 {
        let live = wire.next().await;
        assert_eq!(live["obs"][0], rest["obs"][place]);
        summary = live["summary"].clone();
    }
    assert_eq!(
        summary,
        world.get("/swd/rest/observations/device/11").await.json["summary"]
    );
}
