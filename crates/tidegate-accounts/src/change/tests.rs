use std::{future::poll_fn, pin::pin, task::Poll};

use crate::{
    bounds::FOREIGN_CHANGE_MS_MAX,
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
        now_ms += FOREIGN_CHANGE_MS_MAX as i64;
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
