use crate::support::*;
use crate::wire::*;
use futures_util::future::BoxFuture;
use parking_lot::Mutex;
use serde_json::json;
use std::sync::Arc;
use tidegate_streams::{Caller, Device, Directory, DirectoryError, SocketBounds, Station, StationScope, Streams};

/// A town whose stations can change.
struct Changing(Mutex<Arc<Town>>);

impl Changing {
    fn now(&self) -> Arc<Town> {
        Arc::clone(&self.0.lock())
    }

    fn change(&self, change: impl FnOnce(&mut Vec<Station>)) {
        let mut stations = self.now().stations.clone();
        change(&mut stations);
        *self.0.lock() = Arc::new(Town { stations });
    }
}

impl Directory for Changing {
    fn stations<'a>(&'a self, scope: &'a StationScope) -> BoxFuture<'a, Result<Vec<Station>, DirectoryError>> {
        let town = self.now();
        Box::pin(async move { town.stations(scope).await })
    }

    fn station<'a>(&'a self, id: i64) -> BoxFuture<'a, Result<Option<Station>, DirectoryError>> {
        let town = self.now();
        Box::pin(async move { town.station(id).await })
    }

    fn device<'a>(&'a self, id: i64) -> BoxFuture<'a, Result<Option<Device>, DirectoryError>> {
        let town = self.now();
        Box::pin(async move { town.device(id).await })
    }

    fn device_by_serial<'a>(&'a self, serial: &'a str) -> BoxFuture<'a, Result<Option<Device>, DirectoryError>> {
        let town = self.now();
        Box::pin(async move { town.device_by_serial(serial).await })
    }
}

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
    let folder = tempfile::tempdir().unwrap();
    let directory = Arc::new(Changing(Mutex::new(town())));
    let path = folder.path().join("streams.db");
    let streams = Streams::open(&path, Arc::clone(&directory) as Arc<dyn Directory>)
        .await
        .unwrap();
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
