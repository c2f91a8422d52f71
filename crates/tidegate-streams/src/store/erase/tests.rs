use super::*;
use crate::store::{Datum, Sample, SampleBatch, StreamKey, Write, schema, stream};
use sqlx::sqlite::SqliteConnectOptions;

/// A component with two streams of four samples each, at 0 to 3; its key and theirs.
async fn world(directory: &tempfile::TempDir) -> (SqliteConnection, i64, Vec<StreamRow>) {
    let options = SqliteConnectOptions::new()
        .filename(directory.path().join("s.db"))
        .create_if_missing(true);
    let mut tx = schema::prepare(&options).await.unwrap();
    let key = |stream: &str| StreamKey {
        comp_id: "c".into(),
        comp_name: None,
        stream_id: stream.into(),
    };
    let samples = (0..8u32).map(|n| Sample {
        stream: n % 2,
        element: n,
        time_ms: i64::from(n / 2),
        datum: Some(Datum::Boolean(true)),
    });
    let batch = SampleBatch {
        tenant: "acme".into(),
        streams: vec![key("a"), key("b")],
        samples: samples.collect(),
        now_ms: 1,
    };
    Write::Samples(batch).apply(&mut tx).await.ok().unwrap();
    let component = sqlx::query_scalar("SELECT id FROM components")
        .fetch_one(&mut tx)
        .await
        .unwrap();
    let mut streams = Vec::new();
    for id in ["a", "b"] {
        streams.push(stream::find(&mut tx, component, id).await.unwrap().unwrap());
    }
    (tx, component, streams)
}

async fn count(tx: &mut SqliteConnection) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM samples")
        .fetch_one(tx)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_deletion_at_its_bound_goes_and_one_sample_more_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let (mut tx, _, streams) = world(&directory).await;
    let erasure = SampleErasure {
        streams: streams.into_iter().map(|stream| (stream, 1, 3)).collect(),
        now_ms: 2,
    };
    let mut savepoint = sqlx::Connection::begin(&mut tx).await.unwrap();
    let refused = samples(&mut savepoint, &erasure, 3).await;
    assert!(matches!(refused, Err(ApplyError::Refused(_))), "{refused:?}");
    savepoint.rollback().await.unwrap();
    assert_eq!(count(&mut tx).await, 8);
    assert!(matches!(samples(&mut tx, &erasure, 4).await, Ok(4)));
    assert_eq!(count(&mut tx).await, 4);
}

#[tokio::test]
async fn a_component_with_too_many_samples_stays_whole() {
    let directory = tempfile::tempdir().unwrap();
    let (mut tx, component_id, _) = world(&directory).await;
    let of = |tenant: &str| ComponentErasure {
        tenant: tenant.into(),
        component_id,
    };
    let refused = component(&mut tx, &of("acme"), 7).await;
    assert!(matches!(refused, Err(ApplyError::Refused(_))), "{refused:?}");
    assert!(matches!(component(&mut tx, &of("evil"), 8).await, Ok(0)));
    assert_eq!(count(&mut tx).await, 8);
    assert!(matches!(component(&mut tx, &of("acme"), 8).await, Ok(1)));
    assert_eq!(count(&mut tx).await, 0);
}
