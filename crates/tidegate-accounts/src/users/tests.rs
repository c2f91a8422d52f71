use super::*;
use crate::{
    bounds::Bounds,
    testing::{House, NOW_MS, admin},
};

fn new_user(name: &str) -> NewUser {
    NewUser {
        name: name.to_owned(),
        ..NewUser::default()
    }
}

#[tokio::test]
async fn a_user_without_a_tenant_is_one_of_their_own() {
    let house = House::new().await;
    let user = house
        .accounts
        .user_add(&admin(), new_user("alice"), NOW_MS)
        .await
        .unwrap();
    assert_eq!(user.tenant, "alice");
    assert_eq!(house.accounts.user("alice").await.unwrap(), Some(user));
    assert_eq!(house.accounts.user("Alice").await.unwrap(), None);
}

#[tokio::test]
async fn user_named_like_a_tenant_that_is_there_joins_it_only_when_that_is_said() {
    let house = House::new().await;
    let of_acme = |name| NewUser {
        tenant: Some("acme".to_owned()),
        ..new_user(name)
    };
    house
        .accounts
        .user_add(&admin(), of_acme("alice"), NOW_MS)
        .await
        .unwrap();
    let refused = house.accounts.user_add(&admin(), new_user("acme"), NOW_MS).await;
    let error = refused.unwrap_err();
    assert!(matches!(error, AccountsError::TenantThere { .. }), "{error}");
    assert!(error.to_string().contains("`--tenant acme`"), "{error}");
    assert_eq!(house.accounts.user("acme").await.unwrap(), None);
    let said = house
        .accounts
        .user_add(&admin(), of_acme("acme"), NOW_MS)
        .await
        .unwrap();
    assert_eq!(said.tenant, "acme");
}

#[tokio::test]
async fn of_fifty_at_once_with_one_name_exactly_one_is_added() {
    let house = House::new().await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let accounts = house.accounts.clone();
        tasks.spawn(async move { accounts.user_add(&admin(), new_user("alice"), NOW_MS).await });
    }
    let results = tasks.join_all().await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    assert!(
        results
            .iter()
            .flat_map(|result| result.as_ref().err())
            .all(|e| matches!(e, AccountsError::NameTaken { .. }))
    );
    assert_eq!(house.accounts.audit(None, 100).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_name_that_breaks_the_rule_is_told_the_rule_and_leaves_no_trace() {
    let house = House::new().await;
    let error = house
        .accounts
        .user_add(&admin(), new_user("al ice"), NOW_MS)
        .await
        .unwrap_err();
    assert!(error.to_string().contains("a letter or digit first"), "{error}");
    let new = NewUser {
        tenant: Some("a/b".to_owned()),
        ..new_user("alice")
    };
    assert!(
        house
            .accounts
            .user_add(&admin(), new, NOW_MS)
            .await
            .unwrap_err()
            .is_refusal()
    );
    let new = NewUser {
        plan: Some(String::new()),
        ..new_user("alice")
    };
    assert!(
        house
            .accounts
            .user_add(&admin(), new, NOW_MS)
            .await
            .unwrap_err()
            .is_refusal()
    );
    assert!(house.accounts.users(10).await.unwrap().is_empty());
    assert!(house.accounts.audit(None, 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn there_are_as_many_users_as_the_bound_and_not_one_more() {
    let house = House::bounded(Bounds {
        users: 2,
        ..Bounds::default()
    })
    .await;
    house.user("a", None).await;
    house.user("b", None).await;
    let error = house
        .accounts
        .user_add(&admin(), new_user("c"), NOW_MS)
        .await
        .unwrap_err();
    assert!(matches!(error, AccountsError::TooMany { max: 2, .. }), "{error}");
}

#[tokio::test]
async fn a_listing_is_by_name_and_keeps_to_its_limit() {
    let house = House::with_users(&["c", "a", "b"]).await;
    let names: Vec<String> = house
        .accounts
        .users(2)
        .await
        .unwrap()
        .into_iter()
        .map(|user| user.name)
        .collect();
    assert_eq!(names, ["a", "b"]);
}

#[tokio::test]
async fn an_actor_without_a_name_changes_nothing() {
    let house = House::new().await;
    let error = house
        .accounts
        .user_add(&Actor(String::new()), new_user("alice"), NOW_MS)
        .await
        .unwrap_err();
    assert!(error.is_refusal());
    assert_eq!(house.accounts.user("alice").await.unwrap(), None);
}

#[tokio::test]
async fn users_are_found_by_a_part_of_their_name_or_tenant_in_any_case() {
    let house = House::new().await;
    for (name, tenant) in [("alice", Some("acme")), ("Bob_100", Some("acme")), ("carol", None)] {
        let tenant = tenant.map(str::to_owned);
        let new = NewUser {
            tenant,
            ..new_user(name)
        };
        house.accounts.user_add(&admin(), new, NOW_MS).await.unwrap();
    }
    let found = async |part: &str| {
        let users = house.accounts.users_with(part, 10).await.unwrap();
        users.into_iter().map(|user| user.name).collect::<Vec<_>>()
    };
    assert_eq!(found("LIC").await, ["alice"]);
    assert_eq!(found("acm").await, ["Bob_100", "alice"]);
    assert_eq!(found("b_1").await, ["Bob_100"]);
    assert!(found("%").await.is_empty(), "nothing stands for other text");
    assert_eq!(house.accounts.users_with("", 2).await.unwrap().len(), 2);
}
