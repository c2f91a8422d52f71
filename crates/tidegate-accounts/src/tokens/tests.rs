use tidegate_core::identity::Invalid;

use super::*;
use crate::{
    bounds::Bounds,
    testing::{House, NOW_MS, admin, new_token},
};

async fn refused(house: &House, new: NewToken) -> AccountsError {
    let error = house.accounts.token_create(&admin(), new, NOW_MS).await.unwrap_err();
    assert!(error.is_refusal(), "{error}");
    error
}

#[tokio::test]
async fn a_listing_shows_everything_but_the_secret() {
    let house = House::with_users(&["alice"]).await;
    let (station, _) = house.station("alice").await;
    let listed = Some(StationList::Ids(vec![station, station]));
    let created = house.token("alice", TokenKind::Personal, listed).await;
    let row = house.accounts.tokens("alice").await.unwrap().pop().unwrap();
    let expected = TokenRow {
        id: created.id.clone(),
        kind: TokenKind::Personal,
        user: "alice".to_owned(),
        created_ms: NOW_MS,
        expires_ms: None,
        revoked_ms: None,
        stations: Some(StationList::Ids(vec![station])),
        name: String::new(),
        is_session: false,
        hint: created.secret.reveal()[created.secret.reveal().len() - 4..].to_owned(),
    };
    assert_eq!(row, expected);
}

#[tokio::test]
async fn live_tokens_are_listed_before_revoked_ones() {
    let house = House::with_users(&["alice"]).await;
    let (revoked, live) = (house.personal("alice").await, house.personal("alice").await);
    house
        .accounts
        .token_revoke(&admin(), &revoked.id, NOW_MS + 1)
        .await
        .unwrap();
    let ids: Vec<String> = house
        .accounts
        .tokens("alice")
        .await
        .unwrap()
        .into_iter()
        .map(|row| row.id)
        .collect();
    assert_eq!(ids, [live.id, revoked.id]);
}

#[tokio::test]
async fn what_a_token_must_say_is_asked_for() {
    let house = House::with_users(&["alice"]).await;
    let development = NewToken {
        expires_ms: None,
        ..new_token("alice", TokenKind::Development, None)
    };
    assert!(refused(&house, development).await.to_string().contains("--expires"));
    let enterprise = new_token("alice", TokenKind::Enterprise, None);
    assert!(refused(&house, enterprise).await.to_string().contains("--stations 1,2"));
    let opaque = new_token("alice", TokenKind::Opaque, None);
    assert!(matches!(
        refused(&house, opaque).await,
        AccountsError::KindNotIssued { .. }
    ));
    let nobody = new_token("nobody", TokenKind::Personal, None);
    assert!(matches!(
        refused(&house, nobody).await,
        AccountsError::NoSuchUser { .. }
    ));
    let none = new_token("alice", TokenKind::Personal, Some(StationList::Ids(vec![])));
    assert!(matches!(refused(&house, none).await, AccountsError::OutOfRange { .. }));
    assert!(house.accounts.tokens("alice").await.unwrap().is_empty());
}

#[tokio::test]
async fn an_end_must_lie_after_now() {
    let house = House::with_users(&["alice"]).await;
    let ends = |expires_ms| NewToken {
        expires_ms,
        ..new_token("alice", TokenKind::Personal, None)
    };
    assert!(matches!(
        refused(&house, ends(Some(NOW_MS))).await,
        AccountsError::ExpiresInPast { .. }
    ));
    assert!(
        house
            .accounts
            .token_create(&admin(), ends(Some(NOW_MS + 1)), NOW_MS)
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn a_token_names_only_stations_that_are_there_and_within_its_reach() {
    let house = House::with_users(&["alice", "bob"]).await;
    let (of_bob, _) = house.station("bob").await;
    let names = |kind, id| new_token("alice", kind, Some(StationList::Ids(vec![id])));
    for kind in [TokenKind::Personal, TokenKind::App] {
        let error = refused(&house, names(kind, of_bob)).await;
        assert!(matches!(error, AccountsError::OutOfReach { .. }), "{error}");
    }
    for kind in [TokenKind::Personal, TokenKind::Enterprise, TokenKind::Development] {
        assert!(matches!(
            refused(&house, names(kind, 999)).await,
            AccountsError::NoSuchStation { id: 999 }
        ));
    }
    house
        .accounts
        .token_create(&admin(), names(TokenKind::Enterprise, of_bob), NOW_MS)
        .await
        .unwrap();
    house
        .accounts
        .station_share(&admin(), of_bob, "alice", NOW_MS)
        .await
        .unwrap();
    house
        .accounts
        .token_create(&admin(), names(TokenKind::Personal, of_bob), NOW_MS)
        .await
        .unwrap();
}

#[tokio::test]
async fn live_tokens_and_named_stations_meet_their_bounds() {
    let house = House::bounded(Bounds {
        tokens_per_user: 2,
        stations_per_token: 1,
        ..Bounds::default()
    })
    .await;
    house.user("alice", None).await;
    let ids = vec![house.station("alice").await.0, house.station("alice").await.0];
    let two = new_token("alice", TokenKind::Personal, Some(StationList::Ids(ids)));
    assert!(matches!(
        refused(&house, two).await,
        AccountsError::TooMany { max: 1, .. }
    ));
    let first = house.personal("alice").await;
    house.personal("alice").await;
    let third = new_token("alice", TokenKind::Personal, None);
    assert!(matches!(
        refused(&house, third).await,
        AccountsError::TooMany { max: 2, .. }
    ));
    house.accounts.token_revoke(&admin(), &first.id, NOW_MS).await.unwrap();
    house.personal("alice").await;
}

#[tokio::test]
async fn the_oldest_dead_tokens_are_forgotten_beyond_their_bound() {
    let house = House::bounded(Bounds {
        dead_tokens_per_user: 1,
        ..Bounds::default()
    })
    .await;
    house.user("alice", None).await;
    let mut dead = Vec::new();
    for age in 0..3 {
        let new = new_token("alice", TokenKind::Personal, None);
        let created = house.accounts.token_create(&admin(), new, NOW_MS + age).await.unwrap();
        house
            .accounts
            .token_revoke(&admin(), &created.id, NOW_MS + age)
            .await
            .unwrap();
        dead.push(created);
    }
    let live = house.personal("alice").await;
    assert_eq!(house.lookup(&dead[0]).await, Err(Invalid::Unknown));
    assert_eq!(house.lookup(&dead[1]).await, Err(Invalid::Unknown));
    assert_eq!(house.lookup(&dead[2]).await, Err(Invalid::Revoked));
    assert!(house.lookup(&live).await.is_ok());
}

#[tokio::test]
async fn revoking_twice_is_one_revocation_and_an_unknown_id_is_an_error() {
    let house = House::with_users(&["alice"]).await;
    let created = house.personal("alice").await;
    assert!(
        house
            .accounts
            .token_revoke(&admin(), &created.id, NOW_MS)
            .await
            .unwrap()
    );
    assert!(
        !house
            .accounts
            .token_revoke(&admin(), &created.id, NOW_MS + 5)
            .await
            .unwrap()
    );
    assert_eq!(
        house.accounts.tokens("alice").await.unwrap()[0].revoked_ms,
        Some(NOW_MS)
    );
    let error = house
        .accounts
        .token_revoke(&admin(), "t_none", NOW_MS)
        .await
        .unwrap_err();
    assert!(matches!(error, AccountsError::NoSuchToken { .. }));
}

#[tokio::test]
async fn somebody_elses_token_looks_like_none() {
    let house = House::with_users(&["alice", "bob"]).await;
    let created = house.personal("alice").await;
    assert!(house.accounts.require_token_of(&created.id, "alice").await.is_ok());
    let error = house.accounts.require_token_of(&created.id, "bob").await.unwrap_err();
    assert!(matches!(error, AccountsError::NoSuchToken { .. }));
}
