use crate::support::*;
use crate::wire::*;
use serde_json::{Value, json};
use std::sync::Arc;
use tidegate_streams::{SocketBounds, SocketEnd};
use tokio::sync::{mpsc, watch};

#[tokio::test]
async fn one_socket_carries_many_devices_up_to_its_cap() {
    let world = World::open().await;
    let bounds = SocketBounds {
        devices_max: 2,
        ..SocketBounds::default()
    };
    let mut wire = Wire::open_with(&world.streams, ada(), bounds, 16).await;
    wire.listen(11).await;
    wire.listen(21).await;
    let refused = wire
        .ask(json!({"type":"listen_start","device_id":22,"id":"third"}))
        .await;
    assert_eq!((&refused["type"], &refused["id"]), (&json!("error"), &json!("third")));
    let message = refused["status"]["status_message"].as_str().unwrap();
    assert!(
        message.contains("one socket carries many devices, up to 2"),
        "{message}"
    );
    hub(&world, &broadcast(NOW_S, 0.0)).await;
    let air = json!({"serial_number":"AR-00000021","type":"obs_air","obs":[[NOW_S, 835.0, 10.0, 45, 0, 0, 3.46, 1]]});
    hub(&world, &air).await;
    let heard = [wire.next().await["type"].clone(), wire.next().await["type"].clone()];
    assert_eq!(heard, ["obs_st", "obs_air"]);
}

#[tokio::test]
async fn commands_that_come_too_fast_are_refused_and_live_data_goes_on() {
    let world = World::open().await;
    let bounds = SocketBounds {
        commands_per_minute_max: 5,
        ..SocketBounds::default()
    };
    let mut wire = Wire::open_with(&world.streams, ada(), bounds, 16).await;
    wire.listen(11).await;
    let mut refused = Value::Null;
    for id in 1..=5 {
        refused = wire.ask(json!({"type":"listen_start","id":id})).await;
    }
    assert_eq!(
        (&refused["id"], &refused["status"]["status_code"]),
        (&json!(5), &json!(5))
    );
    assert_eq!(refused["retry_after_ms"], 12_000);
    hub(&world, &broadcast(NOW_S, 0.0)).await;
    assert_eq!(wire.next().await["type"], "obs_st");
}

#[tokio::test]
async fn a_hundred_errors_in_a_row_end_the_socket_after_the_last_is_said() {
    let world = World::open().await;
    let mut wire = Wire::open(&world.streams, ada()).await;
    for _ in 0..100 {
        assert_eq!(wire.ask(json!({"type":"nonsense"})).await["type"], "error");
    }
    let end = Wire::ended(&mut wire.task).await;
    assert_eq!(end, SocketEnd::TooManyErrors(100));
    assert!(end.to_string().len() <= 123, "it fits a close frame: {end}");
    assert!(wire.from.recv().await.is_none());
}

#[tokio::test]
async fn an_idle_session_is_small() {
    let world = World::open().await;
    let (_to, incoming) = mpsc::channel(1);
    let (outgoing, _from) = mpsc::channel(1);
    let (_caller, source) = watch::channel(Arc::new(ada()));
    let observer = Arc::new(Seen::default());
    let bounds = SocketBounds::default();
    let session = world
        .streams
        .tempest_socket(source, incoming, outgoing, bounds, || NOW_MS, observer);
    let bytes = size_of_val(&session);
    assert!(bytes <= 4 * 1_024, "{bytes} bytes");
}
