//! Samples of uploads are counted in usage wherever a route says how its bodies carry them (docs/semantics.md rule 23).

use std::{io::Write, net::SocketAddr};

use http::StatusCode;
use serde_json::{Value, json};

use crate::{
    gate::{Ask, Gate, START_MS},
    recorder::{Recorder, Way, put},
};

/// Three routes to a server elsewhere: with limits on uploads, without any, and without a word of bodies.
fn page(upstream: SocketAddr) -> String {
    format!(
        r#"
        upstream = "http://{upstream}"
        [identity]
        sources = ["opaque"]
        required = false
        [route.limited]
        match = "PUT /limited"
        body = "grovestreams"
        [route.free]
        match = "PUT /free"
        body = "grovestreams"
        [route.blob]
        match = "PUT /blob"
        [limit.samples-per-request]
        on = ["limited"]
        samples = 20
        "#
    )
}

fn samples(count: i64) -> Vec<u8> {
    let sample = |n: i64| json!({ "compId": "c", "streamId": "s", "data": n, "time": START_MS + n * 1_000 });
    (0..count).map(sample).collect::<Value>().to_string().into_bytes()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Samples and transactions of a route, this month.
fn used(gate: &Gate, route: &str) -> (u64, u64) {
    let rows = gate.run_json(&["usage", "--by", "route"]);
    let rows = rows.as_array().unwrap().iter().filter(|row| row["route"] == route);
    rows.fold((0, 0), |(samples, transactions), row| {
        (
            samples + row["samples"].as_u64().unwrap(),
            transactions + row["transactions"].as_u64().unwrap(),
        )
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn samples_count_wherever_bodies_are_read_with_limits_and_without() {
    let (_recorder, upstream) = Recorder::start().await;
    let gate = Gate::of_text(&page(upstream)).await;
    for (route, path) in [("limited", "/limited"), ("free", "/free")] {
        for (times, way) in [(1, Way::Declared), (2, Way::Chunked), (3, Way::Http2)] {
            let answer = put(&gate, way, path, &[], samples(20)).await;
            assert_eq!(answer.status, StatusCode::OK, "{route} {way:?}: {}", answer.text());
            assert_eq!(used(&gate, route), (20 * times, times), "{route} {way:?}");
        }
        let coded = gzip(&samples(7));
        put(&gate, Way::Chunked, path, &[("content-encoding", "gzip")], coded).await;
        assert_eq!(used(&gate, route), (67, 4), "{route}: as they are decoded");
        let query = format!("{path}?compId=c&temp=1&door=open&time={START_MS}");
        put(&gate, Way::Declared, &query, &[], Vec::new()).await;
        assert_eq!(used(&gate, route), (69, 5), "{route}: of a query");
        let broken = put(&gate, Way::Chunked, path, &[], samples(9)[..200].to_vec()).await;
        assert_eq!(broken.status, StatusCode::BAD_REQUEST, "{}", broken.text());
        assert_eq!(used(&gate, route), (69, 5), "{route}: what is refused is not billed");
    }
    let over = put(&gate, Way::Chunked, "/limited", &[], samples(21)).await;
    assert_eq!(over.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", over.text());
    assert_eq!(used(&gate, "limited"), (69, 5));
    // What nobody limits and nobody can read goes on, and says nothing of samples.
    let other = put(&gate, Way::Chunked, "/free", &[("content-encoding", "x")], samples(9)).await;
    assert_eq!(other.status, StatusCode::OK, "{}", other.text());
    assert_eq!(used(&gate, "free"), (69, 6));
    put(&gate, Way::Chunked, "/blob", &[], samples(9)).await;
    assert_eq!(
        used(&gate, "blob"),
        (0, 1),
        "a route that does not say how carries none"
    );
}

// The gate's count and that of the API inside are one: a batch that is kept is billed as it was sent.
#[tokio::test(flavor = "multi_thread")]
async fn samples_of_both_platforms_pages_are_those_that_their_feeds_sent() {
    let gate = Gate::start().await;
    let ann = gate.user("ann");
    let query = "/api/feed?compId=c&compName=n&compTmplId=x&org=o&rsession=r&time=1700000000000&temp=1&door=open";
    let of_query = gate.send(Ask::put(query).token(&ann)).await;
    assert_eq!(of_query.json()["stored"], 2, "{}", of_query.text());
    assert_eq!(used(&gate, "feed-put").0, 2);
    let text = String::from_utf8(samples(9)).unwrap();
    let of_list = gate.send(Ask::put("/api/feed").token(&ann).text(&text)).await;
    assert_eq!(of_list.json()["stored"], 9, "{}", of_list.text());
    assert_eq!(used(&gate, "feed-put").0, 11);
    // Reads send no samples, nor do the routes of a Tempest page.
    gate.get("/api/comp/c/stream/s/feed", &ann).await;
    gate.get("/swd/rest/stations", &ann).await;
    let rows = gate.run_json(&["usage"]);
    assert_eq!(rows[0]["samples"], 11, "{rows}");
}
