//! Bytes that have two readings, and bytes that look odd and have one (faults 38-47).

use http_body_util::BodyExt;
use tidegate_gateway::Bounds;

use crate::support::{Door, Setup, Upstream, get};

async fn strict() -> (Upstream, Door) {
    let upstream = Upstream::hello().await;
    let setup = Setup {
        user_quota: 1,
        anonymous_quota: 1,
        ..Setup::before(&upstream.url)
    };
    let door = Door::with(setup, Bounds::default()).await;
    (upstream, door)
}

fn two_readings() -> Vec<String> {
    let auth = "Authorization: Bearer ann\r\n";
    vec![
        format!("GET /api/x HTTP/1.1\r\n{auth}\r\n"),
        format!("GET /api/x HTTP/1.1\r\nHost: a\r\nHost: b\r\n{auth}\r\n"),
        format!("GET /api/x HTTP/1.1\r\nHost: a/b@c\r\n{auth}\r\n"),
        format!("GET http://other/api/x HTTP/1.1\r\nHost: gate\r\n{auth}\r\n"),
        format!(
            "POST /api/x HTTP/1.1\r\nHost: gate\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n{auth}\r\n0\r\n\r\n"
        ),
        format!(
            "POST /api/x HTTP/1.1\r\nHost: gate\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n{auth}\r\n0\r\n\r\n"
        ),
        format!("POST /api/x HTTP/1.1\r\nHost: gate\r\nTransfer-Encoding: gzip, chunked\r\n{auth}\r\n0\r\n\r\n"),
        format!("POST /api/x HTTP/1.1\r\nHost: gate\r\nTransfer-Encoding: identity, chunked\r\n{auth}\r\n0\r\n\r\n"),
        format!(
            "POST /api/x HTTP/1.1\r\nHost: gate\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n{auth}\r\n0\r\n\r\n"
        ),
        format!("POST /api/x HTTP/1.1\r\nHost: gate\r\nContent-Length: 1\r\nContent-Length: 2\r\n{auth}\r\nab"),
        format!("POST /api/x HTTP/1.1\r\nHost: gate\r\nContent-Length: +2\r\n{auth}\r\nab"),
        format!("POST /api/x HTTP/1.1\r\nHost: gate\r\nContent-Length: 2\r\nContent_Length: 3\r\n{auth}\r\nab"),
        format!("PUT /api/x HTTP/1.1\r\nHost: gate\r\nExpect: y 100-continue\r\n{auth}\r\n"),
        format!("GET /api//x HTTP/1.1\r\nHost: gate\r\n{auth}\r\n"),
        format!("GET /api/%2e%2e/x HTTP/1.1\r\nHost: gate\r\n{auth}\r\n"),
        format!("GET /api/x\\y HTTP/1.1\r\nHost: gate\r\n{auth}\r\n"),
        format!("GET /api/ä HTTP/1.1\r\nHost: gate\r\n{auth}\r\n"),
        format!("GET /api/x#f HTTP/1.1\r\nHost: gate\r\n{auth}\r\n"),
        format!("GET /api/x HTTP/1.1\nHost: gate\n{auth}\n\n"),
        format!("GET /api/x HTTP/1.1\r\nHost: gate\nX: y\r\n{auth}\r\n"),
        format!("GET /api/x HTTP/1.1\r\nX: y\rHost: gate\r\n{auth}\r\n"),
        format!("GET /api/x HTTP/1.1\r\nHost: gate\r\nX: \0\r\n{auth}\r\n"),
        format!("GET /api/x HTTP/1.1\r\nHost: gate\r\nX: a\r\n b\r\n{auth}\r\n"),
        format!("GET /api/x HTTP/1.1\r\nHost : gate\r\n{auth}\r\n"),
        format!("GET /api/x HTTP/1.2\r\nHost: gate\r\n{auth}\r\n"),
        format!("GET /api/x HTTP/1.1\r\nHost: gate\r\nX_Forwarded_For: 1.1.1.1\r\n{auth}\r\n"),
        format!("POST /api/x HTTP/1.1\r\nHost: gate\r\nContent-Length: 2\r\nContent-Length: 2\r\n{auth}\r\nab"),
        format!("POST /api/x HTTP/1.1\r\nHost: gate\r\nContent-Length: 2, 2\r\n{auth}\r\nab"),
        format!("POST /api/x HTTP/1.1\r\nHost: gate\r\nTransfer-Encoding: xchunked\r\n{auth}\r\n0\r\n\r\n"),
        format!("POST /api/x HTTP/1.1\r\nHost: gate\r\nTransfer-Encoding: \x0bchunked\r\n{auth}\r\n0\r\n\r\n"),
        format!("POST /api/x HTTP/1.1\r\nHost: gate\r\nTransfer-Encoding : chunked\r\n{auth}\r\n0\r\n\r\n"),
        format!("POST /api/x HTTP/1.0\r\nHost: gate\r\nTransfer-Encoding: chunked\r\n{auth}\r\n0\r\n\r\n"),
        format!("GET /api/x\x1b[31m HTTP/1.1\r\nHost: gate\r\n{auth}\r\n"),
        "\x16\x03\x01\x02\0".into(),
        format!("CONNECT gate:80 HTTP/1.1\r\nHost: gate:80\r\n{auth}\r\n"),
    ]
}

// fault 38, fault 39, fault 40, fault 41, fault 42, fault 43, fault 46, fault 47, fault 70
#[tokio::test]
async fn a_request_with_two_readings_is_400_charges_nothing_and_ends_the_connection() {
    let (upstream, door) = strict().await;
    for bytes in two_readings() {
        let mut client = door.client().await;
        let answer = client.ask(&bytes).await;
        assert_eq!(answer.status, 400, "{bytes}");
        let decision = answer.field("tidegate-decision").expect("a decision");
        assert_eq!(answer.json()["decision"], decision, "{bytes}");
        assert!(!answer.text().contains(char::is_control), "{bytes}");
        assert!(client.is_closed().await, "{bytes}");
    }
    assert_eq!(upstream.requests(), 0);
    assert_eq!(
        door.ask(&get("/api/x")).await.status,
        200,
        "the one unit is still there"
    );
    assert_eq!(
        door.ask("GET /open/x HTTP/1.1\r\nHost: gate\r\n\r\n").await.status,
        200,
        "so is the address's"
    );
}

#[tokio::test]
async fn a_second_reading_hidden_behind_a_good_request_is_found_too() {
    let (upstream, door) = strict().await;
    let mut client = door.client().await;
    let smuggled =
        "POST /api/x HTTP/1.1\r\nHost: gate\r\nContent-Length: 44\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    client
        .send(format!("{}{smuggled}{}", get("/api/x"), get("/api/x")).as_bytes())
        .await;
    assert_eq!(client.answer().await.status, 200);
    assert_eq!(client.answer().await.status, 400);
    assert!(client.is_closed().await);
    assert_eq!(upstream.requests(), 1);
}

// docs/platforms/grovestreams.md#clients: what the GroveStreams Arduino library sends, to the byte.
#[tokio::test]
async fn the_arduino_librarys_bytes_get_a_200() {
    let upstream = Upstream::hello().await;
    let door = Door::before(&upstream.url).await;
    let mut client = door.client().await;
    client
        .send(b"PUT /api/feed?&token=ann&compId=C&a=1 HTTP/1.1\r\nHost: 192.168.1.7\r\nConnection: close\r\nX-Forwarded-For: C\r\nContent-Type: application/json\r\n\r\n")
        .await;
    let answer = client.rest().await;
    assert!(
        answer.starts_with(b"HTTP/1.1 200"),
        "{}",
        String::from_utf8_lossy(&answer)
    );
    let seen = upstream.seen.lock();
    assert_eq!(seen[0].uri, "/api/feed?&token=ann&compId=C&a=1");
    assert_eq!(seen[0].headers["x-forwarded-for"], "C, 127.0.0.1");
    assert!(!seen[0].headers.contains_key("transfer-encoding") && !seen[0].headers.contains_key("content-length"));
}

#[tokio::test]
async fn an_http_1_0_client_is_answered_and_closed() {
    let upstream = Upstream::hello().await;
    let door = Door::before(&upstream.url).await;
    let mut client = door.client().await;
    client
        .send(b"GET /api/x?token=ann HTTP/1.0\r\nHost: gate\r\n\r\n")
        .await;
    let answer = String::from_utf8(client.rest().await).unwrap();
    assert!(
        answer.starts_with("HTTP/1.0 200") && answer.ends_with("\r\n\r\nhello"),
        "{answer}"
    );
}

// fault 45
#[tokio::test]
async fn what_concerns_one_hop_is_removed_both_ways() {
    let upstream = Upstream::answering(|_| async {
        http::Response::builder()
            .header("connection", "x-hop")
            .header("x-hop", "1")
            .header("keep-alive", "timeout=9")
            .header("tidegate-decision", "forged")
            .header("x-end", "1")
            .body(tidegate_gateway::Body::full("hello"))
            .unwrap()
    })
    .await;
    let door = Door::before(&upstream.url).await;
    let answer = door
        .ask(&get("/api/x").replace(
            "\r\n\r\n",
            "\r\nConnection: x-hop, authorization\r\nX-Hop: 1\r\nUpgrade: websocket\r\n\r\n",
        ))
        .await;
    assert_eq!(answer.text(), "hello");
    for gone in ["connection", "x-hop", "keep-alive", "tidegate-decision"] {
        assert_eq!(answer.field(gone), None, "{gone}");
    }
    assert_eq!(answer.field("x-end"), Some("1"));
    let seen = upstream.seen.lock();
    for gone in ["connection", "x-hop", "upgrade"] {
        assert!(!seen[0].headers.contains_key(gone), "{gone}");
    }
    assert_eq!(seen[0].headers["authorization"], "Bearer ann");
}

#[tokio::test]
async fn head_has_a_length_and_no_body_and_the_connection_goes_on() {
    let upstream = Upstream::hello().await;
    let door = Door::before(&upstream.url).await;
    let mut client = door.client().await;
    for (path, status, length) in [
        ("/api/x", 200, Some("5")),
        ("/swd/rest/x", 200, Some("14")),
        ("/nowhere", 404, None),
    ] {
        client.send(get(path).replace("GET", "HEAD").as_bytes()).await;
        let answer = client.answer_to("HEAD").await;
        assert_eq!(answer.status, status);
        assert!(
            length.is_none() || answer.field("content-length") == length,
            "{path}: {}",
            answer.head
        );
    }
    assert_eq!(client.ask(&get("/api/x")).await.text(), "hello");
}

#[tokio::test]
async fn an_answer_without_body_ends_where_it_should() {
    let upstream = Upstream::answering(|request| async move {
        let status: u16 = request.uri().path().rsplit('/').next().unwrap().parse().unwrap();
        http::Response::builder()
            .status(status)
            .body(tidegate_gateway::Body::empty())
            .unwrap()
    })
    .await;
    let door = Door::before(&upstream.url).await;
    let mut client = door.client().await;
    for status in [204, 304, 200, 404] {
        let answer = client.ask(&get(&format!("/api/{status}"))).await;
        assert_eq!((answer.status, answer.body.len()), (status, 0));
    }
    assert_eq!(upstream.connections(), 1);
}

#[tokio::test]
async fn heads_past_their_bounds_are_431() {
    let upstream = Upstream::hello().await;
    let door = Door::with(
        Setup::before(&upstream.url),
        Bounds {
            header_bytes_max: 8192,
            header_fields_max: 20,
            ..Bounds::default()
        },
    )
    .await;
    let fields = |count: usize| {
        format!(
            "GET /api/x HTTP/1.1\r\nHost: gate\r\nAuthorization: Bearer ann\r\n{}\r\n",
            "X: 1\r\n".repeat(count)
        )
    };
    assert_eq!(door.ask(&fields(18)).await.status, 200);
    let refused = door.ask(&fields(19)).await;
    assert_eq!((refused.status, refused.field("connection")), (431, Some("close")));
    assert_eq!(refused.json()["decision"], refused.field("tidegate-decision").unwrap());
    let long = |bytes: usize| get("/api/x").replace("\r\n\r\n", &format!("\r\nX: {}\r\n\r\n", "a".repeat(bytes)));
    assert_eq!(door.ask(&long(7_000)).await.status, 200);
    assert_eq!(door.ask(&long(9_000)).await.status, 431);
    let address = |bytes: usize| get(&format!("/api/{}", "a".repeat(bytes)));
    assert_eq!(door.ask(&address(7_000)).await.status, 200);
    assert_eq!(door.ask(&address(9_000)).await.status, 414);
    assert_eq!(upstream.requests(), 3);
}

// fault 49
#[tokio::test]
async fn requests_are_told_apart_however_their_bytes_are_cut() {
    let upstream = Upstream::answering(|request| async move {
        let path = request.uri().path().to_owned();
        let _ = request.into_body().collect().await;
        http::Response::new(tidegate_gateway::Body::full(path))
    })
    .await;
    let door = Door::before(&upstream.url).await;
    let fields = "Host: gate\r\nAuthorization: Bearer ann\r\n";
    let fake = "GET /api/fake HTTP/1.1\r\nHost: gate\r\n\r\n";
    let request = |number: usize| match number % 4 {
        0 => format!("GET /api/{number} HTTP/1.1\r\n{fields}\r\n"),
        1 => format!(
            "\r\nPUT /api/{number} HTTP/1.1\r\n{fields}content-length: {}\r\n\r\n{fake}",
            fake.len()
        ),
        2 => format!(
            "POST /api/{number} HTTP/1.1\r\n{fields}Transfer-Encoding: Chunked\r\n\r\n{:X};a=b\r\n{fake}\r\n000\r\nX: y\r\n\r\n",
            fake.len()
        ),
        _ => format!("PUT /api/{number} HTTP/1.1\r\n{fields}Content-Length: 0\r\n\r\n"),
    };
    let all: String = (0..40).map(request).collect();
    let smuggling =
        format!("POST /api/x HTTP/1.1\r\n{fields}Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n");
    let bytes = (all + &smuggling).into_bytes();
    for seed in 1..=8_usize {
        let mut client = door.client().await;
        let mut random = seed;
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let (part, later) = rest.split_at((1 + (random >> 33) % 90).min(rest.len()));
            client.send(part).await;
            tokio::task::yield_now().await;
            rest = later;
        }
        for number in 0..40 {
            assert_eq!(client.answer().await.text(), format!("/api/{number}"), "seed {seed}");
        }
        assert_eq!(client.answer().await.status, 400, "seed {seed}");
        assert!(client.is_closed().await);
    }
}

#[tokio::test]
async fn a_target_in_absolute_form_goes_up_in_origin_form() {
    let upstream = Upstream::hello().await;
    let door = Door::before(&upstream.url).await;
    assert_eq!(door.ask(&get("http://gate/api/x?a=%20b")).await.status, 200);
    assert_eq!(upstream.seen.lock()[0].uri, "/api/x?a=%20b");
}
