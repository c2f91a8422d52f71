use crate::support::*;
use proptest::prelude::*;
use serde_json::{Value, json};
use tidegate_streams::{FEED_BODY_BYTES_MAX, StreamName, ValueKind};

async fn put(world: &World, body: Value) -> Answer {
    world.send(&ada(), "PUT /api/feed?api_key=K", body.to_string()).await
}

async fn data(world: &World, path: &str) -> Value {
    world.get(&format!("/api/comp/{path}")).await.json["data"].clone()
}

#[tokio::test]
async fn the_arduino_library_is_answered_200() {
    let world = World::open().await;
    let answer = world.send(&ada(), "PUT /api/feed?&api_key=K&compId=C&a=1", "").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json, json!({"success": true, "message": "", "stored": 1}));
    assert_eq!(data(&world, "C/stream/a/last_value").await, json!([[NOW_MS, 1]]));
}

#[tokio::test]
async fn every_parameter_that_is_not_reserved_is_a_stream() {
    let world = World::open().await;
    let line =
        "PUT /api/feed?compId=kitchen%20sink&compName=Sink&compTmplId=t&time=5&temp=21.5&on=true&mode=eco+plus&org=o";
    assert_eq!(world.send(&ada(), line, "").await.json["stored"], 3);
    assert_eq!(
        data(&world, "kitchen%20sink/stream/temp/feed").await,
        json!([[5, 21.5]])
    );
    assert_eq!(data(&world, "kitchen%20sink/stream/on/feed").await, json!([[5, true]]));
    assert_eq!(
        data(&world, "kitchen%20sink/stream/mode/feed").await,
        json!([[5, "eco plus"]])
    );
    let again = line.replace("eco+plus", "12").replace("temp=21.5", "temp=22");
    assert_eq!(
        world.send(&ada(), &again, "").await.status,
        200,
        "text of a string stream may look like a number"
    );
    assert_eq!(
        data(&world, "kitchen%20sink/stream/mode/feed").await,
        json!([[5, "12"]])
    );
}

#[tokio::test]
async fn a_put_without_samples_says_how_they_are_sent() {
    let world = World::open().await;
    for (line, part) in [
        ("PUT /api/feed?api_key=K", "give compId and streams in the query"),
        ("PUT /api/feed?compId=c&api_key=K", "no stream given"),
        ("PUT /api/feed?compId=c&a=1&time=noon", "parameter time: found \"noon\""),
        ("PUT /api/feed?compId=&a=1", "compId is empty"),
    ] {
        let answer = world.send(&ada(), line, "").await;
        assert_eq!(answer.status, 400, "{line}");
        assert_eq!(answer.json["success"], false);
        assert!(answer.message().contains(part), "{line}: {}", answer.message());
    }
    let both = world.send(&ada(), "PUT /api/feed?compId=c&a=1", "[]").await;
    assert_eq!(both.status, 400);
}

#[tokio::test]
async fn a_batch_is_read_back_by_range_start_included_end_excluded() {
    let world = World::open().await;
    let batch: Vec<_> = (1..=5)
        .map(|t| json!({"compId":"c","streamId":"s","data":t as f64 / 2.0,"time":t}))
        .collect();
    assert_eq!(put(&world, json!(batch)).await.json["stored"], 5);
    assert_eq!(
        data(&world, "c/stream/s/feed?sd=2&ed=4").await,
        json!([[2, 1], [3, 1.5]])
    );
    assert_eq!(
        data(&world, "c/stream/s/feed?sd=2&limit=2").await,
        json!([[2, 1], [3, 1.5]])
    );
    assert_eq!(data(&world, "c/stream/s/feed?limit=2").await, json!([[4, 2], [5, 2.5]]));
    assert_eq!(data(&world, "c/stream/s/feed?sd=9").await, json!([]));
    let named = world.get("/api/comp/c/stream/s/last_value?retStreamId").await.json;
    assert_eq!(
        named,
        json!({"success": true, "message": "", "compId": "c", "streamId": "s", "data": [[5, 2.5]]})
    );
    for query in ["sd=x", "sd=5&ed=4", "limit=0"] {
        assert_eq!(
            world.get(&format!("/api/comp/c/stream/s/feed?{query}")).await.status,
            400,
            "{query}"
        );
    }
}

#[tokio::test]
async fn a_sample_sent_again_replaces_the_first() {
    let world = World::open().await;
    for value in [1, 2] {
        put(&world, json!([{"compId":"c","streamId":"s","data":value,"time":7}])).await;
    }
    put(
        &world,
        json!([{"compId":"c","streamId":"s","data":[3, 4],"time":[7, 7]}]),
    )
    .await;
    assert_eq!(data(&world, "c/stream/s/feed").await, json!([[7, 4]]));
}

#[tokio::test]
async fn a_stream_keeps_the_type_of_its_first_sample() {
    let world = World::open().await;
    put(&world, json!([{"compId":"c","streamId":"s","data":1,"time":1}])).await;
    let mixed = json!([
        {"compId":"c","streamId":"new","data":1,"time":2},
        {"compId":"c","streamId":"s","data":"warm","time":2},
    ]);
    let answer = put(&world, mixed).await;
    assert_eq!(answer.status, 400);
    assert_eq!(
        answer.message(),
        "element 1 (counted from 0): stream s of component c holds number samples, found string"
    );
    assert_eq!(
        world.get("/api/comp/c/stream/new/feed").await.status,
        404,
        "no stream of a refused batch stays"
    );
    let query = world.send(&ada(), "PUT /api/feed?compId=c&s=warm", "").await;
    assert_eq!(query.status, 400);
    let name = StreamName::Ids {
        comp_id: "c",
        stream_id: "s",
    };
    let shape = world.streams.describe("acme", name).await.unwrap().unwrap();
    assert_eq!((shape.kind, shape.first_ms), (ValueKind::Number, Some(1)));
    assert!(world.streams.describe("evil", name).await.unwrap().is_none());
}

#[tokio::test]
async fn one_tenant_never_sees_anothers_samples() {
    let world = World::open().await;
    put(&world, json!([{"compId":"c","streamId":"s","data":1,"time":1}])).await;
    let foreign = world.send(&mallory(), "GET /api/comp/c/stream/s/feed", "").await;
    assert_eq!(foreign.status, 404);
    let text = json!([{"compId":"c","streamId":"s","data":"mine","time":1}]).to_string();
    assert_eq!(world.send(&mallory(), "PUT /api/feed", text).await.status, 200);
    assert_eq!(data(&world, "c/stream/s/last_value").await, json!([[1, 1]]));
}

#[tokio::test]
async fn a_feed_body_at_the_bound_is_read_and_one_byte_more_is_413() {
    let world = World::open().await;
    let mut body = json!([{"compId":"c","streamId":"s","data":1}]).to_string();
    body.push_str(&" ".repeat(FEED_BODY_BYTES_MAX - body.len()));
    assert_eq!(world.send(&ada(), "PUT /api/feed", body.clone()).await.status, 200);
    let over = world.send(&ada(), "PUT /api/feed", body + " ").await;
    assert_eq!((over.status.as_u16(), &over.json["success"]), (413, &json!(false)));
}

#[tokio::test]
async fn samples_survive_a_restart() {
    let world = World::open().await;
    put(&world, json!([{"compId":"c","streamId":"s","data":"on","time":1}])).await;
    let world = world.reopen().await;
    assert_eq!(data(&world, "c/stream/s/feed").await, json!([[1, "on"]]));
    world.streams.close().await;
    let late = put(&world, json!([{"compId":"c","streamId":"s","data":"on","time":2}])).await;
    assert_eq!((late.status.as_u16(), &late.json["success"]), (503, &json!(false)));
}

#[tokio::test]
async fn the_hosts_tasks_may_carry_a_call() {
    let world = World::open().await;
    let streams = world.streams.clone();
    let task = tokio::spawn(async move {
        let request = http::Request::put("/api/feed?compId=c&a=1")
            .body(String::new())
            .unwrap();
        streams.call(request, &ada(), NOW_MS).await.status()
    });
    assert_eq!(task.await.unwrap(), 200);
}

fn values() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<f64>().prop_filter("JSON has no other", |v| v.is_finite()),
        (-1000i64..1000).prop_map(|v| v as f64)
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]
    #[test]
    fn half_a_batch_is_never_stored(before in 0usize..300, after in 0usize..50, fault in 0usize..5) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let world = World::open().await;
            put(&world, json!([{"compId":"c","streamId":"flag","data":true,"time":0}])).await;
            let mut batch: Vec<Value> = (0..before + after)
                .map(|time| json!({"compId":"c","streamId":format!("s{}", time % 3),"data":1,"time":time}))
                .collect();
            batch.insert(before, match fault {
                0 => json!({"compId":"c","data":1}),
                1 => json!({"compId":"c","streamId":"s0","data":{}}),
                2 => json!({"compId":"c","streamId":"s0","data":1,"time":-1}),
                3 => json!({"compId":"c","streamId":"flag","data":1}),
                _ => json!([]),
            });
            let answer = put(&world, json!(batch)).await;
            assert_eq!(answer.status, 400);
            assert!(answer.message().contains(&format!("element {before}")), "{}", answer.text);
            for stream in ["s0", "s1", "s2"] {
                let path = format!("/api/comp/c/stream/{stream}/feed");
                assert_eq!(world.get(&path).await.status, 404, "{stream} is there");
            }
        });
    }

    #[test]
    fn every_number_comes_back_as_it_was_sent(sent in prop::collection::vec(values(), 1..250)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let world = World::open().await;
            let times: Vec<_> = (0..sent.len()).collect();
            let answer = put(&world, json!([{"compId":"c","streamId":"s","data":sent,"time":times}])).await;
            assert_eq!(answer.json["stored"], sent.len());
            let found = data(&world, "c/stream/s/feed").await;
            let found: Vec<f64> = found.as_array().unwrap().iter().map(|pair| pair[1].as_f64().unwrap()).collect();
            assert_eq!(found, sent);
        });
    }
}
