use crate::changing::*;
use crate::support::*;
use crate::wire::*;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tidegate_streams::{Caller, SocketBounds, StationScope};

fn only(stations: &[i64]) -> Arc<Caller> {
    Arc::new(Caller {
        stations: StationScope::Only(stations.into()),
        ..ada()
    })
}

#[tokio::test]
async fn an_unshared_station_is_stopped_and_each_device_of_it_named() {
    let world = World::open().await;
    let mut wire = Wire::open(&world.streams, ada()).await;
    for device_id in [11, 21, 22] {
        wire.listen(device_id).await;
    }
    wire.caller.send(only(&[1])).unwrap();
    for device_id in [21, 22] {
        let error = wire.next().await;
        assert_eq!(
            (&error["type"], &error["device_id"]),
            (&json!("error"), &json!(device_id))
        );
        assert_eq!(error["status"]["status_code"], 403);
    }
    let air = json!({"serial_number":"AR-00000021","type":"obs_air","obs":[[NOW_S, 835.0, 10.0, 45, 0, 0, 3.46, 1]]});
    hub(&world, &air).await;
    hub(&world, &broadcast(NOW_S, 0.0)).await;
    assert_eq!(wire.next().await["device_id"], 11);
    wire.is_quiet().await;
    assert_eq!(wire.seen.last(), [11]);
    assert_eq!(
        wire.ask(json!({"type":"listen_start","device_id":21})).await["status"]["status_code"],
        403
    );
    wire.caller.send(only(&[1, 2])).unwrap();
    wire.listen(22).await;
}

#[tokio::test]
async fn nothing_that_waited_for_a_slow_reader_is_told_after_the_change() {
    let world = World::open().await;
    let mut wire = Wire::open_with(&world.streams, ada(), SocketBounds::default(), 1).await;
    wire.listen(11).await;
    for place in 0..10 {
        hub(&world, &broadcast(NOW_S - 600 + place * 60, 0.0)).await;
    }
    // The socket fills its channel of one place; the rest waits.
    while wire.from.is_empty() {
        tokio::task::yield_now().await;
    }
    wire.caller.send(only(&[])).unwrap();
    assert_eq!(
        wire.next().await["type"],
        "obs_st",
        "it was on its way before the change"
    );
    let error = wire.next().await;
    assert_eq!((&error["type"], &error["device_id"]), (&json!("error"), &json!(11)));
    wire.is_quiet().await;
}

#[tokio::test]
async fn a_device_that_moves_or_goes_is_stopped_when_the_host_says_that_something_changed() {
    let (directory, streams, _folder) = changing().await;
    let mut wire = Wire::open(&streams, ada()).await;
    for device_id in [11, 21, 22] {
        wire.listen(device_id).await;
    }
    directory.change(|stations| {
        let mut moved = stations[0].devices.remove(1);
        moved.station_id = 3;
        stations[2].devices.push(moved);
        stations[1].devices.remove(0);
    });
    wire.caller.send(only(&[1, 2])).unwrap();
    for (device_id, code) in [(11, 403), (21, 404)] {
        let error = wire.next().await;
        assert_eq!(
            (&error["device_id"], &error["status"]["status_code"]),
            (&json!(device_id), &json!(code))
        );
    }
    wire.is_quiet().await;
    assert_eq!(wire.seen.last(), [22]);
}

#[tokio::test]
async fn a_directory_that_cannot_be_asked_grants_nothing_and_stops_what_it_cannot_confirm() {
    let (directory, streams, _folder) = changing().await;
    let mut wire = Wire::open(&streams, ada()).await;
    wire.listen(11).await;
    directory.is_closed.store(true, Ordering::SeqCst);
    let refused = wire.ask(json!({"type":"listen_start","device_id":21,"id":"x"})).await;
    assert_eq!(
        (&refused["id"], &refused["status"]["status_code"]),
        (&json!("x"), &json!(1))
    );
    wire.caller.send(only(&[1, 2])).unwrap();
    let stopped = wire.next().await;
    assert_eq!(
        (&stopped["device_id"], &stopped["status"]["status_code"]),
        (&json!(11), &json!(1))
    );
    directory.is_closed.store(false, Ordering::SeqCst);
    wire.listen(11).await;
}
