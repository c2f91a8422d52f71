//! The messages as today's clients read them: shapes that weatherflow4py 1.5 was seen to parse.

use crate::support::*;
use crate::wire::*;
use serde_json::{Value, json};

/// The members of an object, in their order, and what kind each is.
fn shape(message: &Value) -> String {
    let members = message.as_object().unwrap().iter().map(|(name, value)| {
        let kind = match value {
            Value::Null => "null",
            Value::Bool(_) => "bool",
            Value::Number(_) => "number",
            Value::String(_) => "text",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        };
        format!("{name}:{kind}")
    });
    members.collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn a_tempests_messages_have_the_shapes_clients_parse() {
    let world = World::open().await;
    relay(&world, [NOW_S - 60]).await;
    let mut wire = Wire::open(&world.streams, ada()).await;
    wire.say(json!({"type":"listen_start","device_id":11,"id":"2098388936"}))
        .await;
    assert_eq!(shape(&wire.next().await), "type:text id:text");
    let cached = wire.next().await;
    assert_eq!(
        shape(&cached),
        "status:object device_id:number type:text source:text summary:object obs:array"
    );
    wire.say(json!({"type":"listen_rapid_start","device_id":11,"id":"2098388542"}))
        .await;
    wire.next().await;

    relay(&world, [NOW_S]).await;
    let live = wire.next().await;
    assert_eq!(
        shape(&live),
        "device_id:number type:text obs:array summary:object source:text serial_number:text hub_sn:text \
         firmware_revision:number"
    );
    assert_eq!(
        (&live["serial_number"], &live["hub_sn"]),
        (&json!("ST-00000011"), &json!("HB-00000010"))
    );
    assert_eq!(live["obs"][0].as_array().unwrap().len(), 22);
    for required in [
        "strike_count_1h",
        "strike_count_3h",
        "precip_total_1h",
        "precip_accum_local_yesterday",
        "precip_analysis_type_yesterday",
        "feels_like",
        "heat_index",
        "wind_chill",
    ] {
        assert!(
            live["summary"][required].is_number() && cached["summary"][required].is_number(),
            "{required}"
        );
    }

    hub(&world, &rapid_wind(NOW_S)).await;
    let wind = wire.next().await;
    assert_eq!(
        shape(&wind),
        "device_id:number type:text ob:array serial_number:text hub_sn:text"
    );
    assert_eq!(wind["ob"], json!([NOW_S, 2.3, 128]));
    let strike =
        json!({"serial_number":"ST-00000011","type":"evt_strike","hub_sn":"HB-00000010","evt":[NOW_S, 27, 3848]});
    hub(&world, &strike).await;
    let strike = wire.next().await;
    assert_eq!(
        shape(&strike),
        "device_id:number type:text evt:array serial_number:text hub_sn:text"
    );
    assert_eq!(strike["evt"], json!([NOW_S, 27, 3848]));
    let rain = json!({"serial_number":"ST-00000011","type":"evt_precip","hub_sn":"HB-00000010","evt":[NOW_S]});
    hub(&world, &rain).await;
    assert_eq!(wire.next().await["type"], "evt_precip");
}

#[tokio::test]
async fn what_is_not_carried_is_said_in_shapes_of_its_own() {
    let world = World::open().await;
    let mut wire = Wire::open(&world.streams, ada()).await;
    wire.say(json!({"type":"geo_strike_listen_start","id":"whatever"}))
        .await;
    assert_eq!(shape(&wire.next().await), "type:text id:text note:text");
    wire.say(json!({"type":"listen_start","device_id":99,"id":"x"})).await;
    assert_eq!(
        shape(&wire.next().await),
        "type:text id:text device_id:number status:object"
    );
}

#[tokio::test]
async fn an_airs_and_a_skys_records_have_their_own_layouts() {
    let world = World::open().await;
    let mut wire = Wire::open(&world.streams, ada()).await;
    wire.listen(21).await;
    wire.listen(22).await;
    let air = json!({"serial_number":"AR-00000021","type":"obs_air","hub_sn":"HB-00000010",
        "obs":[[NOW_S, 835.0, 10.0, 45, 0, 0, 3.46, 1]],"firmware_revision":17});
    let sky = json!({"serial_number":"SK-00000022","type":"obs_sky","hub_sn":"HB-00000010",
        "obs":[[NOW_S, 9000, 10, 0.0, 2.6, 4.6, 7.4, 187, 3.12, 1, 130, null, 0, 3]],"firmware_revision":"29"});
    for (broadcast, places) in [(air, 8), (sky, 17)] {
        hub(&world, &broadcast).await;
        let live = wire.next().await;
        assert_eq!(
            (&live["type"], &live["firmware_revision"]),
            (&broadcast["type"], &broadcast["firmware_revision"])
        );
        assert_eq!(live["obs"][0].as_array().unwrap().len(), places, "{live}");
    }
}
