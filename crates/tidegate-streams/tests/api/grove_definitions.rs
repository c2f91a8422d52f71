//! Components, streams and cycles: listed, defined, bounded, and told to whoever reckons what a read costs.

use crate::grove::*;
use crate::support::*;
use serde_json::{Value, json};
use tidegate_streams::{ComponentName, Cycle, Rhythm, StreamName, ValueKind};

#[tokio::test]
async fn cycles_are_listed_in_the_platforms_envelope() {
    let world = World::open().await;
    let empty = world.get("/api/cycle").await;
    assert_eq!(empty.text, r#"{"message":"","cycle":[],"success":true}"#);
    let uid = cycle(
        &world,
        json!({"name":"10 Seconds","description":"fast","intvlSizeType":"SECOND","numSizeTypesPerIntvl":10,
               "referenceDate":"2011-04-08T01:00:00","timezoneId":"America/Denver"}),
    )
    .await;
    let listed = world.get("/api/cycle").await.json;
    let expected = json!({
        "uid": uid, "id": "10 Seconds", "name": "10 Seconds", "description": "fast", "intvlSizeType": "SECOND",
        "numSizeTypesPerIntvl": 10, "referenceDate": "2011-04-08T01:00:00", "timezoneId": "America/Denver"
    });
    assert_eq!(listed, json!({"message": "", "cycle": [expected], "success": true}));
    assert_eq!(world.get(&format!("/api/cycle/{uid}")).await.json["cycle"], expected);
    let foreign = world.send(&mallory(), &format!("GET /api/cycle/{uid}"), "").await;
    assert_eq!(foreign.status, 404);
}

#[tokio::test]
async fn a_cycle_that_cannot_be_says_what_would_be_right() {
    let world = World::open().await;
    for (definition, part) in [
        (json!({"intvlSizeType":"DAY","numSizeTypesPerIntvl":1}), "id is empty"),
        (
            json!({"id":"x","intvlSizeType":"CUSTOM","numSizeTypesPerIntvl":1}),
            "expected MILLISEC, SECOND",
        ),
        (
            json!({"id":"x","intvlSizeType":"DAY","numSizeTypesPerIntvl":0}),
            "found 0 units",
        ),
        (
            json!({"id":"x","intvlSizeType":"DAY","numSizeTypesPerIntvl":10_001}),
            "expected 1 to 10000",
        ),
        (
            json!({"id":"x","intvlSizeType":"DAY","numSizeTypesPerIntvl":1,"timezoneId":"Mars/Base"}),
            "as America/Denver",
        ),
        (
            json!({"id":"x","intvlSizeType":"DAY","numSizeTypesPerIntvl":1,"referenceDate":"noon"}),
            "as 2011-04-08T01:00:00",
        ),
        (
            json!({"id":"x","intvlSizeType":"DAY","numSizeTypesPerIntvl":1,"referenceDate":"0001-01-01T00:00:00"}),
            "from 1900",
        ),
        (json!({"id":"x"}), "missing field `intvlSizeType`"),
    ] {
        let answer = world
            .send(&ada(), "POST /api/cycle", json!({"cycle": definition}).to_string())
            .await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json["success"]),
            (400, &json!(false)),
            "{definition}"
        );
        assert!(answer.message().contains(part), "{definition}: {}", answer.message());
    }
}

#[tokio::test]
async fn a_component_that_cannot_be_says_what_would_be_right() {
    let world = World::open().await;
    let stream = |stream: Value| json!({"id":"c","stream":[stream]});
    for (definition, part) in [
        (json!({"name":"no id"}), "id is empty"),
        (
            json!({"id":"c","timeZoneId":"Mars/Base"}),
            "timeZoneId: found \"Mars/Base\"",
        ),
        (
            stream(json!({"id":"s","streamType":"intvl_stream"})),
            "an interval stream needs a cycle",
        ),
        (
            stream(json!({"id":"s","baseCycle":{"uid":"none"}})),
            "no cycle has the uid or id none",
        ),
        (
            stream(json!({"id":"s","streamType":"point_stream","baseCycle":{"uid":"none"}})),
            "only an interval stream",
        ),
        (
            stream(json!({"id":"s","streamType":"derived"})),
            "expected intvl_stream",
        ),
        (
            stream(json!({"id":"s","valueType":"DATE"})),
            "valueType: found \"DATE\"",
        ),
        (stream(json!({"id":""})), "stream.id is empty"),
    ] {
        let answer = define(&world, definition.clone()).await;
        assert_eq!(answer.status, 400, "{definition}");
        assert!(answer.message().contains(part), "{definition}: {}", answer.message());
    }
    assert_eq!(
        world.get("/api/component").await.json["totalCount"],
        0,
        "nothing of them stays"
    );
}

#[tokio::test]
async fn components_are_made_by_a_put_or_a_definition_and_listed_page_by_page() {
    let world = World::open().await;
    put(
        &world,
        json!([{"compId":"kitchen","compName":"The kitchen","streamId":"temp","data":21.5}]),
    )
    .await;
    let made = component(
        &world,
        json!({"id":"hall","name":"The hall","timeZoneId":"Europe/Berlin","stream":[
        {"id":"door","name":"Front door","valueType":"string"}]}),
    )
    .await;
    assert_eq!(
        (&made["id"], &made["timeZoneId"]),
        (&json!("hall"), &json!("Europe/Berlin"))
    );
    let door = &made["stream"][0];
    assert_eq!(
        (&door["id"], &door["name"], &door["valueType"], &door["streamType"]),
        (
            &json!("door"),
            &json!("Front door"),
            &json!("STRING"),
            &json!("rdm_stream")
        )
    );
    let page = world.get("/api/component?start=0&limit=1").await.json;
    assert_eq!((&page["totalCount"], &page["success"]), (&json!(2), &json!(true)));
    assert_eq!(page["component"].as_array().unwrap().len(), 1);
    assert_eq!(page["component"][0]["name"], "The kitchen");
    let next = world.get("/api/component?start=1&limit=10").await.json;
    assert_eq!(next["component"][0]["uid"], made["uid"]);
    let uid = made["uid"].as_str().unwrap();
    assert_eq!(
        world.get(&format!("/api/component/{uid}")).await.json["component"],
        made
    );
    assert_eq!(world.get("/api/component?compId=hall").await.json["component"], made);
    assert_eq!(world.get("/api/component?limit=1001").await.status, 400);
    let foreign = world.send(&mallory(), &format!("GET /api/component/{uid}"), "").await;
    assert_eq!(foreign.status, 404, "another organisation's uid is nothing");
}

#[tokio::test]
async fn a_component_is_renamed_by_its_property_and_deleted_with_its_samples() {
    let world = World::open().await;
    put(&world, json!([{"compId":"kitchen","streamId":"temp","data":21.5}])).await;
    let made = component(&world, json!({"id":"hall","timeZoneId":"Europe/Berlin"})).await;
    let uid = made["uid"].as_str().unwrap();
    let line = "POST /api/comp/hall/property?name=Hall&timeZoneId=UTC";
    assert_eq!(world.send(&ada(), line, "").await.json["property"]["name"], "Hall");
    let property = world.get("/api/comp/hall/property").await.json;
    assert_eq!(
        (&property["property"]["uid"], &property["property"]["timeZoneId"]),
        (&made["uid"], &json!("UTC"))
    );
    assert_eq!(
        world
            .send(&ada(), "POST /api/comp/none/property?name=x", "")
            .await
            .status,
        404
    );

    assert_eq!(
        world
            .send(&mallory(), &format!("DELETE /api/component/{uid}"), "")
            .await
            .status,
        404
    );
    assert_eq!(
        world
            .send(&ada(), &format!("DELETE /api/component/{uid}"), "")
            .await
            .status,
        200
    );
    assert_eq!(world.get(&format!("/api/component/{uid}")).await.status, 404);
    assert_eq!(world.get("/api/comp/kitchen/stream/temp/last_value").await.status, 200);
}

#[tokio::test]
async fn a_definition_in_use_keeps_the_intervals_its_samples_lie_in() {
    let world = World::open().await;
    let day = json!({"id":"d","intvlSizeType":"DAY","numSizeTypesPerIntvl":1});
    cycle(&world, day.clone()).await;
    let hour = json!({"id":"d","intvlSizeType":"HOUR","numSizeTypesPerIntvl":1});
    cycle(&world, hour.clone()).await;
    cycle(&world, day).await;
    let stream = json!({"id":"s","valueType":"DOUBLE","baseCycle":{"id":"d"}});
    component(&world, json!({"id":"c","stream":[stream.clone()]})).await;
    put(
        &world,
        json!([{"compId":"c","streamId":"s","data":1,"time":90_000_000}]),
    )
    .await;
    let refused = world
        .send(&ada(), "PUT /api/cycle", json!({"cycle": hour}).to_string())
        .await;
    assert_eq!(refused.status, 400);
    assert!(
        refused.message().contains("define another one"),
        "{}",
        refused.message()
    );
    for (definition, part) in [
        (json!({"id":"c","timeZoneId":"Europe/Berlin"}), "laid in another zone"),
        (
            json!({"id":"c","stream":[{"id":"s","streamType":"rdm_stream"}]}),
            "it has samples",
        ),
        (
            json!({"id":"c","stream":[{"id":"s","valueType":"STRING"}]}),
            "it has samples",
        ),
    ] {
        let answer = define(&world, definition.clone()).await;
        assert_eq!(answer.status, 400, "{definition}");
        assert!(answer.message().contains(part), "{definition}: {}", answer.message());
    }
    let again = component(&world, json!({"id":"c","name":"C","stream":[stream]})).await;
    assert_eq!(again["timeZoneId"], "UTC", "what was refused changed nothing");
    assert_eq!(data(&world, "c/stream/s/feed").await, json!([[86_400_000, 1]]));
}

// docs/semantics.md rule 18: describe(stream) -> type, cycle; one that nobody declared has a second.
#[tokio::test]
async fn a_streams_type_cycle_and_first_sample_are_told_by_ids_and_by_uids() {
    let world = World::open().await;
    cycle(&world, json!({"id":"d","intvlSizeType":"DAY","numSizeTypesPerIntvl":1})).await;
    let made = component(
        &world,
        json!({"id":"c","timeZoneId":"Europe/Berlin","stream":[
        {"id":"daily","valueType":"STRING","baseCycle":{"id":"d"}}]}),
    )
    .await;
    put(&world, json!([{"compId":"c","streamId":"free","data":true,"time":7}])).await;
    let free = world
        .streams
        .describe(
            "acme",
            StreamName::Ids {
                comp_id: "c",
                stream_id: "free",
            },
        )
        .await;
    let free = free.unwrap().unwrap();
    assert_eq!(
        (free.kind, free.first_ms, free.cycle()),
        (ValueKind::Boolean, Some(7), Cycle::second())
    );
    let uids = StreamName::Uids {
        component: made["uid"].as_str().unwrap(),
        stream: made["stream"][0]["uid"].as_str().unwrap(),
    };
    let daily = world.streams.describe("acme", uids).await.unwrap().unwrap();
    assert_eq!((daily.kind, daily.first_ms), (ValueKind::Text, None));
    assert!(matches!(daily.rhythm, Rhythm::Interval(_)));
    // From noon before the clocks went forward to noon after it is a day of 23 hours.
    assert_eq!(daily.cycle().count(1_774_695_600_000, 1_774_778_400_000), 1);
    assert_eq!(daily.cycle().after(1_774_695_600_000, 1), 1_774_778_400_000);
    assert!(world.streams.describe("evil", uids).await.unwrap().is_none());
    let all = world
        .streams
        .describe_component("acme", ComponentName::Id("c"))
        .await
        .unwrap();
    let ids: Vec<_> = all.iter().map(|shape| shape.stream_id.as_str()).collect();
    assert_eq!(ids, ["daily", "free"]);
    assert_eq!((all[0].first_ms, all[1].first_ms), (None, Some(7)));
    assert!(
        world
            .streams
            .describe_component("evil", ComponentName::Id("c"))
            .await
            .unwrap()
            .is_empty()
    );
}
