//! HTTP/2 as no good client speaks it: nothing ambiguous goes up, and floods end with their connection.

use tidegate_gateway::Bounds;

use crate::support::{
    Door, Setup, Upstream, frames,
    frames::{
        CONTINUATION, DATA, END_HEADERS, END_STREAM, Frames, GOAWAY, HEADERS, PING, RST_STREAM, SETTINGS,
        WINDOW_UPDATE, block, frame, get,
    },
};

/// RFC 9113 7.
const ENHANCE_YOUR_CALM: u32 = 11;

/// What became of one block of fields: a status, or a reset, or the end of the connection.
async fn fate_of(door: &Door, block: &[u8]) -> String {
    let mut frames = Frames::connect(door.address).await;
    frames.send(&frame(HEADERS, END_HEADERS | END_STREAM, 1, block)).await;
    loop {
        match frames.next().await {
            Some(frame) if frame.kind == HEADERS => return frame.status().to_string(),
            Some(frame) if frame.kind == RST_STREAM => return "reset".to_owned(),
            Some(frame) if frame.kind == GOAWAY => return "goaway".to_owned(),
            Some(_) => {}
            None => return "closed".to_owned(),
        }
    }
}

// fault 48
#[tokio::test]
async fn nothing_goes_up_that_http1_would_read_in_two_ways() {
    let upstream = Upstream::hello().await;
    let door = Door::before(&upstream.url).await;
    let with = |name, value| get("/api/x", &[(name, value)]);
    let pseudo = |method: &'static str, path: &'static str, authority: &'static str| {
        block(&[
            (":method", method),
            (":scheme", "http"),
            (":authority", authority),
            (":path", path),
            ("authorization", "Bearer ann"),
        ])
    };
    let attacks = [
        with("x-a", "b\r\nTransfer-Encoding: chunked"),
        with("x-a", "b\nc: d"),
        with("x-a", "b\0"),
        with("x-a\r\nc", "d"),
        with("x-a: b\r\nc", "d"),
        with("x-a:", "b"),
        with("x a", "b"),
        with("X-Upper", "b"),
        with("transfer-encoding", "chunked"),
        with("connection", "close"),
        with("keep-alive", "5"),
        with("proxy-connection", "close"),
        with("upgrade", "websocket"),
        with("te", "gzip"),
        with("content-length", "5"),
        with("content-length", "+0"),
        with("content_length", "5"),
        with("host", "other"),
        with(":path", "/api/y"),
        with(":unknown", "x"),
        pseudo("GET", "/api/x HTTP/1.1\r\nHost: evil", "gate"),
        pseudo("GET", "/api/x y", "gate"),
        pseudo("GET", "/api/../y", "gate"),
        pseudo("GET", "//api/x", "gate"),
        pseudo("GET", "/api/x\\y", "gate"),
        pseudo("GET", "", "gate"),
        pseudo("GET", "*", "gate"),
        pseudo("GET", "api/x", "gate"),
        pseudo("GET", "http://other/api/x", "gate"),
        pseudo("GET /api/y HTTP/1.1\r\n\r\nGET", "/api/x", "gate"),
        pseudo("GET", "/api/x", "ga te"),
        pseudo("GET", "/api/x", "gate/evil"),
        pseudo("GET", "/api/x", "user@gate"),
        pseudo("GET", "/api/x", ""),
        block(&[(":method", "GET"), (":scheme", "http"), (":path", "/api/x")]),
    ];
    for attack in attacks {
        let fate = fate_of(&door, &attack).await;
        assert!(
            ["400", "reset", "goaway", "closed"].contains(&fate.as_str()),
            "{fate}: {}",
            String::from_utf8_lossy(&attack)
        );
    }
    assert_eq!(upstream.requests(), 0);
    assert_eq!(fate_of(&door, &with("te", "trailers")).await, "200");
    assert_eq!(upstream.requests(), 1);
    assert!(!upstream.seen.lock()[0].headers.contains_key("te"));
}

// fault 51
#[tokio::test]
async fn a_request_that_is_reset_at_once_counts_all_the_same() {
    let upstream = Upstream::hello().await;
    let setup = Setup {
        user_quota: 100,
        ..Setup::before(&upstream.url)
    };
    let door = Door::with(setup, Bounds::default()).await;
    let mut frames = Frames::connect(door.address).await;
    for stream in (1..41).step_by(2) {
        let mut bytes = frames::ask(stream, "/api/x");
        bytes.extend(frame(RST_STREAM, 0, stream, &[0, 0, 0, 8]));
        frames.send(&bytes).await;
        frames.send(&frame(PING, 0, 0, &[7; 8])).await;
        frames.next_of(PING).await.unwrap();
    }
    let answer = door.ask(&crate::support::get("/api/x")).await;
    assert!(answer.field("ratelimit").unwrap().contains("r=79"), "{}", answer.head);
}

// fault 51
#[tokio::test]
async fn a_flood_of_resets_ends_with_its_connection() {
    let upstream = Upstream::hello().await;
    let door = Door::before(&upstream.url).await;
    let mut frames = Frames::connect(door.address).await;
    let mut sent = 0;
    'flood: for begin in (1..100_000).step_by(200) {
        let mut bytes = Vec::new();
        for stream in (begin..begin + 200).step_by(2) {
            bytes.extend(frames::ask(stream, "/api/x"));
            bytes.extend(frame(RST_STREAM, 0, stream, &[0, 0, 0, 8]));
        }
        if !frames.try_send(&bytes).await {
            break 'flood;
        }
        sent += 100;
    }
    let rest = frames.rest().await;
    assert!(sent < 50_000, "it was never closed");
    assert!(rest.iter().any(|frame| frame.kind == GOAWAY) || rest.is_empty());
    assert!(upstream.requests() <= 600, "{}", upstream.requests());
}

// fault 52
#[tokio::test]
async fn a_head_without_an_end_closes_its_connection() {
    let door = Door::before("http://unused").await;
    let mut frames = Frames::connect(door.address).await;
    let mut first = get("/api/x", &[]);
    first.extend(block(&[("x-a", &"a".repeat(1_000))]));
    frames.send(&frame(HEADERS, 0, 1, &first)).await;
    let more = frame(CONTINUATION, 0, 1, &block(&[("x-a", &"a".repeat(10_000))]));
    let mut sent = 0;
    while sent < 10_000 && frames.try_send(&more).await {
        sent += 1;
    }
    assert!(sent < 10_000, "100 MB of one head were taken");
    let rest = frames.rest().await;
    assert!(
        rest.iter().all(|frame| frame.kind != HEADERS || frame.status() == 431),
        "{rest:?}"
    );
}

// fault 52
#[tokio::test]
async fn a_head_that_is_small_on_the_wire_and_large_when_read_is_refused() {
    let upstream = Upstream::hello().await;
    let door = Door::before(&upstream.url).await;
    let mut frames = Frames::connect(door.address).await;
    // A field of 3,000 bytes enters the table once and is named a thousand times in a byte each.
    let mut bomb = get("/api/x", &[]);
    bomb.extend([0x40, 3]);
    bomb.extend(b"x-a");
    bomb.extend([127, 0xb9, 0x16]);
    bomb.extend([b'a'; 3_000]);
    bomb.extend([0xbe; 1_000]);
    frames.send(&frame(HEADERS, END_HEADERS | END_STREAM, 1, &bomb)).await;
    let answer = frames.next_of(HEADERS).await;
    assert!(answer.is_none_or(|answer| answer.status() == 431));
    assert_eq!(upstream.requests(), 0);
}

// fault 52
#[tokio::test]
async fn more_fields_than_a_head_may_have_are_431() {
    let upstream = Upstream::hello().await;
    let door = Door::before(&upstream.url).await;
    let names: Vec<String> = (0..100).map(|n| format!("x-{n}")).collect();
    let many: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "1")).collect();
    assert_eq!(fate_of(&door, &get("/api/x", &many)).await, "431");
    assert_eq!(fate_of(&door, &get("/api/x", &many[..50])).await, "200");
}

// fault 53
#[tokio::test]
async fn streams_that_are_made_to_be_reset_end_with_their_connection() {
    let upstream = Upstream::answering(|_| std::future::pending()).await;
    let door = Door::before(&upstream.url).await;
    let mut frames = Frames::connect(door.address).await;
    let mut bytes = Vec::new();
    for stream in (1..2_001).step_by(2) {
        bytes.extend(frames::ask(stream, "/api/x"));
        // More than a window can be (RFC 9113 6.9.1).
        bytes.extend(frame(WINDOW_UPDATE, 0, stream, &[0x7f, 0xff, 0xff, 0xff]));
    }
    let _ = frames.try_send(&bytes).await;
    let goaway = frames.next_of(GOAWAY).await;
    assert!(goaway.is_none_or(|goaway| goaway.error() == ENHANCE_YOUR_CALM));
    assert!(upstream.requests() <= 110, "{}", upstream.requests());
}

/// Sends a frame a hundred thousand times, and waits until the connection is closed; how many answers came before.
async fn answers_to_a_flood(frame: &[u8], begin: &[u8]) -> usize {
    let upstream = Upstream::answering(|_| std::future::pending()).await;
    let door = Door::before(&upstream.url).await;
    let mut frames = Frames::connect(door.address).await;
    frames.send(begin).await;
    let many = frame.repeat(100);
    for _ in 0..1_000 {
        if !frames.try_send(&many).await {
            break;
        }
    }
    frames.rest().await.len()
}

// fault 54
#[tokio::test]
async fn floods_of_frames_that_carry_nothing_end_with_their_connection() {
    let upload = frame(
        HEADERS,
        END_HEADERS,
        1,
        &block(&[
            (":method", "PUT"),
            (":scheme", "http"),
            (":authority", "gate"),
            (":path", "/api/x"),
            ("authorization", "Bearer ann"),
        ]),
    );
    assert!(answers_to_a_flood(&frame(DATA, 0, 1, b""), &upload).await < 1_000);
    assert!(answers_to_a_flood(&frame(PING, 0, 0, &[1; 8]), b"").await < 1_000);
    assert!(answers_to_a_flood(&frame(SETTINGS, 0, 0, b""), b"").await < 1_000);
    assert!(answers_to_a_flood(&frame(2, 0, 1, &[0, 0, 0, 3, 1]), b"").await < 1_000);
    assert!(answers_to_a_flood(&frame(200, 0, 0, b"unknown"), b"").await < 1_000);
}
