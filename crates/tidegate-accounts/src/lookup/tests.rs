use proptest::prelude::*;
use tidegate_core::identity::{Grants, Invalid, TokenKind};

use super::*;
use crate::{
    DEVICE, NewToken, NewUser, STATION, StationList,
    bounds::{Bounds, EXTERNAL_CHANGE_MS_MAX},
    testing::{House, KEY, NOW_MS, admin, new_token},
};

fn only(resources: &[(i64, i64)]) -> Grants {
    Grants::Only(
        resources
            .iter()
            .flat_map(|(s, d)| [STATION.of(*s), DEVICE.of(*d)])
            .collect(),
    )
}

// fault 67
#[tokio::test]
async fn a_malformed_token_costs_no_query_and_a_well_formed_one_does() {
    let house = House::with_users(&["alice"]).await;
    let mut secret = house.personal("alice").await.secret.reveal().to_owned();
    house.accounts.close().await;
    assert!(
        house.accounts.lookup(&secret, NOW_MS).await.is_err(),
        "the database is closed"
    );
    let last = if secret.ends_with('0') { '1' } else { '0' };
    secret.pop();
    secret.push(last);
    for malformed in [secret.as_str(), "", "tg_pat_", "Bearer x", &"tg_pat_0".repeat(10_000)] {
        assert_eq!(
            house.accounts.lookup(malformed, NOW_MS).await.unwrap(),
            Err(Invalid::Malformed)
        );
    }
}

#[tokio::test]
async fn a_well_formed_token_that_was_never_issued_is_unknown() {
    let house = House::new().await;
    let secret = crate::Secret::mint(TokenKind::Personal).unwrap().unwrap();
    for _ in 0..2 {
        assert_eq!(
            house.accounts.lookup(secret.reveal(), NOW_MS).await.unwrap(),
            Err(Invalid::Unknown)
        );
    }
}

#[tokio::test]
async fn a_user_somebody_else_names_has_what_their_own_token_has_as_it_comes_and_goes() {
    let house = House::with_users(&["alice", "bob"]).await;
    let of = async |name| house.accounts.lookup_user(name, NOW_MS).await.unwrap();
    assert_eq!(of("carol").await, None);
    house.user("carol", Some("acme")).await;
    let carol = of("carol").await.unwrap();
    assert_eq!(
        (&*carol.subject, &*carol.tenant, &carol.grants),
        ("carol", "acme", &only(&[]))
    );

    let (station, device) = house.station("alice").await;
    house
        .accounts
        .station_share(&admin(), station, "bob", NOW_MS)
        .await
        .unwrap();
    assert_eq!(of("bob").await.unwrap().grants, only(&[(station, device)]));
    let created = house.personal("bob").await;
    let own = house.known(&created).await;
    let named = of("bob").await.unwrap();
    assert_eq!(
        (&named.grants, &named.plan, &named.subject),
        (&own.grants, &own.plan, &own.subject)
    );
    house
        .accounts
        .station_unshare(&admin(), station, "bob", NOW_MS)
        .await
        .unwrap();
    assert_eq!(of("bob").await.unwrap().grants, only(&[]));
}

#[tokio::test]
async fn a_known_token_costs_no_query_while_nothing_changes() {
    let house = House::with_users(&["alice"]).await;
    let created = house.personal("alice").await;
    house.known(&created).await;
    house.accounts.close().await;
    house.known(&created).await;
}

// fault 69
#[tokio::test]
async fn a_revoked_token_is_refused_at_the_next_look_up() {
    let house = House::with_users(&["alice"]).await;
    let created = house.personal("alice").await;
    assert!(house.lookup(&created).await.is_ok());
    house
        .accounts
        .token_revoke(&admin(), &created.id, NOW_MS)
        .await
        .unwrap();
    assert_eq!(house.lookup(&created).await, Err(Invalid::Revoked));
    assert_eq!(
        house.accounts.lookup_id(&created.id, NOW_MS).await.unwrap(),
        Err(Invalid::Revoked)
    );
}

#[tokio::test]
async fn an_expired_token_is_refused_from_its_very_millisecond_cached_or_not() {
    let house = House::with_users(&["alice"]).await;
    let expires_ms = Some(NOW_MS + 10);
    let new = NewToken {
        expires_ms,
        ..new_token("alice", TokenKind::Personal, None)
    };
    let created = house.accounts.token_create(&admin(), new, NOW_MS).await.unwrap();
    for (after_ms, valid) in [(0, true), (9, true), (10, false), (11, false), (9, true)] {
        let lookup = house
            .accounts
            .lookup(created.secret.reveal(), NOW_MS + after_ms)
            .await
            .unwrap();
        assert_eq!(lookup.is_ok(), valid, "after {after_ms} ms");
        assert_eq!(
            house.accounts.lookup_id(&created.id, NOW_MS + after_ms).await.unwrap(),
            lookup
        );
        assert!(valid || lookup == Err(Invalid::Expired));
    }
}

#[tokio::test]
async fn a_personal_token_reaches_own_and_shared_stations_and_their_devices_as_they_come_and_go() {
    let house = House::with_users(&["alice", "bob"]).await;
    let created = house.personal("bob").await;
    assert_eq!(house.known(&created).await.grants, only(&[]));
    let own = house.station("bob").await;
    let of_alice = house.station("alice").await;
    assert_eq!(house.known(&created).await.grants, only(&[own]));
    house
        .accounts
        .station_share(&admin(), of_alice.0, "bob", NOW_MS)
        .await
        .unwrap();
    assert_eq!(house.known(&created).await.grants, only(&[own, of_alice]));
    house
        .accounts
        .station_unshare(&admin(), of_alice.0, "bob", NOW_MS)
        .await
        .unwrap();
    assert_eq!(house.known(&created).await.grants, only(&[own]));
}

#[tokio::test]
async fn a_narrowed_token_never_outlives_the_share_it_names() {
    let house = House::with_users(&["alice", "bob"]).await;
    house.station("bob").await;
    let of_alice = house.station("alice").await;
    house
        .accounts
        .station_share(&admin(), of_alice.0, "bob", NOW_MS)
        .await
        .unwrap();
    let created = house
        .token("bob", TokenKind::Personal, Some(StationList::Ids(vec![of_alice.0])))
        .await;
    assert_eq!(house.known(&created).await.grants, only(&[of_alice]));
    house
        .accounts
        .station_unshare(&admin(), of_alice.0, "bob", NOW_MS)
        .await
        .unwrap();
    assert_eq!(house.known(&created).await.grants, only(&[]));
}

#[tokio::test]
async fn an_app_token_reaches_the_stations_of_its_tenant() {
    let house = House::new().await;
    house.user("ann", Some("acme")).await;
    house.user("ben", Some("acme")).await;
    house.user("eve", None).await;
    let (first, second) = (house.station("ann").await, house.station("ben").await);
    house.station("eve").await;
    let created = house.token("ann", TokenKind::App, None).await;
    let token = house.known(&created).await;
    assert_eq!((&*token.subject, &*token.tenant), ("ann", "acme"));
    assert_eq!(token.grants, only(&[first, second]));
    let narrowed = house
        .token("ann", TokenKind::App, Some(StationList::Ids(vec![second.0])))
        .await;
    assert_eq!(house.known(&narrowed).await.grants, only(&[second]));
}

#[tokio::test]
async fn an_enterprise_token_reaches_what_it_names_or_all() {
    let house = House::with_users(&["alice", "bob"]).await;
    house.station("alice").await;
    let of_bob = house.station("bob").await;
    let named = house
        .token("alice", TokenKind::Enterprise, Some(StationList::Ids(vec![of_bob.0])))
        .await;
    assert_eq!(house.known(&named).await.grants, only(&[of_bob]));
    let all = house
        .token("alice", TokenKind::Enterprise, Some(StationList::All))
        .await;
    assert_eq!(house.known(&all).await.grants, Grants::All);
}

#[tokio::test]
async fn a_development_token_reaches_its_users_own_stations_and_none_shared_with_them() {
    let house = House::with_users(&["alice", "bob"]).await;
    let own = house.station("bob").await;
    let of_alice = house.station("alice").await;
    house
        .accounts
        .station_share(&admin(), of_alice.0, "bob", NOW_MS)
        .await
        .unwrap();
    let created = house.token("bob", TokenKind::Development, None).await;
    assert_eq!(house.known(&created).await.grants, only(&[own]));
}

#[tokio::test]
async fn all_personal_and_app_tokens_of_a_user_share_one_subject() {
    let house = House::with_users(&["alice"]).await;
    for kind in [TokenKind::Personal, TokenKind::Personal, TokenKind::App] {
        let created = house.token("alice", kind, None).await;
        assert_eq!(&*house.known(&created).await.subject, "alice");
    }
}

#[tokio::test]
async fn each_enterprise_and_development_token_is_its_own_subject() {
    let house = House::with_users(&["alice"]).await;
    for kind in [TokenKind::Enterprise, TokenKind::Enterprise, TokenKind::Development] {
        let created = house.token("alice", kind, Some(StationList::All)).await;
        let token = house.known(&created).await;
        assert_eq!(*token.subject, *format!("key:{}", created.id));
        assert_eq!(&*token.user, "alice");
    }
}

#[tokio::test]
async fn a_plan_is_the_users_but_for_development_and_planless_enterprise_tokens() {
    let house = House::with_users(&["free"]).await;
    let gold = NewUser {
        name: "gold".to_owned(),
        plan: Some("gold".to_owned()),
        tenant: None,
    };
    house.accounts.user_add(&admin(), gold, NOW_MS).await.unwrap();
    let expected = [
        ("free", TokenKind::Personal, None),
        ("gold", TokenKind::Personal, Some("gold")),
        ("free", TokenKind::Enterprise, Some("enterprise")),
        ("gold", TokenKind::Enterprise, Some("gold")),
        ("gold", TokenKind::Development, Some("development")),
    ];
    for (user, kind, plan) in expected {
        let created = house.token(user, kind, Some(StationList::All)).await;
        assert_eq!(house.known(&created).await.plan.as_deref(), plan);
    }
}

// fault 69
#[tokio::test]
async fn a_change_by_another_process_acts_within_its_bound() {
    let house = House::with_users(&["alice"]).await;
    let created = house.personal("alice").await;
    house.known(&created).await;
    let other = Accounts::open(&house.path, KEY).await.unwrap();
    other.token_revoke(&admin(), &created.id, NOW_MS).await.unwrap();
    let after_ms = NOW_MS + EXTERNAL_CHANGE_MS_MAX as i64;
    assert_eq!(
        house.accounts.lookup(created.secret.reveal(), after_ms).await.unwrap(),
        Err(Invalid::Revoked)
    );
}

#[tokio::test]
async fn a_change_by_another_process_is_not_hidden_by_one_of_our_own() {
    let house = House::with_users(&["alice"]).await;
    let created = house.personal("alice").await;
    house.known(&created).await;
    let seen = *house.accounts.changes().borrow();
    let other = Accounts::open(&house.path, KEY).await.unwrap();
    other.token_revoke(&admin(), &created.id, NOW_MS).await.unwrap();
    house.user("bob", None).await;
    house
        .accounts
        .lookup(created.secret.reveal(), NOW_MS + 60_000)
        .await
        .unwrap()
        .unwrap_err();
    assert_eq!(*house.accounts.changes().borrow(), seen + 2);
}

#[tokio::test]
async fn grants_stop_at_their_bound() {
    let house = House::bounded(Bounds {
        grants_per_token: 4,
        ..Bounds::default()
    })
    .await;
    house.user("alice", None).await;
    let (first, second, _) = (
        house.station("alice").await,
        house.station("alice").await,
        house.station("alice").await,
    );
    let created = house.personal("alice").await;
    assert_eq!(house.known(&created).await.grants, only(&[first, second]));
}

#[tokio::test]
async fn a_resource_is_there_or_not_whoever_owns_it() {
    let house = House::with_users(&["alice"]).await;
    let (station, device) = house.station("alice").await;
    for (resource, there) in [
        (STATION.of(station), true),
        (DEVICE.of(device), true),
        (STATION.of(station + 1), false),
        (DEVICE.of(-1), false),
    ] {
        assert_eq!(house.accounts.resource_exists(resource).await.unwrap(), there);
    }
}

#[test]
fn no_mutation_of_an_issued_token_is_ever_known() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let house = runtime.block_on(House::with_users(&["alice"]));
    let created = runtime.block_on(house.personal("alice"));
    let secret = created.secret.reveal();
    proptest!(ProptestConfig::with_cases(512), |(place in 0..secret.len(), other in any::<char>())| {
        let mut chars: Vec<char> = secret.chars().collect();
        prop_assume!(chars[place] != other);
        chars[place] = other;
        let mutated: String = chars.into_iter().collect();
        let lookup = runtime.block_on(house.accounts.lookup(&mutated, NOW_MS)).unwrap();
        prop_assert_eq!(lookup, Err(Invalid::Malformed));
    });
}
