use tidegate_core::identity::{Invalid, TokenKind};

use super::*;
use crate::{
    StationList,
    bounds::Bounds,
    testing::{House, NOW_MS, admin},
};

const RIGHT: &str = "correct horse battery staple";

/// A house with these users, each with the password.
async fn house(users: &[&str]) -> House {
    let house = House::with_users(users).await;
    for user in users {
        give_password(&house, user).await;
    }
    house
}

async fn give_password(house: &House, user: &str) {
    let password = Password::new(RIGHT.to_owned());
    house
        .accounts
        .password_set(&admin(), user, password, NOW_MS)
        .await
        .unwrap();
}

fn login(user: &str, password: &str) -> Login {
    Login {
        user: user.to_owned(),
        password: Password::new(password.to_owned()),
        tenant: None,
        expires_ms: NOW_MS + 1_000,
    }
}

async fn begin(house: &House, user: &str, now_ms: i64) -> Created {
    let begun = house.accounts.session_begin(login(user, RIGHT), now_ms).await.unwrap();
    begun.expect("the password is right").token
}

async fn is_nobody(house: &House, login: Login) -> bool {
    house.accounts.session_begin(login, NOW_MS).await.unwrap().is_none()
}

#[tokio::test]
async fn a_session_is_the_users_own_token_until_it_ends() {
    let house = house(&["alice"]).await;
    let session = begin(&house, "alice", NOW_MS).await;
    let token = house.known(&session).await;
    assert_eq!((&*token.user, token.kind), ("alice", TokenKind::Personal));
    assert_eq!(token.expires_ms, Some(NOW_MS + 1_000));
    let later = house
        .accounts
        .lookup(session.secret.reveal(), NOW_MS + 1_000)
        .await
        .unwrap();
    assert_eq!(later, Err(Invalid::Expired));
    let rows = house.accounts.tokens("alice").await.unwrap();
    assert!(rows.iter().all(|row| row.is_session) && rows.len() == 1);
}

#[tokio::test]
async fn wrong_unknown_without_a_password_and_of_another_tenant_are_one_answer() {
    let house = house(&["alice"]).await;
    house.user("bob", None).await;
    assert!(is_nobody(&house, login("alice", "wrong")).await);
    assert!(is_nobody(&house, login("bob", RIGHT)).await);
    assert!(is_nobody(&house, login("nobody", RIGHT)).await);
    assert!(is_nobody(&house, login("", "")).await);
    assert!(is_nobody(&house, login("alice\0", RIGHT)).await);
    let elsewhere = Login {
        tenant: Some("bob".to_owned()),
        ..login("alice", RIGHT)
    };
    assert!(is_nobody(&house, elsewhere).await);
    let at_home = Login {
        tenant: Some("alice".to_owned()),
        ..login("alice", RIGHT)
    };
    assert!(!is_nobody(&house, at_home).await);
}

#[tokio::test]
async fn a_change_of_the_password_ends_sessions_and_no_token_that_somebody_made() {
    let house = house(&["alice", "bob"]).await;
    let (own, other) = (begin(&house, "alice", NOW_MS).await, begin(&house, "bob", NOW_MS).await);
    let made = house.personal("alice").await;
    let changes = house.accounts.changes();
    let before = *changes.borrow();
    give_password(&house, "alice").await;
    assert_eq!(house.lookup(&own).await, Err(Invalid::Revoked));
    assert!(*changes.borrow() > before, "open sockets are looked at");
    assert!(house.lookup(&other).await.is_ok() && house.lookup(&made).await.is_ok());
}

#[tokio::test]
async fn a_session_ends_once_and_only_a_session_does() {
    let house = house(&["alice"]).await;
    let session = begin(&house, "alice", NOW_MS).await;
    let made = house.personal("alice").await;
    assert!(house.accounts.session_end(&session.id, NOW_MS).await.unwrap());
    assert_eq!(house.lookup(&session).await, Err(Invalid::Revoked));
    for id in [&session.id, &made.id, "t_nothing"] {
        assert!(!house.accounts.session_end(id, NOW_MS).await.unwrap(), "{id}");
    }
    assert!(house.lookup(&made).await.is_ok());
    let last = house.accounts.audit(None, 1).await.unwrap().pop().unwrap();
    assert_eq!(
        (last.action.as_str(), last.actor.as_str()),
        ("session.end", "alice"),
        "once"
    );
}

#[tokio::test]
async fn one_session_too_many_ends_the_oldest_and_what_is_over_is_forgotten_in_time() {
    let house = House::bounded(Bounds {
        sessions_per_user: 2,
        ..Bounds::default()
    })
    .await;
    house.user("alice", None).await;
    give_password(&house, "alice").await;
    let mut sessions = Vec::new();
    for at_ms in [0, 0, 1, 2, 3, 4] {
        sessions.push(begin(&house, "alice", NOW_MS + at_ms).await);
    }
    let mut found = Vec::new();
    for session in &sessions {
        found.push(house.lookup(session).await.err());
    }
    let (over, gone) = (Some(Invalid::Revoked), Some(Invalid::Unknown));
    assert_eq!(found, [gone, gone, over, over, None, None]);
}

#[tokio::test]
async fn sessions_and_tokens_that_people_made_take_no_room_from_each_other() {
    let house = House::bounded(Bounds {
        sessions_per_user: 1,
        tokens_per_user: 1,
        dead_tokens_per_user: 0,
        ..Bounds::default()
    })
    .await;
    house.user("alice", None).await;
    give_password(&house, "alice").await;
    let ended = begin(&house, "alice", NOW_MS).await;
    let session = begin(&house, "alice", NOW_MS).await;
    let made = house.token("alice", TokenKind::Personal, Some(StationList::All)).await;
    assert_eq!(
        house.lookup(&ended).await,
        Err(Invalid::Revoked),
        "still told from an unknown one"
    );
    assert!(house.lookup(&session).await.is_ok());
    begin(&house, "alice", NOW_MS + 1).await;
    assert!(house.lookup(&made).await.is_ok());
}
