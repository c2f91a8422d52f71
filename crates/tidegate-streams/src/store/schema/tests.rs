use super::*;
use crate::store::{Rhythm, Store, StreamName};

#[tokio::test]
async fn a_file_of_a_newer_program_is_refused_with_both_versions() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("s.db");
    let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true);
    let mut connection = prepare(&options).await.unwrap();
    sqlx::raw_sql("PRAGMA user_version = 7")
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
    let Err(error) = Store::open(&path, u64::MAX).await else {
        panic!("a newer file was opened");
    };
    assert!(error.to_string().contains("schema version 7"), "{error}");
}

#[tokio::test]
async fn a_store_syncs_every_commit_of_a_write_ahead_log() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(&directory.path().join("s.db"), u64::MAX).await.unwrap();
    let mode: String = sqlx::query_scalar("PRAGMA journal_mode")
        .fetch_one(&store.reads)
        .await
        .unwrap();
    let synchronous: i64 = sqlx::query_scalar("PRAGMA synchronous")
        .fetch_one(&store.reads)
        .await
        .unwrap();
    assert_eq!((mode.as_str(), synchronous), ("wal", 2));
}

// A file of the version before uids, zones and cycles.
#[tokio::test]
async fn a_file_of_the_first_version_keeps_its_samples_and_gets_uids() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("s.db");
    let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true);
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::raw_sql(VERSION_1).execute(&mut connection).await.unwrap();
    sqlx::raw_sql(
        "PRAGMA user_version = 1;
         INSERT INTO components VALUES (1, 'acme', 'c', NULL, 5), (2, 'evil', 'c', NULL, 5);
         INSERT INTO streams VALUES (1, 1, 's', 'number', 5), (2, 2, 's', 'string', 5);
         INSERT INTO samples VALUES (1, 7, 21.5), (2, 7, 'theirs');",
    )
    .execute(&mut connection)
    .await
    .unwrap();
    connection.close().await.unwrap();
    let store = Store::open(&path, u64::MAX).await.unwrap();
    let component = uid::component("acme", "c");
    let name = StreamName::Uids {
        component: &component,
        stream: &uid::stream(&component, "s"),
    };
    let stream = store.stream("acme", name).await.unwrap().unwrap();
    assert_eq!(stream.rhythm, Rhythm::Random);
    let last = store.last_sample(&stream, i64::MAX).await.unwrap();
    assert_eq!(last, Some((7, serde_json::json!(21.5))));
    store.close().await;
    assert!(
        Store::open(&path, u64::MAX).await.is_ok(),
        "it is brought up to date once"
    );
}
