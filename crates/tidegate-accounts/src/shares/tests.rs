use std::collections::BTreeMap;

use crate::{
    AccountsError,
    bounds::Bounds,
    testing::{House, NOW_MS, admin},
};

#[tokio::test]
async fn sharing_twice_is_one_share_and_unsharing_twice_one_end() {
    let house = House::with_users(&["alice", "bob"]).await;
    let (station, _) = house.station("alice").await;
    let accounts = &house.accounts;
    assert!(accounts.station_share(&admin(), station, "bob", NOW_MS).await.unwrap());
    assert!(!accounts.station_share(&admin(), station, "bob", NOW_MS).await.unwrap());
    assert_eq!(accounts.station_shares(station).await.unwrap(), ["bob"]);
    assert!(
        accounts
            .station_unshare(&admin(), station, "bob", NOW_MS)
            .await
            .unwrap()
    );
    assert!(
        !accounts
            .station_unshare(&admin(), station, "bob", NOW_MS)
            .await
            .unwrap()
    );
    assert!(accounts.station_shares(station).await.unwrap().is_empty());
}

#[tokio::test]
async fn shares_of_several_stations_are_those_of_each() {
    let house = House::with_users(&["alice", "bob", "cara"]).await;
    let accounts = &house.accounts;
    let (first, _) = house.station("alice").await;
    let (second, _) = house.station("alice").await;
    let (lonely, _) = house.station("alice").await;
    let (others, _) = house.station("bob").await;
    for (station, with) in [(first, "cara"), (first, "bob"), (second, "bob"), (others, "alice")] {
        assert!(accounts.station_share(&admin(), station, with, NOW_MS).await.unwrap());
    }
    let found = accounts.shares_of(&[first, second, lonely]).await.unwrap();
    let found: BTreeMap<_, _> = found.into_iter().collect();
    let expected = [
        (first, vec!["bob".to_owned(), "cara".to_owned()]),
        (second, vec!["bob".to_owned()]),
    ];
    assert_eq!(found, BTreeMap::from(expected));
    assert!(accounts.shares_of(&[]).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_share_with_the_owner_or_nobody_or_of_no_station_is_refused() {
    let house = House::with_users(&["alice"]).await;
    let (station, _) = house.station("alice").await;
    let share = async |station, with| {
        house
            .accounts
            .station_share(&admin(), station, with, NOW_MS)
            .await
            .unwrap_err()
    };
    assert!(matches!(
        share(station, "alice").await,
        AccountsError::ShareWithOwner { .. }
    ));
    assert!(matches!(
        share(station, "nobody").await,
        AccountsError::NoSuchUser { .. }
    ));
    assert!(matches!(
        share(99, "alice").await,
        AccountsError::NoSuchStation { id: 99 }
    ));
}

#[tokio::test]
async fn only_the_owner_is_the_owner() {
    let house = House::with_users(&["alice", "bob"]).await;
    let (station, _) = house.station("alice").await;
    house
        .accounts
        .station_share(&admin(), station, "bob", NOW_MS)
        .await
        .unwrap();
    assert!(house.accounts.require_owner(station, "alice").await.is_ok());
    assert!(matches!(
        house.accounts.require_owner(station, "bob").await,
        Err(AccountsError::NotOwner { .. })
    ));
    assert!(matches!(
        house.accounts.require_owner(99, "bob").await,
        Err(AccountsError::NoSuchStation { .. })
    ));
}

#[tokio::test]
async fn shares_meet_both_their_bounds() {
    let house = House::bounded(Bounds {
        shares_per_station: 1,
        shares_per_user: 2,
        ..Bounds::default()
    })
    .await;
    for name in ["alice", "bob", "carl"] {
        house.user(name, None).await;
    }
    let accounts = &house.accounts;
    let mut stations = Vec::new();
    for _ in 0..3 {
        stations.push(house.station("alice").await.0);
    }
    accounts
        .station_share(&admin(), stations[0], "bob", NOW_MS)
        .await
        .unwrap();
    let error = accounts
        .station_share(&admin(), stations[0], "carl", NOW_MS)
        .await
        .unwrap_err();
    assert!(matches!(error, AccountsError::TooMany { max: 1, .. }), "{error}");
    assert_eq!(accounts.station_shares(stations[0]).await.unwrap(), ["bob"]);
    accounts
        .station_share(&admin(), stations[1], "bob", NOW_MS)
        .await
        .unwrap();
    let error = accounts
        .station_share(&admin(), stations[2], "bob", NOW_MS)
        .await
        .unwrap_err();
    assert!(matches!(error, AccountsError::TooMany { max: 2, .. }), "{error}");
}
