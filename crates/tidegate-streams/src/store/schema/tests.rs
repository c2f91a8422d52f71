use super::*;
use crate::store::Store;

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
    let Err(error) = Store::open(&path).await else {
        panic!("a newer file was opened");
    };
    assert!(error.to_string().contains("schema version 7"), "{error}");
}

#[tokio::test]
async fn a_store_syncs_every_commit_of_a_write_ahead_log() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(&directory.path().join("s.db")).await.unwrap();
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
