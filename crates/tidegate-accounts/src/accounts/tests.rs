use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use sha2::{Digest, Sha256};
use tidegate_core::identity::{Invalid, TokenKind};

use crate::{
    Accounts, AccountsError, Override, OverrideScope, StationList,
    secret_hash::Hasher,
    testing::{House, KEY, NOW_MS, admin},
};

// fault 66
#[tokio::test]
async fn the_file_holds_no_secret_of_any_token() {
    let house = House::with_users(&["alice"]).await;
    let mut secrets = Vec::new();
    for kind in [
        TokenKind::Personal,
        TokenKind::App,
        TokenKind::Development,
        TokenKind::Enterprise,
    ] {
        secrets.push(house.token("alice", kind, Some(StationList::All)).await.secret);
    }
    for folded in [false, true] {
        if folded {
            house.accounts.close().await;
        }
        let bytes = house.bytes();
        let text = String::from_utf8_lossy(&bytes);
        assert!(text.contains("alice"), "the dump must be a real one");
        for secret in &secrets {
            // Neither the whole, nor the random part alone, nor any eight characters of it in a row.
            let random = &secret.reveal()[7..50];
            for start in 0..random.len() - 8 {
                assert!(!text.contains(&random[start..start + 8]));
            }
        }
    }
}

// fault 66: whoever has the file and not the key cannot even tell whether a text is one of its tokens.
#[tokio::test]
async fn what_the_file_holds_of_a_token_cannot_be_made_without_the_key() {
    let house = House::with_users(&["alice"]).await;
    let secret = house.personal("alice").await.secret;
    let text = String::from_utf8_lossy(&house.bytes()).into_owned();
    let kept = |key: [u8; 32]| text.contains(&Hasher::new(&key).hash(secret.reveal()).to_text());
    assert!(kept(KEY), "the dump holds the keyed hash");
    assert!(!kept([0; 32]) && !kept([8; 32]));
    let plain = Sha256::digest(secret.reveal());
    assert!(!text.contains(&URL_SAFE_NO_PAD.encode(plain)) && !text.contains(&STANDARD.encode(plain)));
    let hex: String = plain.iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(!text.to_lowercase().contains(&hex));
    let key = URL_SAFE_NO_PAD.encode(KEY);
    assert!(!text.contains(&key) && !house.bytes().windows(32).any(|window| window == KEY));
}

#[tokio::test]
async fn a_restart_keeps_everything() {
    let house = House::with_users(&["alice", "bob"]).await;
    let (station_id, device_id) = house.station("alice").await;
    house
        .accounts
        .station_share(&admin(), station_id, "bob", NOW_MS)
        .await
        .unwrap();
    let kept = house.personal("bob").await;
    let revoked = house.personal("bob").await;
    house
        .accounts
        .token_revoke(&admin(), &revoked.id, NOW_MS)
        .await
        .unwrap();
    let new = Override {
        limit: "rest-per-user".to_owned(),
        scope: OverrideScope::User("bob".to_owned()),
        quota: 200,
        until_ms: None,
        reason: Some("on the phone".to_owned()),
    };
    house.accounts.override_set(&admin(), new, NOW_MS).await.unwrap();
    let before = (
        house.accounts.overrides().await.unwrap(),
        house.accounts.audit(None, 100).await.unwrap(),
    );
    let token = house.known(&kept).await;
    house.accounts.close().await;

    let again = Accounts::open(&house.path, KEY).await.unwrap();
    assert_eq!(again.lookup(kept.secret.reveal(), NOW_MS).await.unwrap(), Ok(token));
    assert_eq!(
        again.lookup(revoked.secret.reveal(), NOW_MS).await.unwrap(),
        Err(Invalid::Revoked)
    );
    assert_eq!(
        again.station(station_id).await.unwrap().unwrap().devices[0].id,
        device_id
    );
    assert_eq!(
        (again.overrides().await.unwrap(), again.audit(None, 100).await.unwrap()),
        before
    );
}

#[tokio::test]
async fn after_closing_every_question_is_a_fault_and_not_a_refusal() {
    let house = House::with_users(&["alice"]).await;
    house.accounts.close().await;
    let error = house.accounts.user("alice").await.unwrap_err();
    assert!(matches!(error, AccountsError::Database(_)));
    assert!(!error.is_refusal());
}

#[tokio::test]
async fn a_change_is_told_to_those_who_wait_for_one_and_once() {
    let house = House::with_users(&["alice"]).await;
    let token = house.personal("alice").await;
    house.lookup(&token).await.unwrap();
    let changes = house.accounts.changes();
    let before = *changes.borrow();
    house.accounts.token_revoke(&admin(), &token.id, NOW_MS).await.unwrap();
    // Long enough for the trail to be asked again: it must not tell our own change a second time.
    house
        .accounts
        .lookup(token.secret.reveal(), NOW_MS + 60_000)
        .await
        .unwrap()
        .unwrap_err();
    assert_eq!(*changes.borrow(), before + 1);
}

#[tokio::test]
async fn debug_of_everything_that_is_handed_out_shows_no_secret() {
    let house = House::with_users(&["alice"]).await;
    house.station("alice").await;
    let created = house.personal("alice").await;
    let shown = format!(
        "{:?} {:?} {:?} {:?} {:?} {:?} {:?}",
        house.accounts,
        created,
        house.known(&created).await,
        house.accounts.tokens("alice").await.unwrap(),
        house.accounts.audit(None, 100).await.unwrap(),
        house.accounts.users(10).await.unwrap(),
        house.accounts.user(created.secret.reveal()).await.unwrap(),
    );
    assert!(!shown.contains(&created.secret.reveal()[7..50]));
}

#[tokio::test]
async fn a_secret_in_the_wrong_place_is_not_repeated_by_the_error() {
    let house = House::with_users(&["alice"]).await;
    let (station_id, _) = house.station("alice").await;
    let created = house.personal("alice").await;
    let secret = created.secret.reveal();
    let accounts = &house.accounts;
    let errors = [
        accounts.token_revoke(&admin(), secret, NOW_MS).await.unwrap_err(),
        accounts.tokens(secret).await.unwrap_err(),
        accounts.require_owner(station_id, secret).await.unwrap_err(),
        accounts.require_token_of(secret, "alice").await.unwrap_err(),
        accounts
            .station_share(&admin(), station_id, secret, NOW_MS)
            .await
            .unwrap_err(),
        accounts
            .audit_note(
                &admin(),
                "pardon",
                "alice",
                &format!("{{\"was\":\"{secret}\"}}"),
                NOW_MS,
            )
            .await
            .unwrap_err(),
    ];
    for error in errors {
        assert!(error.is_refusal());
        assert!(!format!("{error} {error:?}").contains(secret), "{error}");
    }
}
