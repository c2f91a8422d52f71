use tidegate_core::identity::TokenKind;

use super::*;
use crate::{
    Override, OverrideScope,
    testing::{House, NOW_MS, admin},
};

async fn actions(house: &House) -> Vec<(String, String)> {
    let mut rows = house.accounts.audit(None, 100).await.unwrap();
    rows.reverse();
    rows.into_iter().map(|row| (row.action, row.subject)).collect()
}

#[tokio::test]
async fn every_change_leaves_exactly_one_row() {
    let house = House::with_users(&["alice", "bob"]).await;
    let accounts = &house.accounts;
    let (station, _) = house.station("alice").await;
    accounts.station_share(&admin(), station, "bob", NOW_MS).await.unwrap();
    accounts
        .station_unshare(&admin(), station, "bob", NOW_MS)
        .await
        .unwrap();
    let token = house.token("alice", TokenKind::Personal, None).await;
    accounts.token_revoke(&admin(), &token.id, NOW_MS).await.unwrap();
    let scope = OverrideScope::User("alice".to_owned());
    let new = Override {
        limit: "rest".to_owned(),
        scope: scope.clone(),
        quota: 1,
        until_ms: None,
        reason: None,
    };
    accounts.override_set(&admin(), new, NOW_MS).await.unwrap();
    accounts.override_unset(&admin(), "rest", &scope, NOW_MS).await.unwrap();
    accounts
        .audit_note(&admin(), "pardon", "alice", "{}", NOW_MS)
        .await
        .unwrap();

    let station = station.to_string();
    let expected = [
        ("user.add", "alice"),
        ("user.add", "bob"),
        ("station.add", &station),
        ("station.share", &station),
        ("station.unshare", &station),
        ("token.create", &token.id),
        ("token.revoke", &token.id),
        ("limit.set", "rest"),
        ("limit.unset", "rest"),
        ("pardon", "alice"),
    ];
    let expected: Vec<(String, String)> = expected
        .iter()
        .map(|(action, subject)| ((*action).to_owned(), (*subject).to_owned()))
        .collect();
    assert_eq!(actions(&house).await, expected);
}

#[tokio::test]
async fn what_changed_nothing_leaves_no_row() {
    let house = House::with_users(&["alice", "bob"]).await;
    let (station, _) = house.station("alice").await;
    let before = actions(&house).await;
    let accounts = &house.accounts;
    assert!(
        !accounts
            .station_unshare(&admin(), station, "bob", NOW_MS)
            .await
            .unwrap()
    );
    accounts
        .station_share(&admin(), station, "alice", NOW_MS)
        .await
        .unwrap_err();
    accounts.token_revoke(&admin(), "t_none", NOW_MS).await.unwrap_err();
    accounts
        .override_unset(&admin(), "x", &OverrideScope::User("alice".to_owned()), NOW_MS)
        .await
        .unwrap();
    assert_eq!(actions(&house).await, before);
}

#[tokio::test]
async fn a_row_says_who_when_what_and_more() {
    let house = House::new().await;
    house
        .accounts
        .audit_note(&Actor("staff".to_owned()), "pardon", "alice", r#"{"limit":"rest"}"#, 5)
        .await
        .unwrap();
    let expected = AuditRow {
        seq: 1,
        at_ms: 5,
        actor: "staff".to_owned(),
        action: "pardon".to_owned(),
        subject: "alice".to_owned(),
        detail: r#"{"limit":"rest"}"#.to_owned(),
    };
    assert_eq!(house.accounts.audit(None, 10).await.unwrap(), [expected]);
}

#[tokio::test]
async fn the_trail_is_read_backwards_page_by_page() {
    let house = House::with_users(&["a", "b", "c"]).await;
    let page = async |before, limit| -> Vec<String> {
        house
            .accounts
            .audit(before, limit)
            .await
            .unwrap()
            .into_iter()
            .map(|row| row.subject)
            .collect()
    };
    assert_eq!(page(None, 2).await, ["c", "b"]);
    assert_eq!(page(Some(2), 2).await, ["a"]);
    assert!(page(Some(1), 2).await.is_empty());
}

#[tokio::test]
async fn a_note_that_is_too_long_is_refused() {
    let house = House::new().await;
    let detail = "x".repeat(bounds::AUDIT_DETAIL_CHARS_MAX + 1);
    assert!(
        house
            .accounts
            .audit_note(&admin(), "pardon", "alice", &detail, 5)
            .await
            .unwrap_err()
            .is_refusal()
    );
}
