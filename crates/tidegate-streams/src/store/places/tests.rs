use super::*;
use sqlx::sqlite::SqliteConnectOptions;

async fn connection(directory: &tempfile::TempDir) -> SqliteConnection {
    let options = SqliteConnectOptions::new()
        .filename(directory.path().join("s.db"))
        .create_if_missing(true);
    crate::store::schema::prepare(&options).await.unwrap()
}

const SMALL: Bounds = Bounds {
    components_max: 2,
    streams_max: 2,
};

fn key(comp_id: &str, stream_id: &str) -> StreamKey {
    StreamKey {
        comp_id: comp_id.into(),
        comp_name: None,
        stream_id: stream_id.into(),
    }
}

async fn add(places: &mut Places<'_>, tx: &mut SqliteConnection, key: StreamKey) -> Result<(), String> {
    match places.stream(tx, &key, Some(ValueKind::Number)).await {
        Ok(found) => found.map(|_| ()).ok_or("not made".to_owned()),
        Err(ApplyError::Refused(why)) => Err(why),
        Err(error) => panic!("{error:?}"),
    }
}

#[tokio::test]
async fn components_and_streams_are_bounded_within_a_batch_and_over_several() {
    let directory = tempfile::tempdir().unwrap();
    let tx = &mut connection(&directory).await;
    let mut places = Places::within(SMALL, "acme", 1);
    add(&mut places, tx, key("a", "1")).await.unwrap();
    add(&mut places, tx, key("a", "2")).await.unwrap();
    let refused = add(&mut places, tx, key("a", "3")).await.unwrap_err();
    assert!(refused.contains("at most 2 streams"), "{refused}");
    add(&mut places, tx, key("b", "1")).await.unwrap();
    let refused = add(&mut places, tx, key("c", "1")).await.unwrap_err();
    assert!(refused.contains("at most 2 components"), "{refused}");

    let mut later = Places::within(SMALL, "acme", 2);
    add(&mut later, tx, key("a", "1"))
        .await
        .expect("what is there is no new one");
    assert!(add(&mut later, tx, key("a", "3")).await.is_err());
    assert!(add(&mut later, tx, key("c", "1")).await.is_err());
    add(&mut later, tx, key("b", "2")).await.unwrap();
    let mut other = Places::within(SMALL, "other", 2);
    add(&mut other, tx, key("c", "1"))
        .await
        .expect("tenants have bounds of their own");
}

#[tokio::test]
async fn the_key_of_a_deleted_stream_never_names_another() {
    let directory = tempfile::tempdir().unwrap();
    let tx = &mut connection(&directory).await;
    let mut seen = Vec::new();
    for round in 0..3 {
        let mut places = Places::within(SMALL, "acme", round);
        let key = key("c", "s");
        let made = places.stream(tx, &key, Some(ValueKind::Number)).await;
        let id = made.ok().flatten().unwrap().id;
        assert!(!seen.contains(&id), "{id} was another stream before");
        seen.push(id);
        let component_id = places.component(tx, &key.comp_id, None).await.ok().unwrap();
        let erasure = crate::store::ComponentErasure {
            tenant: "acme".into(),
            component_id,
        };
        crate::store::Write::EraseComponent(erasure)
            .apply(tx)
            .await
            .ok()
            .unwrap();
    }
}
