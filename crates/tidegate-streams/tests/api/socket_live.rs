use crate::changing::*;
use crate::support::*;
use crate::wire::*;
use serde_json::{Value, json};
use tidegate_streams::{Accepted, MAILBOX_EVENTS_MAX, SocketBounds};

#[tokio::test]
async fn what_is_relayed_and_what_is_broadcast_reaches_every_listener_once_and_in_order() {
    let world = World::open().await;
    let mut wires = Vec::new();
    for _ in 0..5 {
        let mut wire = Wire::open(&world.streams, ada()).await;
        wire.listen(11).await;
        wires.push(wire);
    }
    relay(&world, [NOW_S - 300, NOW_S - 240]).await;
    hub(&world, &broadcast(NOW_S - 180, 0.0)).await;
    relay(&world, [NOW_S - 120]).await;
    hub(&world, &broadcast(NOW_S - 60, 0.0)).await;
    for wire in &mut wires {
        let mut heard = Vec::new();
        for _ in 0..5 {
            heard.push(wire.next().await["obs"][0][0].as_i64().unwrap() - NOW_S);
        }
        assert_eq!(heard, [-300, -240, -180, -120, -60]);
        wire.is_quiet().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_sockets_on_one_device_each_hear_it() {
    let world = World::open().await;
    let mut wires = Vec::new();
    for _ in 0..1_000 {
        let mut wire = Wire::open_with(&world.streams, ada(), SocketBounds::default(), 4).await;
        wire.listen(11).await;
        wires.push(wire);
    }
    for age_s in [120, 60, 0] {
        hub(&world, &broadcast(NOW_S - age_s, 0.0)).await;
    }
    for wire in &mut wires {
        for age_s in [120, 60, 0] {
            assert_eq!(wire.next().await["obs"][0][0], NOW_S - age_s);
        }
    }
}

#[tokio::test]
async fn a_slow_listener_keeps_the_newest_and_is_told_once_while_others_hear_all() {
    let world = World::open().await;
    let mut slow = Wire::open_with(&world.streams, ada(), SocketBounds::default(), 1).await;
    let mut quick = Wire::open(&world.streams, ada()).await;
    for wire in [&mut slow, &mut quick] {
        wire.ask(json!({"type":"listen_rapid_start","device_id":11})).await;
    }
    let sent = MAILBOX_EVENTS_MAX as i64 + 40;
    for place in 0..sent {
        hub(&world, &rapid_wind(NOW_S - sent + place)).await;
        assert_eq!(quick.next().await["ob"][0], NOW_S - sent + place);
    }
    let mut heard = Vec::new();
    let mut lost = Vec::new();
    while heard.last() != Some(&(NOW_S - 1)) {
        let message = slow.next().await;
        match message["type"].as_str() {
            Some("rapid_wind") => heard.push(message["ob"][0].as_i64().unwrap()),
            Some("evt_dropped") => lost.push(message),
            _ => panic!("{message}"),
        }
    }
    assert!(
        heard.is_sorted() && heard.len() >= MAILBOX_EVENTS_MAX,
        "{}",
        heard.len()
    );
    let count = sent - heard.len() as i64;
    assert_eq!(lost, [json!({"type": "evt_dropped", "device_id": 11, "count": count})]);
    slow.is_quiet().await;
}

#[tokio::test]
async fn a_history_relayed_at_once_tells_the_newest_of_it() {
    let world = World::open().await;
    let mut wire = Wire::open(&world.streams, ada()).await;
    wire.listen(11).await;
    relay(&world, (0..300).map(|minute| NOW_S - (300 - minute) * 60)).await;
    let lost = wire.next().await;
    assert_eq!(
        (&lost["type"], &lost["count"]),
        (&json!("evt_dropped"), &json!(300 - MAILBOX_EVENTS_MAX))
    );
    let kept = MAILBOX_EVENTS_MAX as i64;
    for place in 0..kept {
        assert_eq!(wire.next().await["obs"][0][0], NOW_S - (kept - place) * 60);
    }
    wire.is_quiet().await;
}

#[tokio::test]
async fn wind_and_rain_are_told_and_kept_nowhere() {
    let world = World::open().await;
    let rain = json!({"serial_number":"ST-00000011","type":"evt_precip","hub_sn":"HB-00000010","evt":[NOW_S]});
    let take = async |datagram: &Value| {
        let datagram = datagram.to_string();
        world.streams.hub_broadcast(datagram.as_bytes(), NOW_MS).await.unwrap()
    };
    assert_eq!(take(&rapid_wind(NOW_S)).await, Accepted::Ignored, "nobody listens");
    let mut wire = Wire::open(&world.streams, ada()).await;
    wire.listen(11).await;
    wire.ask(json!({"type":"listen_rapid_start","device_id":11})).await;
    assert_eq!(take(&rapid_wind(NOW_S)).await, Accepted::Live);
    assert_eq!(wire.next().await["ob"], json!([NOW_S, 2.3, 128]));
    assert_eq!(take(&rain).await, Accepted::Live);
    assert_eq!(wire.next().await["type"], "evt_precip");
    let foreign = rapid_wind(NOW_S).to_string().replace("ST-00000011", "ST-00000077");
    assert_eq!(take(&serde_json::from_str(&foreign).unwrap()).await, Accepted::Ignored);
    let answer = world
        .send(
            &ada(),
            "POST /swd/rest/observations",
            json!([rapid_wind(NOW_S), rain]).to_string(),
        )
        .await;
    assert_eq!(
        (&answer.json["accepted"], &answer.json["stored"]),
        (&json!(2), &json!(0))
    );
    assert_eq!(wire.next().await["type"], "rapid_wind");
    assert_eq!(wire.next().await["type"], "evt_precip");
    assert_eq!(
        world.get("/swd/rest/observations/device/11").await.json["obs"],
        json!([])
    );
}

#[tokio::test]
async fn only_the_owner_relays_wind_and_nothing_of_a_refused_batch_is_told() {
    let world = World::open().await;
    let mut wire = Wire::open(&world.streams, ada()).await;
    wire.listen(11).await;
    wire.ask(json!({"type":"listen_rapid_start","device_id":11})).await;
    let mut bob = ada();
    bob.user = Some("bob".into());
    let forged = world
        .send(&bob, "POST /swd/rest/observations", rapid_wind(NOW_S).to_string())
        .await;
    assert_eq!(forged.status, 403);
    let half = json!([rapid_wind(NOW_S), broadcast(NOW_S, 0.0), {"type": "obs_st"}]);
    assert_eq!(
        world
            .send(&ada(), "POST /swd/rest/observations", half.to_string())
            .await
            .status,
        400
    );
    wire.is_quiet().await;
}

#[tokio::test]
async fn a_write_while_the_snapshot_is_read_is_not_said_twice() {
    let (directory, streams, _folder) = changing().await;
    let turn = directory.desk.acquire().await.unwrap();
    let mut wire = Wire::open(&streams, ada()).await;
    wire.say(json!({"type":"listen_start","device_id":11,"id":"L"})).await;
    // The socket listens already, and waits at the desk to read its snapshot.
    let take = async |datagram: Value| {
        let datagram = datagram.to_string();
        streams.hub_broadcast(datagram.as_bytes(), NOW_MS).await.unwrap()
    };
    while take(rapid_wind(NOW_S)).await == Accepted::Ignored {
        tokio::task::yield_now().await;
    }
    take(broadcast(NOW_S - 120, 0.0)).await;
    take(broadcast(NOW_S - 60, 0.0)).await;
    drop(turn);
    assert_eq!(wire.next().await["type"], "ack");
    for (source, epoch_s) in [("cache", NOW_S - 60), ("mqtt", NOW_S - 120)] {
        let message = wire.next().await;
        assert_eq!(
            (&message["source"], &message["obs"][0][0]),
            (&json!(source), &json!(epoch_s))
        );
    }
    wire.is_quiet().await;
    take(broadcast(NOW_S - 60, 0.0)).await;
    assert_eq!(wire.next().await["source"], "mqtt", "sent again later, it is told");
    wire.is_quiet().await;
}

#[tokio::test]
async fn everything_after_the_ack_is_heard_live_and_in_order_by_a_reader_that_is_late() {
    let world = World::open().await;
    for round in 0..10 {
        let epoch_s = NOW_S - 3_600 + round * 300;
        let mut wire = Wire::open_with(&world.streams, ada(), SocketBounds::default(), 1).await;
        assert_eq!(
            wire.ask(json!({"type":"listen_start","device_id":11})).await["type"],
            "ack"
        );
        relay(&world, [epoch_s, epoch_s + 60]).await;
        relay(&world, [epoch_s + 120]).await;
        let mut live = Vec::new();
        while live.len() < 3 {
            let message = wire.next().await;
            if message["source"] == "mqtt" {
                live.push(message["obs"][0][0].as_i64().unwrap() - epoch_s);
            }
        }
        assert_eq!(live, [0, 60, 120]);
        wire.is_quiet().await;
    }
}
