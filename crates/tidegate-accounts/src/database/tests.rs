use sqlx::{ConnectOptions, Connection};

use super::*;
use crate::{
    Accounts, Login, Password,
    testing::{House, KEY, NOW_MS, admin},
};

#[tokio::test]
async fn every_connection_reports_synchronous_full_and_the_file_is_in_wal() {
    let house = House::new().await;
    let database = &house.accounts.inner.database;
    let mut held = Vec::new();
    for _ in 0..bounds::READERS_MAX {
        held.push(database.readers().acquire().await.unwrap());
    }
    held.push(database.writer.acquire().await.unwrap());
    for connection in &mut held {
        let synchronous: i64 = sqlx::query_scalar("PRAGMA synchronous")
            .fetch_one(&mut **connection)
            .await
            .unwrap();
        assert_eq!(synchronous, 2);
        assert!(assert_durable(connection).await.is_ok());
    }
}

#[tokio::test]
async fn a_second_opening_sees_synchronous_full() {
    let house = House::new().await;
    let second = Database::open(&house.path, schema::STEPS).await.unwrap();
    let synchronous: i64 = sqlx::query_scalar("PRAGMA synchronous")
        .fetch_one(second.readers())
        .await
        .unwrap();
    let journal: String = sqlx::query_scalar("PRAGMA journal_mode")
        .fetch_one(second.readers())
        .await
        .unwrap();
    assert_eq!((synchronous, journal.as_str()), (2, "wal"));
}

#[tokio::test]
async fn a_connection_that_could_lose_a_commit_is_refused() {
    let house = House::new().await;
    let weak = SqliteConnectOptions::new()
        .filename(&house.path)
        .synchronous(SqliteSynchronous::Normal);
    let mut connection = weak.connect().await.unwrap();
    let error = assert_durable(&mut connection).await.unwrap_err();
    assert!(error.to_string().contains("synchronous=1"), "{error}");
    connection.close().await.unwrap();
}

#[tokio::test]
async fn readers_cannot_write() {
    let house = House::new().await;
    let error = sqlx::query("DELETE FROM audit")
        .execute(house.accounts.inner.database.readers())
        .await
        .unwrap_err();
    assert!(error.to_string().contains("readonly"), "{error}");
}

#[tokio::test]
async fn a_file_of_a_newer_program_is_left_alone() {
    let house = House::new().await;
    let mut change = house.accounts.inner.database.begin().await.unwrap();
    sqlx::raw_sql("PRAGMA user_version = 999")
        .execute(&mut *change)
        .await
        .unwrap();
    change.commit().await.unwrap();
    let error = Accounts::open(&house.path, KEY).await.unwrap_err();
    assert!(
        matches!(error, AccountsError::NewerSchema { found: 999, known: 3 }),
        "{error}"
    );
}

// fault 66
#[tokio::test]
async fn another_key_is_refused_instead_of_making_every_token_unknown() {
    let house = House::new().await;
    let error = Accounts::open(&house.path, [8; 32]).await.unwrap_err();
    assert!(matches!(error, AccountsError::WrongKey));
    assert!(!error.is_refusal());
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_a_fault_that_says_so() {
    let house = House::new().await;
    let error = Accounts::open(&house.path.with_file_name("no/such/folder"), KEY)
        .await
        .unwrap_err();
    assert!(matches!(error, AccountsError::File(_)), "{error}");
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_may_read_the_file_and_its_log() {
    use std::os::unix::fs::PermissionsExt;
    let house = House::with_users(&["alice"]).await;
    for path in [house.path.clone(), house.path.with_extension("sqlite-wal")] {
        assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[tokio::test]
async fn a_file_from_before_passwords_keeps_its_tokens_and_takes_passwords() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("accounts.sqlite");
    let before = Database::open(&path, &schema::STEPS[..2]).await.unwrap();
    sqlx::raw_sql(
        "INSERT INTO users (name, tenant, created_ms) VALUES ('alice', 'acme', 1);
         INSERT INTO tokens (id, secret_hash, hint, kind, user_name, stations_mode, created_ms, name)
         VALUES ('t_1', 'hash', 'abcd', 'personal', 'alice', 'default', 1, 'old')",
    )
    .execute(before.writer())
    .await
    .unwrap();
    before.close().await;

    let accounts = Accounts::open(&path, KEY).await.unwrap();
    let rows = accounts.tokens("alice").await.unwrap();
    assert_eq!(
        (rows[0].id.as_str(), rows[0].name.as_str(), rows[0].is_session),
        ("t_1", "old", false)
    );
    let password = || Password::new("correct horse".to_owned());
    accounts
        .password_set(&admin(), "alice", password(), NOW_MS)
        .await
        .unwrap();
    let login = Login {
        user: "alice".to_owned(),
        password: password(),
        tenant: None,
        expires_ms: NOW_MS + 1,
    };
    let session = accounts.session_begin(login, NOW_MS).await.unwrap().unwrap();
    assert_eq!(session.tenant, "acme");
    assert!(accounts.lookup_id("t_1", NOW_MS).await.unwrap().is_ok());
}
