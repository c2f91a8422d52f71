//! The advanced API's feeds, bodies in gzip, and `asPut`.

use crate::grove::*;
use crate::support::*;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::Request;
use serde_json::{Value, json};
use std::io::Write;
use tidegate_streams::FEED_BODY_BYTES_MAX;

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

async fn put_coded(world: &World, coding: &str, body: Vec<u8>) -> Answer {
    let request = Request::put("/api/feed")
        .header("content-encoding", coding)
        .body(http_body_util::Full::new(Bytes::from(body)))
        .unwrap();
    Answer::read(world.streams.call(request, &ada(), NOW_MS).await).await
}

// The document that the platform's Raspberry Pi example sends: lists of one value, times once for a component.
#[tokio::test]
async fn the_raspberry_pi_examples_document_is_stored() {
    let world = World::open().await;
    let document = json!({"feed": {"component": [{
        "stream": [
            {"streamId": "cpu_user", "data": [3.5]},
            {"streamId": "mem_total", "data": [948_000]},
        ],
        "componentId": "192.168.1.7", "time": [1_700_000_000_000_i64],
        "defaults": {"name": "pi (192.168.1.7)"}, "compTmplId": "rPi",
    }]}});
    let answer = put_coded(&world, "gzip", gzip(document.to_string().as_bytes())).await;
    assert_eq!(answer.json, json!({"success": true, "message": "", "stored": 2}));
    assert_eq!(
        data(&world, "192.168.1.7/stream/cpu_user/feed").await,
        json!([[1_700_000_000_000_i64, 3.5]])
    );
    assert_eq!(
        world.get("/api/component").await.json["component"][0]["name"],
        "pi (192.168.1.7)"
    );
}

#[tokio::test]
async fn a_document_with_one_wrong_stream_names_it_and_stores_nothing() {
    let world = World::open().await;
    let with = |stream: Value| json!({"feed":{"component":[{"componentId":"c","stream":[{"streamId":"s","data":1}, stream]}]}});
    for (stream, part) in [
        (
            json!({"data":1}),
            "component 0 (counted from 0): stream 1: streamId is missing",
        ),
        (json!({"streamId":"t"}), "data is missing"),
        (
            json!({"streamId":"t","data":[1,2]}),
            "time is an array of the same length",
        ),
        (json!({"streamId":"t","data":1,"time":-1}), "found -1"),
        (json!({"streamUid":"u","data":1}), "no stream with this streamUid"),
        (json!({"streamId":"s","data":"text"}), "holds number samples"),
    ] {
        let answer = put(&world, with(stream.clone())).await;
        assert_eq!(answer.status, 400, "{stream}");
        assert!(answer.message().contains(part), "{stream}: {}", answer.message());
    }
    assert_eq!(
        put(&world, json!({"feed":{"component":[{"stream":[]}]}})).await.status,
        400
    );
    assert_eq!(put(&world, json!({"other":1})).await.status, 400);
    assert_eq!(world.get("/api/component").await.json["totalCount"], 0);
}

/// A component `c` with an interval stream `i` of 10 s and a random one `r`, each with two samples; what it is.
async fn two_streams(world: &World) -> Value {
    cycle(
        world,
        json!({"id":"s","intvlSizeType":"SECOND","numSizeTypesPerIntvl":10}),
    )
    .await;
    let stream = json!({"id":"i","valueType":"DOUBLE","baseCycle":{"id":"s"}});
    component(world, json!({"id":"c","stream":[stream]})).await;
    let batch = json!([
        {"compId":"c","streamId":"i","data":[1,2],"time":[10_000,31_000]},
        {"compId":"c","streamId":"r","data":["a","b"],"time":[10_000,31_000]},
    ]);
    assert_eq!(put(world, batch).await.status, 200);
    world.get("/api/component?compId=c").await.json["component"].clone()
}

#[tokio::test]
async fn a_component_is_read_by_uid_with_its_newest_values_beside_the_range() {
    let world = World::open().await;
    let made = two_streams(&world).await;
    let uid = made["uid"].as_str().unwrap();
    let path = format!("/api/component/{uid}/feed?startDate=15000&endDate=31000&intvlDates=return");
    let read = world.get(&path).await;
    let feed = &read.json["feed"]["component"][0];
    assert_eq!(
        (&feed["componentUid"], &feed["componentId"]),
        (&json!(uid), &json!("c")),
        "{}",
        read.text
    );
    assert_eq!(
        feed["stream"][0],
        json!({
            "streamUid": made["stream"][0]["uid"], "streamId": "i", "streamType": "intvl_stream",
            "lastValue": 2, "lastValueType": "DOUBLE", "completedDate": 40_000, "lastUpdated": NOW_MS,
            "time": [10_000, 20_000, 30_000], "endDate": [20_000, 30_000, 40_000], "data": [1, null, 2],
        }),
        "rounded outwards to whole intervals"
    );
    assert_eq!(
        feed["stream"][1],
        json!({
            "streamUid": made["stream"][1]["uid"], "streamId": "r", "streamType": "rdm_stream",
            "lastValue": "b", "lastValueType": "STRING", "completedDate": 31_000, "lastUpdated": NOW_MS,
            "time": [], "data": [],
        }),
        "the end is excluded"
    );
    let foreign = world.send(&mallory(), &format!("GET {path}"), "").await;
    assert_eq!(foreign.status, 404);
}

#[tokio::test]
async fn streams_are_named_by_path_by_uids_or_by_ids() {
    let world = World::open().await;
    let made = two_streams(&world).await;
    let (uid, stream) = (
        made["uid"].as_str().unwrap(),
        made["stream"][1]["uid"].as_str().unwrap(),
    );
    let items = "itemsById=[%7B%22compId%22:%22c%22,%22streamId%22:%22r%22%7D]";
    for path in [
        format!("/api/component/{uid}/stream/{stream}/feed?"),
        format!("/api/feed?streams={uid}.{stream}&"),
        format!("/api/feed?{items}&"),
    ] {
        let read = world.get(&format!("{path}startDate=0&endDate=99999")).await.json;
        let feed = &read["feed"]["component"][0];
        assert_eq!(feed["stream"][0]["data"], json!(["a", "b"]), "{path}: {read}");
        let nothing = world.get(&format!("{path}startDate=0&endDate=0")).await.json;
        assert_eq!(nothing["feed"]["component"][0]["stream"][0]["lastValue"], "b", "{path}");
    }
    let interval = made["stream"][0]["uid"].as_str().unwrap();
    let both = format!("/api/feed?streams={uid}.{stream}+{uid}.{interval}&startDate=0&endDate=99999");
    let both = world.get(&both).await.json;
    assert_eq!(
        both["feed"]["component"][0]["stream"].as_array().unwrap().len(),
        2,
        "{both}"
    );
    for (path, status) in [
        (format!("/api/component/{uid}/feed?startDate=0"), 400),
        (format!("/api/component/{uid}/feed?startDate=5&endDate=4"), 400),
        ("/api/component/none/feed?startDate=0&endDate=1".to_owned(), 404),
        ("/api/feed?startDate=0&endDate=1".to_owned(), 400),
        ("/api/feed?streams=x&startDate=0&endDate=1".to_owned(), 400),
        (format!("/api/feed?streams={uid}.none&startDate=0&endDate=1"), 404),
    ] {
        assert_eq!(world.get(&path).await.status, status, "{path}");
    }
}

#[tokio::test]
async fn one_read_names_a_bounded_number_of_streams() {
    let world = World::open().await;
    let read = async |count: usize| {
        let items = vec!["%7B%22compId%22:%22%22,%22streamId%22:%22%22%7D"; count].join(",");
        world
            .get(&format!("/api/feed?startDate=0&endDate=0&itemsById=[{items}]"))
            .await
    };
    assert_eq!(read(1_000).await.status, 404, "as many are looked for");
    let refused = read(1_001).await;
    assert_eq!(refused.status, 400);
    assert!(
        refused.message().contains("at most 1000 elements"),
        "{}",
        refused.message()
    );
}

#[tokio::test]
async fn a_range_is_deleted_of_a_tenants_own_streams() {
    let world = World::open().await;
    let made = two_streams(&world).await;
    let uid = made["uid"].as_str().unwrap();
    let delete = format!("DELETE /api/component/{uid}/feed?startDate=31000&endDate=31001");
    assert_eq!(world.send(&mallory(), &delete, "").await.status, 404);
    assert_eq!(world.send(&ada(), &delete, "").await.json["deleted"], 2);
    assert_eq!(data(&world, "c/stream/i/feed").await, json!([[10_000, 1]]));
    assert_eq!(data(&world, "c/stream/r/feed").await, json!([[10_000, "a"]]));
}

// The platform's own page reads objects; callers of a component's values do too.
#[tokio::test]
async fn a_components_reads_and_formatted_ones_are_objects() {
    let world = World::open().await;
    put(
        &world,
        json!([
            {"compId":"c","streamId":"lat","data":[1.5,2],"time":[1,2]},
            {"compId":"c","streamId":"on","data":true,"time":3},
        ]),
    )
    .await;
    assert_eq!(
        world.get("/api/comp/c/last_value?retStreamId").await.json,
        json!([{"time":2,"data":2,"streamId":"lat"}, {"time":3,"data":true,"streamId":"on"}])
    );
    assert_eq!(
        world.get("/api/comp/c/feed?sd=1&ed=3").await.json,
        json!([{"time":1,"data":1.5,"streamId":"lat"}, {"time":2,"data":2,"streamId":"lat"}])
    );
    assert_eq!(
        world.get("/api/comp/c/stream/lat/last_value?retFData").await.json,
        json!([{"time":2,"data":2,"fData":"2"}])
    );
    assert_eq!(world.get("/api/comp/none/feed").await.status, 404);
}

#[tokio::test]
async fn as_put_makes_any_method_of_the_feed_a_put_and_of_nothing_else() {
    let world = World::open().await;
    for (method, time) in [("GET", 1), ("POST", 2), ("PUT", 3)] {
        let line = format!("{method} /api/feed?asPut&api_key=K&compId=c&a={time}&time={time}");
        assert_eq!(world.send(&ada(), &line, "").await.json["stored"], 1, "{line}");
    }
    let body = json!([{"compId":"c","streamId":"a","data":4,"time":4}]).to_string();
    assert_eq!(
        world
            .send(&ada(), "POST /api/feed?api_key=K&asPut=true", body)
            .await
            .status,
        200
    );
    assert_eq!(
        data(&world, "c/stream/a/feed").await,
        json!([[1, 1], [2, 2], [3, 3], [4, 4]])
    );
    assert_eq!(world.send(&ada(), "POST /api/feed?compId=c&a=1", "").await.status, 405);
    assert_eq!(
        world.send(&ada(), "POST /api/comp/c/feed?asPut&a=1", "").await.status,
        405
    );
}

// fault 56: a few bytes that inflate to many.
#[tokio::test]
async fn a_gzip_body_is_bounded_by_what_it_inflates_to() {
    let world = World::open().await;
    let mut body = json!([{"compId":"c","streamId":"s","data":1,"time":1}])
        .to_string()
        .into_bytes();
    body.resize(FEED_BODY_BYTES_MAX, b' ');
    let full = put_coded(&world, "gzip", gzip(&body)).await;
    assert_eq!(full.json["stored"], 1, "{}", full.text);
    body.push(b' ');
    let bomb = gzip(&body);
    assert!(bomb.len() < 64 * 1024);
    let over = put_coded(&world, "GZIP", bomb).await;
    assert_eq!((over.status.as_u16(), &over.json["success"]), (413, &json!(false)));
    assert_eq!(put_coded(&world, "gzip", b"[]".to_vec()).await.status, 400);
    let mut cut = gzip(b"[{\"compId\":\"c\",\"streamId\":\"s\",\"data\":2,\"time\":2}]");
    cut.truncate(cut.len() - 4);
    assert_eq!(put_coded(&world, "gzip", cut).await.status, 400);
    assert_eq!(put_coded(&world, "br", b"x".to_vec()).await.status, 415);
    assert_eq!(put_coded(&world, "gzip, gzip", b"x".to_vec()).await.status, 415);
    assert_eq!(put_coded(&world, "identity", b"[]".to_vec()).await.status, 200);
    assert_eq!(data(&world, "c/stream/s/feed").await, json!([[1, 1]]));
}

#[tokio::test]
async fn what_is_not_here_says_what_is() {
    let world = World::open().await;
    for (line, part) in [
        ("POST /api/login", "show a token as api_key"),
        ("GET /api/comp/c/cycle/d/stat/s/feed", "statistics"),
        ("GET /api/rollup_calendar", "there are feed"),
    ] {
        let answer = world.send(&ada(), line, "").await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json["success"]),
            (404, &json!(false)),
            "{line}"
        );
        assert!(answer.message().contains(part), "{line}: {}", answer.message());
    }
}
