//! Interval, random and point streams: what they keep of what is put, against a simple model.

use crate::grove::*;
use crate::support::*;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;

#[tokio::test]
async fn a_null_is_a_gap_of_an_interval_stream_and_nothing_to_others() {
    let world = World::open().await;
    let cycle = cycle(
        &world,
        json!({"name":"10 Seconds","intvlSizeType":"SECOND","numSizeTypesPerIntvl":10}),
    )
    .await;
    component(
        &world,
        json!({"id":"c","stream":[
            {"id":"i","streamType":"intvl_stream","valueType":"DOUBLE","baseCycle":{"uid":cycle}},
            {"id":"p","streamType":"point_stream","valueType":"DOUBLE"},
        ]}),
    )
    .await;
    let batch = ["i", "p", "r"].map(
        |stream| json!({"compId":"c","streamId":stream,"data":[1,null,3,null],"time":[10_500,20_000,39_999,50_000]}),
    );
    assert_eq!(put(&world, json!(batch)).await.status, 200);
    assert_eq!(
        data(&world, "c/stream/i/feed").await,
        json!([[10_000, 1], [20_000, null], [30_000, 3]]),
        "rounded down to their intervals, the gap between them shown"
    );
    assert_eq!(data(&world, "c/stream/p/feed").await, json!([[39_999, 3]]));
    assert_eq!(data(&world, "c/stream/r/feed").await, json!([[10_500, 1], [39_999, 3]]));
    put(&world, json!([{"compId":"c","streamId":"i","data":null,"time":12_345}])).await;
    assert_eq!(
        data(&world, "c/stream/i/feed").await,
        json!([[30_000, 3]]),
        "what was there is a gap now"
    );
    assert_eq!(
        data(&world, "c/stream/i/feed?sd=15000&ed=30001").await,
        json!([[10_000, null], [20_000, null], [30_000, 3]]),
        "a range with both ends shows every interval of it"
    );
    assert_eq!(
        put(&world, json!([{"compId":"c","streamId":"new","data":null}]))
            .await
            .json["stored"],
        0
    );
    assert_eq!(
        world.get("/api/comp/c/stream/new/feed").await.status,
        404,
        "a null makes no stream"
    );
}

#[tokio::test]
async fn a_limit_counts_gaps_too() {
    let world = World::open().await;
    let cycle = cycle(
        &world,
        json!({"name":"s","intvlSizeType":"SECOND","numSizeTypesPerIntvl":1}),
    )
    .await;
    let stream = json!({"id":"i","valueType":"DOUBLE","baseCycle":{"id":"s"}});
    component(&world, json!({"id":"c","stream":[stream]})).await;
    put(
        &world,
        json!([{"compId":"c","streamId":"i","data":[1,2],"time":[1000,5000]}]),
    )
    .await;
    assert_eq!(cycle.len(), 36);
    assert_eq!(
        data(&world, "c/stream/i/feed?limit=2").await,
        json!([[4000, null], [5000, 2]])
    );
    assert_eq!(
        data(&world, "c/stream/i/feed?limit=9").await,
        json!([[1000, 1], [2000, null], [3000, null], [4000, null], [5000, 2]])
    );
    assert_eq!(
        data(&world, "c/stream/i/feed?sd=0&limit=2").await,
        json!([[1000, 1], [2000, null]])
    );
    let wide = world.get("/api/comp/c/stream/i/feed?sd=0&ed=1100001000").await;
    assert_eq!(wide.status, 422, "{}", wide.text);
    let fits = world.get("/api/comp/c/stream/i/feed?sd=0&ed=1100000000").await;
    assert_eq!(fits.status, 200, "{}", fits.message());
}

// 24 HOUR is not 1 DAY: on the day the clocks went forward, the day had 23 hours.
#[tokio::test]
async fn calendar_intervals_follow_the_clocks_of_their_zone() {
    let world = World::open().await;
    cycle(
        &world,
        json!({"id":"d","intvlSizeType":"DAY","numSizeTypesPerIntvl":1,"timezoneId":"Europe/Berlin"}),
    )
    .await;
    cycle(
        &world,
        json!({"id":"h","intvlSizeType":"HOUR","numSizeTypesPerIntvl":24,"timezoneId":"Europe/Berlin"}),
    )
    .await;
    let stream = |id: &str| json!({"id":id,"valueType":"DOUBLE","streamType":"intvl_stream","baseCycle":{"id":id}});
    component(&world, json!({"id":"c","stream":[stream("d"), stream("h")]})).await;
    // 2026-03-30T00:30 in Berlin, which is 22:30 the day before in UTC.
    let half_past_midnight: i64 = 1_774_823_400_000;
    for stream in ["d", "h"] {
        put(
            &world,
            json!([{"compId":"c","streamId":stream,"data":1,"time":half_past_midnight}]),
        )
        .await;
    }
    let midnight = half_past_midnight - 30 * 60_000;
    assert_eq!(data(&world, "c/stream/d/feed").await, json!([[midnight, 1]]));
    let day_before = midnight - 23 * 3_600_000;
    assert_eq!(
        data(&world, "c/stream/h/feed").await,
        json!([[day_before, 1]]),
        "laid from winter's midnight"
    );
}

#[derive(Clone, Debug)]
enum Step {
    Put(usize, Vec<(i64, Option<i64>)>),
    Delete(usize, i64, i64),
}

const STREAMS: [&str; 3] = ["random", "point", "interval"];
const SIZE_MS: i64 = 10_000;

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let time = 0..200_000i64;
    let samples = prop::collection::vec((time.clone(), prop::option::weighted(0.8, -5..5i64)), 1..12);
    let step = prop_oneof![
        4 => (0..3usize, samples).prop_map(|(stream, samples)| Step::Put(stream, samples)),
        1 => (0..3usize, time.clone(), 0..60_000i64).prop_map(|(stream, start, length)| Step::Delete(stream, start, start + length)),
    ];
    prop::collection::vec(step, 1..12)
}

fn floor(time_ms: i64) -> i64 {
    time_ms.div_euclid(SIZE_MS) * SIZE_MS
}

/// What a stream holds after a step.
fn model(held: &mut BTreeMap<i64, i64>, stream: usize, step: &Step) {
    match (step, STREAMS[stream]) {
        (Step::Put(_, samples), "random") => held.extend(samples.iter().filter_map(|(t, v)| Some((*t, (*v)?)))),
        (Step::Put(_, samples), "point") => {
            for (time, value) in samples.iter().filter_map(|(t, v)| Some((*t, (*v)?))) {
                if held.keys().all(|there| *there <= time) {
                    *held = BTreeMap::from([(time, value)]);
                }
            }
        }
        (Step::Put(_, samples), _) => {
            let mut samples = samples.clone();
            samples.sort_by_key(|(time, _)| *time);
            for (time, value) in samples {
                match value {
                    Some(value) => held.insert(floor(time), value),
                    None => held.remove(&floor(time)),
                };
            }
        }
        (Step::Delete(_, start, end), "interval") => {
            let (start, end) = (floor(*start), floor(end - 1) + SIZE_MS);
            held.retain(|time, _| *time < start || *time >= end);
        }
        (Step::Delete(_, start, end), _) => held.retain(|time, _| time < start || time >= end),
    }
}

/// What a read without a range answers.
fn answer(held: &BTreeMap<i64, i64>, stream: usize) -> Value {
    let points: Vec<(i64, Option<i64>)> = match (STREAMS[stream], held.first_key_value(), held.last_key_value()) {
        ("interval", Some((first, _)), Some((last, _))) => (*first..=*last)
            .step_by(SIZE_MS as usize)
            .map(|time| (time, held.get(&time).copied()))
            .collect(),
        _ => held.iter().map(|(time, value)| (*time, Some(*value))).collect(),
    };
    json!(points)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn streams_keep_what_a_map_would(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let world = World::open().await;
            cycle(&world, json!({"id":"10s","intvlSizeType":"SECOND","numSizeTypesPerIntvl":10})).await;
            component(&world, json!({"id":"c","stream":[
                {"id":"random","valueType":"DOUBLE","streamType":"rdm_stream"},
                {"id":"point","valueType":"DOUBLE","streamType":"point_stream"},
                {"id":"interval","valueType":"DOUBLE","streamType":"intvl_stream","baseCycle":{"id":"10s"}},
            ]})).await;
            let mut held = [const { BTreeMap::new() }; 3];
            for step in steps {
                let stream = match &step {
                    Step::Put(stream, samples) => {
                        let (times, values): (Vec<i64>, Vec<Option<i64>>) = samples.iter().copied().unzip();
                        let name = STREAMS[*stream];
                        let sent = put(&world, json!([{"compId":"c","streamId":name,"data":values,"time":times}])).await;
                        assert_eq!(sent.status, 200, "{}", sent.text);
                        *stream
                    }
                    Step::Delete(stream, start, end) if start < end => {
                        let items = format!("[%7B%22compId%22:%22c%22,%22streamId%22:%22{}%22%7D]", STREAMS[*stream]);
                        let line = format!("DELETE /api/feed?itemsById={items}&startDate={start}&endDate={end}");
                        let sent = world.send(&ada(), &line, "").await;
                        assert_eq!(sent.status, 200, "{}", sent.text);
                        *stream
                    }
                    Step::Delete(..) => continue,
                };
                model(&mut held[stream], stream, &step);
                let found = data(&world, &format!("c/stream/{}/feed", STREAMS[stream])).await;
                assert_eq!(found, answer(&held[stream], stream), "after {step:?}");
            }
        });
    }
}
