use super::*;
use crate::{
    DEVICE, STATION,
    bounds::Bounds,
    testing::{House, NOW_MS, admin},
};

fn new_station(user: &str, serial: Option<&str>) -> NewStation {
    NewStation {
        user: user.to_owned(),
        name: "roof".to_owned(),
        serial: serial.map(str::to_owned),
        ..NewStation::default()
    }
}

async fn refused(house: &House, new: NewStation) -> AccountsError {
    let error = house.accounts.station_add(&admin(), new, NOW_MS).await.unwrap_err();
    assert!(error.is_refusal(), "{error}");
    error
}

#[tokio::test]
async fn a_station_without_a_place_stands_at_the_stated_defaults() {
    let house = House::with_users(&["alice"]).await;
    let (id, device_id) = house.station("alice").await;
    let expected = Station {
        id,
        name: "roof".to_owned(),
        owner: "alice".to_owned(),
        latitude: 0.0,
        longitude: 0.0,
        elevation_m: 0.0,
        timezone: "UTC".to_owned(),
        created_ms: NOW_MS,
        devices: vec![Device {
            id: device_id,
            station_id: id,
            serial_number: None,
            kind: "ST".to_owned(),
        }],
    };
    assert_eq!(house.accounts.station(id).await.unwrap(), Some(expected));
    assert_eq!(house.accounts.station(id + 1).await.unwrap(), None);
}

#[tokio::test]
async fn a_place_and_a_time_zone_are_kept() {
    let house = House::with_users(&["alice"]).await;
    let new = NewStation {
        latitude: Some(39.7),
        longitude: Some(-105.0),
        elevation_m: Some(1_609.0),
        timezone: Some("America/Denver".to_owned()),
        ..new_station("alice", None)
    };
    let (id, _) = house.accounts.station_add(&admin(), new, NOW_MS).await.unwrap();
    let kept = house.accounts.station(id).await.unwrap().unwrap();
    assert_eq!(
        (kept.latitude, kept.longitude, kept.elevation_m),
        (39.7, -105.0, 1_609.0)
    );
    assert_eq!(kept.timezone, "America/Denver");
}

#[tokio::test]
async fn a_devices_kind_is_its_serial_numbers_prefix() {
    let house = House::with_users(&["alice"]).await;
    let kinds = [
        ("ST-1", "ST"),
        ("AR-1", "AR"),
        ("SK-1", "SK"),
        ("HB-1", "HB"),
        ("XX-1", "ST"),
        ("ARX", "ST"),
    ];
    for (serial, kind) in kinds {
        let (_, id) = house
            .accounts
            .station_add(&admin(), new_station("alice", Some(serial)), NOW_MS)
            .await
            .unwrap();
        let device = house.accounts.device_by_serial(serial).await.unwrap().unwrap();
        assert_eq!((device.id, device.kind.as_str()), (id, kind));
        assert_eq!(house.accounts.device(id).await.unwrap(), Some(device));
    }
    assert_eq!(house.accounts.device_by_serial("st-1").await.unwrap(), None);
}

#[tokio::test]
async fn a_serial_number_is_taken_once_and_the_second_station_leaves_no_trace() {
    let house = House::with_users(&["alice", "bob"]).await;
    house
        .accounts
        .station_add(&admin(), new_station("alice", Some("ST-1")), NOW_MS)
        .await
        .unwrap();
    let error = refused(&house, new_station("bob", Some("ST-1"))).await;
    assert!(matches!(error, AccountsError::SerialTaken { .. }), "{error}");
    assert_eq!(house.accounts.stations_in(&Scope::All, 10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_place_that_is_not_on_earth_is_refused() {
    let house = House::with_users(&["alice"]).await;
    for (latitude, longitude, elevation_m) in [
        (Some(90.1), None, None),
        (Some(f64::NAN), None, None),
        (None, Some(-180.1), None),
        (None, None, Some(9_001.0)),
        (None, None, Some(f64::NEG_INFINITY)),
    ] {
        let new = NewStation {
            latitude,
            longitude,
            elevation_m,
            ..new_station("alice", None)
        };
        assert!(matches!(refused(&house, new).await, AccountsError::OutOfRange { .. }));
    }
    let edge = NewStation {
        latitude: Some(-90.0),
        longitude: Some(180.0),
        ..new_station("alice", None)
    };
    house.accounts.station_add(&admin(), edge, NOW_MS).await.unwrap();
}

#[tokio::test]
async fn a_station_of_nobody_is_refused() {
    let house = House::new().await;
    assert!(matches!(
        refused(&house, new_station("nobody", None)).await,
        AccountsError::NoSuchUser { .. }
    ));
}

#[tokio::test]
async fn a_user_has_as_many_stations_as_the_bound_and_not_one_more() {
    let house = House::bounded(Bounds {
        stations_per_user: 1,
        ..Bounds::default()
    })
    .await;
    house.user("alice", None).await;
    house.station("alice").await;
    assert!(matches!(
        refused(&house, new_station("alice", None)).await,
        AccountsError::TooMany { max: 1, .. }
    ));
}

#[tokio::test]
async fn a_listing_is_by_id_within_its_scope_and_limit() {
    let house = House::with_users(&["alice"]).await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(house.station("alice").await.0);
    }
    let listed = async |scope: Scope, limit| -> Vec<i64> {
        house
            .accounts
            .stations_in(&scope, limit)
            .await
            .unwrap()
            .into_iter()
            .map(|station| station.id)
            .collect()
    };
    assert_eq!(listed(Scope::All, 10).await, ids);
    assert_eq!(listed(Scope::All, 2).await, ids[..2]);
    assert_eq!(
        listed(Scope::Only(vec![ids[2], 99, ids[0], ids[0]]), 10).await,
        [ids[0], ids[2]]
    );
    assert_eq!(listed(Scope::Only(vec![]), 10).await, [] as [i64; 0]);
    // More ids than go into one query.
    assert_eq!(listed(Scope::Only((0..2_000).rev().collect()), 2).await, ids[..2]);
}

#[test]
fn grants_are_a_scope_of_their_stations() {
    let grants = Grants::Only([STATION.of(1), DEVICE.of(7)].into());
    assert_eq!(Scope::from(&grants), Scope::Only(vec![1]));
    assert_eq!(Scope::from(&Grants::All), Scope::All);
}

#[tokio::test]
async fn the_stations_of_a_user_are_the_own_ones_and_no_others() {
    let house = House::with_users(&["alice", "bob"]).await;
    let (first, _) = house.station("alice").await;
    let (bobs, _) = house.station("bob").await;
    let (second, _) = house.station("alice").await;
    house
        .accounts
        .station_share(&admin(), bobs, "alice", NOW_MS)
        .await
        .unwrap();
    let own = house.accounts.stations_of("alice").await.unwrap();
    assert_eq!(
        own.iter().map(|station| station.id).collect::<Vec<_>>(),
        [first, second]
    );
    assert_eq!(own[0].devices.len(), 1);
}
