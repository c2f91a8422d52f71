//! What a request carries: bytes, strings, samples (docs/platforms/grovestreams.md G7, G9, G10,
//! docs/semantics.md rules 17 and 19, faults 55 and 56).

use std::{io::Write, net::SocketAddr};

use http::StatusCode;
use serde_json::{Value, json};

use crate::{
    gate::{Ask, Gate, START_MS},
    recorder::{Recorder, Way, put},
};

fn page(upstream: SocketAddr) -> String {
    format!(
        r#"
        upstream = "http://{upstream}"
        refusals = "grovestreams"
        [identity]
        required = false
        [route.feed]
        match = "PUT /api/feed"
        body = "grovestreams"
        [route.any]
        match = "* /**"
        [limit.body-size]
        body_bytes = 1_000_000
        [limit.string-length]
        string_chars = 255
        [limit.subsecond-samples]
        subsecond = 5
        [limit.samples-per-request]
        samples = 1_000
        [limit.streams-per-request]
        streams = 50
        "#
    )
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

// docs/platforms/grovestreams.md G7. fault 55, fault 56
#[tokio::test(flavor = "multi_thread")]
async fn a_body_at_its_limit_passes_and_a_byte_more_is_413_however_it_comes() {
    let (recorder, upstream) = Recorder::start().await;
    let gate = Gate::of_text(&page(upstream)).await;
    let plain = |bytes: usize| vec![b'x'; bytes];
    for way in [Way::Declared, Way::Chunked, Way::Http2] {
        let fits = put(&gate, way, "/blob", &[], plain(1_000_000)).await;
        assert_eq!(fits.status, StatusCode::OK, "{way:?}: {}", fits.text());
        assert_eq!(recorder.seen(), (1_000_000, 1), "{way:?}");
        let over = put(&gate, way, "/blob", &[], plain(1_000_001)).await;
        assert_eq!(over.status, StatusCode::PAYLOAD_TOO_LARGE, "{way:?}: {}", over.text());
        let asked = if way == Way::Declared {
            json!(1_000_001)
        } else {
            json!(null)
        };
        let body = over.json();
        let members = ["limit", "asked", "allowed", "success"].map(|name| body[name].clone());
        assert_eq!(
            members,
            [json!("body-size"), asked, json!(1_000_000), json!(false)],
            "{way:?}"
        );
        assert_eq!(over.field("retry-after"), None, "no wait helps");
        let (bytes, whole) = recorder.seen();
        assert!(bytes <= 1_000_000 && whole == 0, "{way:?}: {bytes} bytes");
        for (bytes, status) in [(1_000_000, StatusCode::OK), (1_000_001, StatusCode::PAYLOAD_TOO_LARGE)] {
            let coded = gzip(&plain(bytes));
            let answer = put(&gate, way, "/blob", &[("content-encoding", "gzip")], coded).await;
            assert_eq!(answer.status, status, "{way:?} {bytes} decoded: {}", answer.text());
            assert_eq!(
                recorder.seen().1,
                usize::from(status == StatusCode::OK),
                "{way:?} {bytes}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_coding_that_cannot_be_read_is_415_where_limits_read_and_says_which_can() {
    let (recorder, upstream) = Recorder::start().await;
    let gate = Gate::of_text(&page(upstream)).await;
    let answer = put(
        &gate,
        Way::Chunked,
        "/blob",
        &[("content-encoding", "deflate")],
        vec![1; 9],
    )
    .await;
    assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{}", answer.text());
    assert_eq!(answer.field("accept-encoding"), Some("gzip, br, zstd"));
    let broken = put(
        &gate,
        Way::Chunked,
        "/blob",
        &[("content-encoding", "gzip")],
        vec![1; 9],
    )
    .await;
    assert_eq!(broken.status, StatusCode::BAD_REQUEST, "{}", broken.text());
    assert_eq!(recorder.seen().1, 0);
}

fn sample(stream: &str, data: Value, time_ms: i64) -> Value {
    json!({ "compId": "kitchen", "streamId": stream, "data": data, "time": time_ms })
}

/// So many samples, so many milliseconds from each to the next.
fn apart(samples: i64, apart_ms: i64) -> Value {
    (0..samples)
        .map(|n| sample("temp", json!(n), START_MS + n * apart_ms))
        .collect()
}

/// The limit that refuses it, what was found and what is allowed.
type Refused = (&'static str, u64, u64);

fn bodies() -> Vec<(&'static str, Value, Option<Refused>)> {
    let text = |chars: usize, of: &str| json!([sample("door", json!(of.repeat(chars)), START_MS)]);
    let streams = |count: i64| {
        (0..count)
            .map(|n| sample(&format!("s{n}"), json!(1), START_MS))
            .collect::<Value>()
    };
    vec![
        ("255 characters", text(255, "é"), None),
        ("256 characters", text(256, "é"), Some(("string-length", 256, 255))),
        ("255 beyond the first plane", text(255, "😀"), None),
        (
            "256 beyond the first plane",
            text(256, "😀"),
            Some(("string-length", 256, 255)),
        ),
        ("50, 0.2 s apart", apart(50, 200), None),
        (
            "51 inside less than 10 s",
            apart(51, 199),
            Some(("subsecond-samples", 51, 50)),
        ),
        ("51 that span 10 s", apart(51, 200), None),
        ("six of one time", apart(6, 0), Some(("subsecond-samples", 6, 5))),
        ("1,000 samples", apart(1_000, 1_000), None),
        (
            "1,001 samples",
            apart(1_001, 1_000),
            Some(("samples-per-request", 1_001, 1_000)),
        ),
        ("50 streams", streams(50), None),
        ("51 streams", streams(51), Some(("streams-per-request", 51, 50))),
    ]
}

// docs/platforms/grovestreams.md G9, G10, docs/semantics.md rules 17 and 19
#[tokio::test(flavor = "multi_thread")]
async fn samples_are_checked_as_they_stream_and_an_upstream_never_sees_a_body_that_is_over() {
    let (recorder, upstream) = Recorder::start().await;
    let gate = Gate::of_text(&page(upstream)).await;
    for (what, body, over) in bodies() {
        let text = body.to_string().into_bytes();
        for (way, coding) in [
            (Way::Declared, ""),
            (Way::Chunked, ""),
            (Way::Http2, ""),
            (Way::Chunked, "gzip"),
        ] {
            let (fields, bytes) = match coding {
                "gzip" => (vec![("content-encoding", "gzip")], gzip(&text)),
                _ => (Vec::new(), text.clone()),
            };
            let answer = put(&gate, way, "/api/feed", &fields, bytes).await;
            let Some((limit, asked, allowed)) = over else {
                assert_eq!(answer.status, StatusCode::OK, "{what} {way:?}: {}", answer.text());
                assert_eq!(recorder.seen().1, 1, "{what} {way:?}");
                continue;
            };
            assert_eq!(
                answer.status,
                StatusCode::UNPROCESSABLE_ENTITY,
                "{what} {way:?}: {}",
                answer.text()
            );
            let body = answer.json();
            let members = ["limit", "asked", "allowed"].map(|name| body[name].clone());
            assert_eq!(members, [json!(limit), json!(asked), json!(allowed)], "{what} {way:?}");
            assert_eq!(answer.field("retry-after"), None, "{what}");
            let (seen, whole) = recorder.seen();
            assert!(
                whole == 0 && seen < text.len() as u64,
                "{what} {way:?}: {seen} of {}",
                text.len()
            );
            if limit == "string-length" {
                assert_eq!(
                    (&body["stream"], &body["component"], &body["index"]),
                    (&json!("door"), &json!("kitchen"), &json!(0))
                );
            }
        }
    }
}

// docs/semantics.md rule 19
#[tokio::test(flavor = "multi_thread")]
async fn the_api_inside_keeps_nothing_of_a_batch_that_is_over() {
    let gate = Gate::start().await;
    let ann = gate.user("ann");
    let batch = json!([
        sample("temp", json!(1), START_MS),
        sample("door", json!("x".repeat(256)), START_MS),
        sample("temp", json!(2), START_MS),
    ]);
    for put in [
        Ask::put("/api/feed").token(&ann).json(&batch),
        Ask::post("/api/feed?asPut").token(&ann).json(&batch),
        Ask::put(&format!("/api/feed?compId=kitchen&temp=1&door={}", "x".repeat(256))).token(&ann),
    ] {
        let refused = gate.send(put).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.text());
        let body = refused.json();
        assert_eq!(
            (&body["limit"], &body["stream"]),
            (&json!("string-length"), &json!("door")),
            "{body}"
        );
        assert!(body["message"].as_str().unwrap().contains("sample 1"), "{body}");
    }
    let last = gate.get("/api/comp/kitchen/stream/temp/last_value", &ann).await;
    assert_eq!(last.status, StatusCode::NOT_FOUND, "{}", last.text());
}

// docs/platforms/grovestreams.md G7: as stated, a MB being 10^6 bytes.
#[tokio::test(flavor = "multi_thread")]
async fn on_the_platforms_page_a_body_has_200_mb() {
    let gate = Gate::start().await;
    let ann = gate.user("ann");
    let over = Ask::put("/api/feed")
        .token(&ann)
        .header("content-length", "200000001")
        .header("expect", "100-continue");
    let refused = gate.send(over).await;
    assert_eq!(refused.status, StatusCode::PAYLOAD_TOO_LARGE, "{}", refused.text());
    let body = refused.json();
    let members = ["limit", "asked", "allowed"].map(|name| body[name].clone());
    assert_eq!(members, [json!("body-size"), json!(200_000_001), json!(200_000_000)]);
}
