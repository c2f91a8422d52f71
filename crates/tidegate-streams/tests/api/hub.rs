use crate::support::*;
use proptest::prelude::*;
use serde_json::{Value, json};
use tidegate_streams::{Accepted, BROADCASTS_PER_POST_MAX, BroadcastError, DATAGRAM_BYTES_MAX, FEED_BODY_BYTES_MAX};

const POST: &str = "POST /swd/rest/observations";

#[tokio::test]
async fn a_datagram_is_stored_and_read_back() {
    let world = World::open().await;
    let datagram = broadcast(NOW_S, 0.2).to_string();
    let accepted = world.streams.hub_broadcast(datagram.as_bytes(), NOW_MS).await.unwrap();
    assert_eq!(accepted, Accepted::Observations(1));
    let answer = world.get("/swd/rest/observations/device/11").await.json;
    assert_eq!(answer["obs"][0][0], NOW_S);
    assert_eq!(answer["obs"][0].as_array().unwrap().len(), 22);
}

#[tokio::test]
async fn datagrams_that_cannot_be_kept_say_why() {
    let world = World::open().await;
    let take = async |datagram: &str| world.streams.hub_broadcast(datagram.as_bytes(), NOW_MS).await;
    let unknown = broadcast(NOW_S, 0.0).to_string().replace("ST-00000011", "ST-00000099");
    assert!(matches!(
        take(&unknown).await,
        Err(BroadcastError::UnknownDevice { serial_number }) if serial_number == "ST-00000099"
    ));
    assert!(matches!(take("not json").await, Err(BroadcastError::Malformed(_))));
    let wrong_kind = broadcast(NOW_S, 0.0).to_string().replace("ST-00000011", "AR-00000021");
    assert!(matches!(take(&wrong_kind).await, Err(BroadcastError::Malformed(_))));
    for name in [
        "hub_status",
        "rapid_wind",
        "evt_precip",
        "device_status",
        "of_the_future",
    ] {
        let ignored = json!({"serial_number": "HB-00000099", "type": name}).to_string();
        assert_eq!(take(&ignored).await.unwrap(), Accepted::Ignored);
    }
    let long = " ".repeat(DATAGRAM_BYTES_MAX - 2);
    assert!(matches!(
        take(&format!("{{{long}}}")).await,
        Err(BroadcastError::Malformed(_))
    ));
    assert!(matches!(
        take(&format!("{{{long} }}")).await,
        Err(BroadcastError::TooLarge { .. })
    ));
}

// fault 70: what is not taken goes to the log, and anybody on the network may send it.
#[tokio::test]
async fn a_datagram_that_is_refused_begins_no_line_of_the_log() {
    let world = World::open().await;
    let forged = format!("ST-1\n2026-11-22 ERROR forged \u{1b}[31m{}", "x".repeat(10_000));
    let mut unknown = broadcast(NOW_S, 0.0);
    unknown["serial_number"] = forged.clone().into();
    let mut untyped = broadcast(NOW_S, 0.0);
    untyped["type"] = json!([forged]);
    let mut unread = broadcast(NOW_S, 0.0);
    unread["obs"] = json!([[forged]]);
    for datagram in [unknown, untyped, unread] {
        let refused = world
            .streams
            .hub_broadcast(datagram.to_string().as_bytes(), NOW_MS)
            .await;
        let said = refused.unwrap_err().to_string();
        assert!(!said.contains(char::is_control) && said.len() < 200, "{said:?}");
    }
}

#[tokio::test]
async fn a_strike_is_shown_until_a_newer_one() {
    let world = World::open().await;
    relay(&world, [NOW_S]).await;
    for (epoch_s, distance) in [(NOW_S - 60, 12), (NOW_S - 900, 3)] {
        let strike = json!({"serial_number":"ST-00000011","type":"evt_strike","evt":[epoch_s, distance, 3848]});
        let accepted = world.streams.hub_broadcast(strike.to_string().as_bytes(), NOW_MS).await;
        assert_eq!(accepted.unwrap(), Accepted::Strike);
    }
    let summary = world.get("/swd/rest/observations/device/11").await.json["summary"].clone();
    assert_eq!(summary["strike_last_epoch"], NOW_S - 60);
    assert_eq!(summary["strike_last_dist"], 12);
}

#[tokio::test]
async fn one_object_or_a_batch_is_relayed() {
    let world = World::open().await;
    let one = world.send(&ada(), POST, broadcast(NOW_S, 0.0).to_string()).await;
    assert_eq!(one.json["accepted"], 1);
    let batch = json!([broadcast(NOW_S - 60, 0.0), {"type":"hub_status"}, broadcast(NOW_S - 120, 0.0)]);
    let batch = world.send(&ada(), POST, batch.to_string()).await;
    assert_eq!((&batch.json["accepted"], &batch.json["stored"]), (&json!(3), &json!(2)));
    assert_eq!(
        batch.json["status"],
        json!({"status_code": 0, "status_message": "SUCCESS"})
    );
}

#[tokio::test]
async fn only_the_owner_relays_and_the_element_is_named() {
    let world = World::open().await;
    let foreign = json!([
        broadcast(NOW_S, 0.0),
        broadcast(NOW_S, 0.0).as_object().map(|b| {
            let mut b = b.clone();
            b.insert("serial_number".into(), json!("ST-00000031"));
            b
        })
    ]);
    let answer = world.send(&ada(), POST, foreign.to_string()).await;
    assert_eq!(answer.status, 403);
    assert!(
        answer.message().starts_with("element 1 (counted from 0): ST-00000031"),
        "{}",
        answer.message()
    );
    let empty = world.get("/swd/rest/observations/device/11").await.json;
    assert_eq!(empty["obs"], json!([]), "nothing of the batch is stored");

    let unknown = broadcast(NOW_S, 0.0).to_string().replace("ST-00000011", "ST-00000077");
    assert_eq!(world.send(&ada(), POST, unknown).await.status, 404);
    let mut nobody = ada();
    nobody.user = None;
    assert_eq!(
        world
            .send(&nobody, POST, broadcast(NOW_S, 0.0).to_string())
            .await
            .status,
        403
    );
}

#[tokio::test]
async fn a_relayed_body_and_batch_are_bounded() {
    let world = World::open().await;
    let mut body = broadcast(NOW_S, 0.0).to_string();
    body.push_str(&" ".repeat(FEED_BODY_BYTES_MAX - body.len()));
    assert_eq!(world.send(&ada(), POST, body.clone()).await.status, 200);
    let over = world.send(&ada(), POST, body + " ").await;
    assert_eq!(over.status, 413);
    assert_eq!(over.json["status"]["status_code"], 413);
    let full = vec![json!({"type": "hub_status"}); BROADCASTS_PER_POST_MAX];
    assert_eq!(world.send(&ada(), POST, json!(full).to_string()).await.status, 200);
    let over = vec![json!({"type": "hub_status"}); BROADCASTS_PER_POST_MAX + 1];
    assert_eq!(world.send(&ada(), POST, json!(over).to_string()).await.status, 400);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]
    #[test]
    fn half_a_relayed_batch_is_never_stored(before in 0usize..20, after in 0usize..20, fault in 0usize..4) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let world = World::open().await;
            let mut batch: Vec<Value> = (0..before + after).map(|i| broadcast(NOW_S - i as i64 * 60, 0.0)).collect();
            let bad = match fault {
                0 => json!(7),
                1 => json!({"serial_number": "ST-00000011", "type": "obs_st", "obs": [[1]]}),
                2 => json!({"serial_number": "ST-00000031", "type": "evt_strike", "evt": [NOW_S, 1, 1]}),
                _ => json!({"serial_number": "AR-00000021", "type": "obs_st", "obs": broadcast(NOW_S, 0.0)["obs"]}),
            };
            batch.insert(before, bad);
            let answer = world.send(&ada(), POST, Value::from(batch).to_string()).await;
            assert!(answer.status.is_client_error(), "{}", answer.text);
            assert!(answer.message().contains(&format!("element {before} ")), "{}", answer.text);
            let stored = world.get(&format!("/swd/rest/observations/device/11?time_start=0&time_end={NOW_S}&bucket=1")).await;
            assert_eq!(stored.json["obs"], json!([]));
        });
    }
}
