use std::{future::poll_fn, pin::pin, task::Poll};

use crate::{
    NewUser, Override, OverrideScope,
    bounds::EXTERNAL_CHANGE_MS_MAX,
    testing::{House, NOW_MS, admin},
};

/// Polls the call so often and then drops it, as a server does with the call of a client that left.
async fn dropped_after(polls: usize, call: impl Future) {
    let mut call = pin!(call);
    let mut left = polls;
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(());
        }
        left -= 1;
        call.as_mut().poll(context).map(|_| ())
    })
    .await;
}

#[tokio::test]
async fn a_call_dropped_at_any_point_blocks_nobody_and_leaves_no_stale_answer() {
    let house = House::with_users(&["alice"]).await;
    let mut now_ms = NOW_MS;
    for polls in 0..16 {
        let token = house.personal("alice").await;
        house.known(&token).await;
        dropped_after(polls, house.accounts.token_revoke(&admin(), &token.id, now_ms)).await;
        // Asked at once, before the database may have heard of the drop, so that a stale answer would be kept.
        let _ = house.accounts.lookup(token.secret.reveal(), now_ms).await.unwrap();
        house.user(&format!("after-{polls}"), None).await;
        now_ms += EXTERNAL_CHANGE_MS_MAX as i64;
        let remembered = house.accounts.lookup(token.secret.reveal(), now_ms).await.unwrap();
        assert_eq!(
            remembered,
            house.accounts.lookup_id(&token.id, now_ms).await.unwrap(),
            "after {polls} polls"
        );
    }
}

#[tokio::test]
async fn a_change_and_its_audit_row_come_together_or_not_at_all() {
    let house = House::with_users(&["alice"]).await;
    for polls in 0..16 {
        let token = house.personal("alice").await;
        dropped_after(polls, house.accounts.token_revoke(&admin(), &token.id, NOW_MS)).await;
        house.user(&format!("after-{polls}"), None).await;
        let revoked = house.accounts.lookup_id(&token.id, NOW_MS).await.unwrap().is_err();
        let rows = house.accounts.audit(None, 100).await.unwrap();
        let audited = rows
            .iter()
            .any(|row| row.action == "token.revoke" && row.subject == token.id);
        assert_eq!(revoked, audited, "after {polls} polls");
    }
}

/// Byte for byte what rows in existing databases hold.
#[tokio::test]
async fn a_detail_is_written_as_it_always_was() {
    let house = House::with_users(&["alice"]).await;
    let accounts = &house.accounts;
    let bob = NewUser {
        name: "bob".to_owned(),
        tenant: Some("acme".to_owned()),
        plan: Some("gold".to_owned()),
    };
    accounts.user_add(&admin(), bob, NOW_MS).await.unwrap();
    let more = Override {
        limit: "rest".to_owned(),
        scope: OverrideScope::User("alice".to_owned()),
        quota: 20,
        until_ms: Some(NOW_MS + 1),
        reason: Some("\"a\\b\" é/€".to_owned()),
    };
    accounts.override_set(&admin(), more, NOW_MS).await.unwrap();
    let rows = accounts.audit(None, 2).await.unwrap();
    let details: Vec<&str> = rows.iter().map(|row| row.detail.as_str()).collect();
    let until_ms = NOW_MS + 1;
    let set = format!(r#"{{"user":"alice","quota":20,"until_ms":{until_ms},"reason":"\"a\\b\" é/€"}}"#);
    assert_eq!(details, [set.as_str(), r#"{"tenant":"acme","plan":"gold"}"#]);
}
