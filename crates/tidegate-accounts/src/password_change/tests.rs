use super::*;
use crate::{
    Login,
    testing::{House, NOW_MS, admin},
};

const RIGHT: &str = "correct horse battery staple";

async fn set(house: &House, user: &str, text: &str) -> Result<u64, AccountsError> {
    let password = Password::new(text.to_owned());
    house.accounts.password_set(&admin(), user, password, NOW_MS).await
}

async fn logs_in(house: &House, user: &str, text: &str) -> bool {
    let login = Login {
        user: user.to_owned(),
        password: Password::new(text.to_owned()),
        tenant: None,
        expires_ms: NOW_MS + 1,
    };
    house.accounts.session_begin(login, NOW_MS).await.unwrap().is_some()
}

#[tokio::test]
async fn a_password_of_eight_characters_to_256_bytes_is_taken_and_nothing_else() {
    let house = House::with_users(&["alice"]).await;
    for (text, wrong) in [
        ("", "has 0 characters"),
        ("seven77", "has 7 characters"),
        ("sieben\u{df}", "has 7 characters"),
        (&"x".repeat(257), "has 257 bytes"),
        ("tab\tbetween", "control character"),
    ] {
        let error = set(&house, "alice", text).await.unwrap_err();
        assert!(error.is_refusal());
        let said = error.to_string();
        assert!(
            said.contains(wrong) && said.contains("takes at least 8 characters and at most 256 bytes"),
            "{said}"
        );
    }
    for text in ["eight888", "pässwörter sind länger", &"x".repeat(256)] {
        set(&house, "alice", text).await.unwrap();
        assert!(logs_in(&house, "alice", text).await);
    }
}

#[tokio::test]
async fn nobody_who_is_not_there_gets_a_password() {
    let house = House::with_users(&["alice"]).await;
    let error = set(&house, "bob", RIGHT).await.unwrap_err();
    assert!(matches!(error, AccountsError::NoSuchUser { .. }), "{error}");
    let error = house
        .accounts
        .password_remove(&admin(), "bob", NOW_MS)
        .await
        .unwrap_err();
    assert!(matches!(error, AccountsError::NoSuchUser { .. }), "{error}");
}

#[tokio::test]
async fn only_the_newest_password_logs_in_and_none_after_it_is_removed() {
    let house = House::with_users(&["alice"]).await;
    set(&house, "alice", RIGHT).await.unwrap();
    set(&house, "alice", "another password").await.unwrap();
    assert!(!logs_in(&house, "alice", RIGHT).await);
    assert!(logs_in(&house, "alice", "another password").await);
    assert!(house.accounts.password_remove(&admin(), "alice", NOW_MS).await.unwrap());
    assert!(!logs_in(&house, "alice", "another password").await);
    assert!(!house.accounts.password_remove(&admin(), "alice", NOW_MS).await.unwrap());
}

#[tokio::test]
async fn each_change_of_a_password_is_in_the_trail_without_it() {
    let house = House::with_users(&["alice"]).await;
    set(&house, "alice", RIGHT).await.unwrap();
    assert!(logs_in(&house, "alice", RIGHT).await);
    house.accounts.password_remove(&admin(), "alice", NOW_MS).await.unwrap();
    let trail = house.accounts.audit(None, 3).await.unwrap();
    let said: Vec<(&str, &str, &str)> = trail
        .iter()
        .map(|row| (row.actor.as_str(), row.action.as_str(), row.detail.as_str()))
        .collect();
    assert_eq!(said[0], ("admin", "password.remove", r#"{"sessions_ended":1}"#));
    assert_eq!((said[1].0, said[1].1), ("alice", "session.begin"));
    assert_eq!(said[2], ("admin", "password.set", r#"{"sessions_ended":0}"#));
    assert!(!format!("{trail:?}").contains("horse"));
}

// fault 66
#[tokio::test]
async fn neither_the_file_nor_any_debug_output_holds_a_password() {
    let house = House::with_users(&["alice"]).await;
    set(&house, "alice", RIGHT).await.unwrap();
    assert!(!logs_in(&house, "alice", "wrong horse of another").await);
    let login = Login {
        user: "alice".to_owned(),
        password: Password::new(RIGHT.to_owned()),
        tenant: None,
        expires_ms: NOW_MS + 1,
    };
    let session = house
        .accounts
        .session_begin(login.clone(), NOW_MS)
        .await
        .unwrap()
        .unwrap();
    let refused = set(&house, "alice", &RIGHT.repeat(20)).await.unwrap_err();
    let shown = format!("{login:?} {session:?} {refused:?} {refused} {:?}", house.accounts);
    assert!(!shown.contains("horse"), "{shown}");
    assert!(!shown.contains(&session.token.secret.reveal()[7..50]));
    for folded in [false, true] {
        if folded {
            house.accounts.close().await;
        }
        let bytes = house.bytes();
        let text = String::from_utf8_lossy(&bytes);
        assert!(
            text.contains("$argon2id$v=19$m=19456,t=2,p=1$"),
            "the dump holds the hash"
        );
        assert!(!text.contains("horse") && !text.contains(&session.token.secret.reveal()[7..50]));
    }
}
