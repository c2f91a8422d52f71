use super::*;
use crate::store::{
    Datum, ObservationBatch, ObservationRow, Sample, SampleBatch, SampleErasure, Store, StreamKey, StreamName,
};
use sqlx::sqlite::SqliteConnectOptions;
use std::path::Path;

fn number(stream: &str, time_ms: i64, datum: Datum) -> Write {
    Write::Samples(SampleBatch {
        tenant: "t".into(),
        streams: vec![StreamKey {
            comp_id: "c".into(),
            comp_name: None,
            stream_id: stream.into(),
        }],
        samples: vec![Sample {
            stream: 0,
            element: 0,
            time_ms,
            datum: Some(datum),
        }],
        now_ms: time_ms,
    })
}

async fn file(directory: &Path) -> File {
    let options = SqliteConnectOptions::new()
        .filename(directory.join("s.db"))
        .create_if_missing(true);
    File {
        connection: crate::store::schema::prepare(&options).await.unwrap(),
        bytes_max: u64::MAX,
        is_full: false,
    }
}

fn bounds(writes_max: usize, bytes_max: usize) -> QueueBounds {
    QueueBounds {
        writes_max,
        bytes_max,
        wait_max: Duration::from_millis(20),
    }
}

#[tokio::test]
async fn a_refused_write_spoils_no_other_in_its_group() {
    let directory = tempfile::tempdir().unwrap();
    let mut file = file(directory.path()).await;
    let room = Arc::new(Semaphore::new(4));
    let mut answers = Vec::new();
    let mut group = Vec::new();
    for datum in [Datum::Number(1.0), Datum::Text("x".into()), Datum::Number(2.0)] {
        let (done, answer) = oneshot::channel();
        answers.push(answer);
        let permit = Arc::clone(&room).acquire_owned().await.unwrap();
        group.push((number("s", answers.len() as i64, datum), permit, done));
    }
    commit(&mut file, &Live::default(), group).await;
    let mut found = Vec::new();
    for answer in answers {
        found.push(answer.await.unwrap());
    }
    assert_eq!(found[0], Ok(1));
    assert!(matches!(found[1], Err(WriteError::Type(_))), "{found:?}");
    assert_eq!(found[2], Ok(1));
    let stored: i64 = sqlx::query_scalar("SELECT count(*) FROM samples")
        .fetch_one(&mut file.connection)
        .await
        .unwrap();
    assert_eq!(stored, 2);
    assert_eq!(room.available_permits(), 4, "room is given back");
}

#[tokio::test]
async fn a_full_queue_answers_busy_after_its_wait() {
    let (queue, mut jobs) = mpsc::channel(1);
    let bounds = bounds(1, 4 * ROOM_BLOCK_BYTES);
    let room = Arc::new(Semaphore::new(4));
    let writer = Arc::new(Writer { queue, room, bounds });
    let waiting = tokio::spawn({
        let writer = Arc::clone(&writer);
        async move { writer.write(number("s", 1, Datum::Number(1.0))).await }
    });
    tokio::task::yield_now().await;
    // Nobody takes jobs, so the one place is taken and the second write finds none.
    let second = writer.write(number("s", 2, Datum::Number(1.0))).await;
    assert_eq!(second, Err(WriteError::Busy));
    let Some(Job::Write { done, .. }) = jobs.recv().await else {
        panic!("the first write is queued");
    };
    done.send(Ok(1)).unwrap();
    assert_eq!(waiting.await.unwrap(), Ok(1));
}

#[tokio::test]
async fn the_queue_is_bounded_in_bytes_and_a_larger_write_still_passes_alone() {
    let directory = tempfile::tempdir().unwrap();
    let file = file(directory.path()).await;
    let writer = Writer::start_with(file, Arc::default(), bounds(8, 2 * ROOM_BLOCK_BYTES));
    let large = number("s", 1, Datum::Text("x".repeat(10 * ROOM_BLOCK_BYTES)));
    assert_eq!(writer.write(large.clone()).await, Ok(1));
    let all = Arc::clone(&writer.room).acquire_many_owned(2).await.unwrap();
    assert_eq!(writer.write(large.clone()).await, Err(WriteError::Busy));
    drop(all);
    assert_eq!(writer.write(large).await, Ok(1));
    writer.close().await;
}

#[tokio::test]
async fn what_is_queued_before_close_is_committed_and_what_comes_after_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let store = Arc::new(Store::open(&directory.path().join("s.db"), u64::MAX).await.unwrap());
    let mut queued = Vec::new();
    for time_ms in 0..300 {
        let store = Arc::clone(&store);
        queued.push(tokio::spawn(async move {
            store.write(number("s", time_ms, Datum::Number(1.0))).await
        }));
    }
    // The single-threaded runtime lets each of them reach the queue before the close does.
    tokio::task::yield_now().await;
    store.close().await;
    for write in queued {
        assert_eq!(write.await.unwrap(), Ok(1));
    }
    let late = store.write(number("s", 1, Datum::Number(1.0))).await;
    assert_eq!(late, Err(WriteError::Closed));
}

#[tokio::test]
async fn an_observation_sent_again_replaces_the_first() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(&directory.path().join("s.db"), u64::MAX).await.unwrap();
    for fields in ["[1]", "[2]"] {
        let row = ObservationRow {
            device_id: 1,
            epoch_s: 10,
            kind: "obs_air".into(),
            fields: fields.into(),
        };
        let write = Write::Observations(ObservationBatch {
            rows: vec![Arc::new(row)],
            ..ObservationBatch::default()
        });
        assert_eq!(store.write(write).await, Ok(1));
    }
    let mut found = Vec::new();
    store
        .each_observation(1, 0, 100, |row| {
            found.push(row.fields);
            true
        })
        .await
        .unwrap();
    assert_eq!(found, ["[2]"]);
}

/// A thousand samples of one stream, from a time on.
fn thousand(from_ms: i64) -> Write {
    let sample = |time_ms| Sample {
        stream: 0,
        element: 0,
        time_ms,
        datum: Some(Datum::Number(0.5)),
    };
    let Write::Samples(one) = number("s", from_ms, Datum::Number(0.5)) else {
        panic!("samples are written as samples");
    };
    Write::Samples(SampleBatch {
        samples: (from_ms..from_ms + 1_000).map(sample).collect(),
        ..one
    })
}

#[tokio::test]
async fn a_full_store_refuses_what_is_new_whole_and_takes_again_what_is_deleted() {
    const BYTES_MAX: u64 = 400_000;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("s.db");
    let store = Store::open(&path, BYTES_MAX).await.unwrap();
    let mut taken = 0;
    let refused = loop {
        match store.write(thousand(taken)).await {
            Ok(rows) => taken += i64::try_from(rows).unwrap(),
            Err(error) => break error,
        }
        assert!(taken < 100_000, "there is a bound");
    };
    assert_eq!((refused, taken % 1_000), (WriteError::Full, 0));
    let row = ObservationRow {
        device_id: 1,
        epoch_s: 10,
        kind: "obs_air".into(),
        fields: "[1]".repeat(30_000),
    };
    let observation = Write::Observations(ObservationBatch {
        rows: vec![Arc::new(row)],
        ..ObservationBatch::default()
    });
    assert_eq!(store.write(observation).await, Err(WriteError::Full));
    // A small write may still fit.
    assert_eq!(store.write(number("s", taken, Datum::Number(1.0))).await, Ok(1));
    let name = StreamName::Ids {
        comp_id: "c",
        stream_id: "s",
    };
    let stream = store.stream("t", name).await.unwrap().unwrap();
    let erasure = SampleErasure {
        streams: vec![(stream, 0, taken / 2)],
        now_ms: taken,
    };
    assert_eq!(store.write(Write::Erase(erasure)).await, Ok(taken as u64 / 2));
    assert_eq!(store.write(thousand(taken + 1)).await, Ok(1_000));
    store.close().await;
    let bytes = std::fs::metadata(&path).unwrap().len();
    assert!(bytes <= BYTES_MAX, "{bytes} bytes");
}
