//! How fast an upload is checked, and in how much memory, beside `serde_json` reading the same bytes into types.
//!
//! `cargo run --release -p tidegate-streams --example uploads [MEGABYTES]`

#![expect(
    clippy::disallowed_methods,
    reason = "it measures, and nothing is decided by what it reads"
)]

use std::{hint::black_box, time::Instant};

use serde::Deserialize;
use tidegate_core::{
    payload::{Bounded, PayloadKind, upload::Upload},
    testing,
};

/// What one read of a socket brings at most.
const CHUNK_BYTES: usize = 64 * 1024;

/// Streams of the upload.
const STREAMS: u64 = 1_000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Element {
    comp_id: String,
    stream_id: String,
    data: f64,
    time: i64,
}

fn limit(kind: PayloadKind, quota: u32) -> Bounded {
    testing::payload_limit(kind, quota).bounded()
}

fn body(bytes: usize) -> Vec<u8> {
    let mut body = String::with_capacity(bytes + 128);
    body.push('[');
    let mut index = 0;
    while body.len() < bytes {
        if index > 0 {
            body.push(',');
        }
        let (stream, time) = (index % STREAMS, 1_700_000_000_000 + index * 10);
        body.push_str(&format!(
            "{{\"compId\":\"station-{stream}\",\"streamId\":\"temperature\",\"data\":{}.{},\"time\":{time}}}",
            index % 40,
            index % 10
        ));
        index += 1;
    }
    body.push(']');
    body.into_bytes()
}

/// A value of this process's status, in KiB.
fn kib(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let digits: String = line.unwrap_or_default().chars().filter(char::is_ascii_digit).collect();
    digits.parse().unwrap_or(0)
}

#[expect(clippy::print_stdout, reason = "it is what an example is for")]
fn main() {
    let megabytes = std::env::args()
        .nth(1)
        .and_then(|text| text.parse().ok())
        .unwrap_or(200);
    let body = body(megabytes * 1_000_000);
    let per_s = |started: Instant| body.len() as f64 / 1e6 / started.elapsed().as_secs_f64();
    let before_kib = kib("VmHWM:").max(kib("VmRSS:"));
    let mut upload = Upload::new(vec![
        limit(PayloadKind::StringChars, 255),
        limit(PayloadKind::Subsecond, 5_000),
    ]);
    let mut formats = tidegate_streams::PLATFORMS.iter().flat_map(|platform| platform.uploads);
    let feed = formats.find(|format| format.name == "grovestreams");
    let mut reader = (feed.expect("the format of feeds").reader)(0);
    let started = Instant::now();
    for chunk in body.chunks(CHUNK_BYTES) {
        reader.read(chunk, &mut upload).expect("a good upload");
    }
    reader.end(&mut upload).expect("a good upload");
    let ours = per_s(started);
    let grown_kib = kib("VmHWM:").saturating_sub(before_kib);
    println!(
        "this reader: {ours:.0} MB/s, {} samples, {grown_kib} KiB beyond the body",
        upload.samples()
    );
    let started = Instant::now();
    let elements: Vec<Element> = serde_json::from_slice(&body).expect("JSON");
    let theirs = per_s(started);
    let sum: f64 = elements.iter().map(|element| element.data + element.time as f64).sum();
    let names: usize = elements
        .iter()
        .map(|element| element.comp_id.len() + element.stream_id.len())
        .sum();
    black_box((sum, names));
    println!("serde_json into types: {theirs:.0} MB/s, {} elements", elements.len());
    println!("ratio: {:.2}", ours / theirs);
}
