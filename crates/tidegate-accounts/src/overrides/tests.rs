use super::*;
use crate::{
    bounds::Bounds,
    testing::{House, NOW_MS, admin},
};

fn new_override(quota: u64) -> Override {
    Override {
        limit: "websockets-per-user".to_owned(),
        scope: OverrideScope::User("alice".to_owned()),
        quota,
        until_ms: None,
        reason: None,
    }
}

async fn refused(house: &House, new: Override) -> AccountsError {
    let error = house.accounts.override_set(&admin(), new, NOW_MS).await.unwrap_err();
    assert!(error.is_refusal(), "{error}");
    error
}

#[tokio::test]
async fn an_override_keeps_who_when_why_and_until() {
    let house = House::with_users(&["alice"]).await;
    let new = Override {
        until_ms: Some(NOW_MS + 1),
        reason: Some("we have upped your limit".to_owned()),
        ..new_override(20)
    };
    house
        .accounts
        .override_set(&Actor("staff".to_owned()), new, NOW_MS)
        .await
        .unwrap();
    let expected = OverrideRow {
        limit: "websockets-per-user".to_owned(),
        scope: OverrideScope::User("alice".to_owned()),
        quota: 20,
        until_ms: Some(NOW_MS + 1),
        reason: Some("we have upped your limit".to_owned()),
        set_by: "staff".to_owned(),
        set_at_ms: NOW_MS,
    };
    assert_eq!(house.accounts.overrides().await.unwrap(), [expected]);
}

#[tokio::test]
async fn a_second_override_replaces_the_first_and_unsetting_takes_it_away_once() {
    let house = House::with_users(&["alice"]).await;
    let accounts = &house.accounts;
    for quota in [20, 30] {
        accounts
            .override_set(&admin(), new_override(quota), NOW_MS)
            .await
            .unwrap();
    }
    let quotas: Vec<u64> = accounts
        .overrides()
        .await
        .unwrap()
        .into_iter()
        .map(|row| row.quota)
        .collect();
    assert_eq!(quotas, [30]);
    let scope = new_override(0).scope;
    assert!(
        accounts
            .override_unset(&admin(), "websockets-per-user", &scope, NOW_MS)
            .await
            .unwrap()
    );
    assert!(
        !accounts
            .override_unset(&admin(), "websockets-per-user", &scope, NOW_MS)
            .await
            .unwrap()
    );
    assert!(accounts.overrides().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_user_and_a_tenant_of_one_name_are_two_scopes() {
    let house = House::with_users(&["alice"]).await;
    house
        .accounts
        .override_set(&admin(), new_override(20), NOW_MS)
        .await
        .unwrap();
    let tenant = Override {
        scope: OverrideScope::Tenant("alice".to_owned()),
        ..new_override(30)
    };
    house.accounts.override_set(&admin(), tenant, NOW_MS).await.unwrap();
    assert_eq!(house.accounts.overrides().await.unwrap().len(), 2);
}

#[tokio::test]
async fn tenant_that_the_host_declares_needs_no_user_and_still_a_name() {
    let house = House::with_users(&["alice"]).await;
    let of = |tenant: &str| Override {
        scope: OverrideScope::Tenant(tenant.to_owned()),
        ..new_override(30)
    };
    let accounts = &house.accounts;
    accounts
        .override_set_declared(&admin(), of("acme"), NOW_MS)
        .await
        .unwrap();
    assert_eq!(accounts.overrides().await.unwrap().len(), 1);
    let bad = accounts.override_set_declared(&admin(), of("a/b"), NOW_MS).await;
    assert!(matches!(bad, Err(AccountsError::BadName { .. })));
}

#[tokio::test]
async fn what_cannot_be_is_refused_and_says_why() {
    let house = House::with_users(&["alice"]).await;
    let nobody = Override {
        scope: OverrideScope::User("nobody".to_owned()),
        ..new_override(1)
    };
    assert!(matches!(
        refused(&house, nobody).await,
        AccountsError::NoSuchUser { .. }
    ));
    let nowhere = Override {
        scope: OverrideScope::Tenant("nowhere".to_owned()),
        ..new_override(1)
    };
    assert!(matches!(
        refused(&house, nowhere).await,
        AccountsError::NoSuchTenant { .. }
    ));
    let over = Override {
        until_ms: Some(NOW_MS),
        ..new_override(1)
    };
    assert!(matches!(
        refused(&house, over).await,
        AccountsError::ExpiresInPast { .. }
    ));
    let nameless = Override {
        limit: String::new(),
        ..new_override(1)
    };
    assert!(matches!(refused(&house, nameless).await, AccountsError::BadName { .. }));
    let error = refused(&house, new_override(QUOTA_MAX + 1)).await;
    assert!(error.to_string().contains(&QUOTA_MAX.to_string()), "{error}");
    refused(&house, new_override(u64::MAX)).await;
    house
        .accounts
        .override_set(&admin(), new_override(QUOTA_MAX), NOW_MS)
        .await
        .unwrap();
    assert_eq!(house.accounts.overrides().await.unwrap()[0].quota, QUOTA_MAX);
}

#[tokio::test]
async fn ended_overrides_make_room_for_new_ones_within_the_bound() {
    let house = House::bounded(Bounds {
        overrides: 1,
        ..Bounds::default()
    })
    .await;
    house.user("alice", None).await;
    let ending = Override {
        until_ms: Some(NOW_MS + 1),
        ..new_override(1)
    };
    house.accounts.override_set(&admin(), ending, NOW_MS).await.unwrap();
    let other = Override {
        limit: "rest-per-user".to_owned(),
        ..new_override(2)
    };
    assert!(matches!(
        refused(&house, other.clone()).await,
        AccountsError::TooMany { max: 1, .. }
    ));
    house.accounts.override_set(&admin(), other, NOW_MS + 1).await.unwrap();
    assert_eq!(house.accounts.overrides().await.unwrap()[0].limit, "rest-per-user");
}
