//! What a route may choose for its sockets, the data they carry, and sockets of any other API.

use http::StatusCode;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use crate::{
    gate::{Ask, Gate, START_MS},
    observations::{broadcast, record},
    socket::{open_at, opened, refused, until_used},
};

fn page(upstream: &str, socket: &str, slots: u32) -> String {
    format!(
        r#"
upstream = "{upstream}"
refusals = "tempest"
[identity]
sources = ["own"]
read = ["bearer"]
required = true
[route.any]
match = "* /**"
socket = {socket}
[limit.websockets-per-user]
who = "known"
per = "user"
slots = {slots}
[limit.anonymous-per-ip]
who = "anonymous"
per = "ip"
rate = "1000 per hour"
"#
    )
}

// docs/platforms/tempest.md T7, T13
#[tokio::test(flavor = "multi_thread")]
async fn one_socket_carries_many_devices_and_what_is_not_yours_is_an_error_on_it() {
    let gate = Gate::start().await;
    let ann = gate.user("ann");
    gate.user("bob");
    let (_, first) = gate.station("ann", "ST-00000001");
    let (shared, second) = gate.station("bob", "ST-00000002");
    let (_, others) = gate.station("bob", "ST-00000003");
    gate.run(&["station", "share", &shared.to_string(), "--with", "ann"]);
    let mut socket = opened(&gate, &ann).await;
    assert_eq!(socket.heard().await, json!({ "type": "connection_opened" }));
    for (device, id) in [(first, "a"), (second, "b")] {
        socket
            .say(json!({ "type": "listen_start", "device_id": device, "id": id }))
            .await;
        assert_eq!(socket.heard().await, json!({ "type": "ack", "id": id }));
    }
    socket
        .say(json!({ "type": "listen_start", "device_id": others, "id": "c" }))
        .await;
    let error = socket.heard().await;
    assert_eq!(
        (&error["id"], &error["status"]["status_code"]),
        (&"c".into(), &403.into()),
        "{error}"
    );

    let sent = broadcast("ST-00000001", vec![record(START_MS / 1000, 21.5)]);
    gate.send(Ask::post("/swd/rest/observations").token(&ann).json(&sent))
        .await;
    let live = socket.heard().await;
    assert_eq!(
        (&live["type"], &live["device_id"], &live["obs"][0][7]),
        (&"obs_st".into(), &first.into(), &21.5.into())
    );
    assert_eq!(
        gate.run_json(&["sockets", "--user", "ann"])[0]["devices"]
            .as_array()
            .unwrap()
            .len(),
        2
    );

    gate.run(&["station", "unshare", &shared.to_string(), "--with", "ann"]);
    let told = socket.heard().await;
    assert_eq!(told["type"], "error", "{told}");
    assert!(told.to_string().contains(&second.to_string()), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_by_frame_is_accepted_said_and_closed_with_1013() {
    let gate = Gate::of_text(&page("embedded:tempest", "{ refuse = \"frame\" }", 1)).await;
    let ann = gate.user("ann");
    let _open = opened(&gate, &ann).await;
    let mut refused = opened(&gate, &ann).await;
    let said = refused.heard().await;
    assert_eq!(
        (&said["limit"], &said["status"]["status_code"]),
        (&"websockets-per-user".into(), &5.into())
    );
    assert_eq!(u16::from(refused.closed().await), 1013);
    until_used(&gate, "ann", 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn evict_oldest_closes_the_oldest_and_opens_the_newest() {
    let gate = Gate::of_text(&page("embedded:tempest", "{ refuse = \"evict oldest\" }", 2)).await;
    let ann = gate.user("ann");
    let mut sockets = vec![opened(&gate, &ann).await, opened(&gate, &ann).await];
    for _ in 0..5 {
        sockets.push(opened(&gate, &ann).await);
        assert_eq!(u16::from(sockets.remove(0).closed().await), 1008);
        until_used(&gate, "ann", 2).await;
    }
}

/// An API that answers each connection's first bytes with these, and then echoes.
async fn api(answer: &'static str) -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut bytes = [0; 4096];
                let _ = stream.read(&mut bytes).await;
                let _ = stream.write_all(answer.as_bytes()).await;
                let _ = stream.read(&mut bytes).await;
            });
        }
    });
    address
}

// fault 28
#[tokio::test(flavor = "multi_thread")]
async fn an_upstream_that_grants_no_upgrade_leaves_no_slot_taken_and_its_status_is_passed_on() {
    for (answer, status) in [
        (
            "HTTP/1.1 403 Forbidden\r\nContent-Length: 3\r\n\r\nnot",
            StatusCode::FORBIDDEN,
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
            StatusCode::BAD_GATEWAY,
        ),
        (
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Accept: wrong\r\n\r\n",
            StatusCode::BAD_GATEWAY,
        ),
    ] {
        let upstream = api(answer).await;
        let gate = Gate::of_text(&page(&format!("http://{upstream}"), "{}", 2)).await;
        let ann = gate.user("ann");
        for _ in 0..5 {
            let Err(refused) = open_at(&gate, "/live", &ann).await else {
                panic!("{answer}: it opened")
            };
            assert_eq!(refused.status, status, "{answer}");
        }
        assert!(gate.app.engine.sockets.is_empty());
    }
}

/// An echo server that speaks WebSocket.
async fn echo() -> std::net::SocketAddr {
    use futures_util::{SinkExt, StreamExt};
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let Ok(mut socket) = tokio_tungstenite::accept_async(stream).await else {
                    return;
                };
                while let Some(Ok(message)) = socket.next().await {
                    if message.is_text() && socket.send(message).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    address
}

// Limits on a route with any JSON protocol.
#[tokio::test(flavor = "multi_thread")]
async fn any_json_protocol_can_be_limited_in_messages_and_resources() {
    let upstream = echo().await;
    let socket = r#"{ resources_max = 2, messages_per_minute_max = 6, command = { name_at = "op", resource_at = "topic", starts = ["sub"], stops = ["unsub"] } }"#;
    let gate = Gate::of_text(&page(&format!("http://{upstream}"), socket, 2)).await;
    let ann = gate.user("ann");
    let mut socket = open_at(&gate, "/live", &ann)
        .await
        .unwrap_or_else(|refused| panic!("{}", refused.text()));
    for topic in ["a", "b"] {
        let message = json!({ "op": "sub", "topic": topic, "id": 1 });
        socket.say(message.clone()).await;
        assert_eq!(socket.heard().await, message);
    }
    socket.say(json!({ "op": "sub", "topic": "c", "id": 7 })).await;
    let refused = socket.heard().await;
    assert_eq!(
        (&refused["type"], &refused["id"]),
        (&"error".into(), &7.into()),
        "{refused}"
    );
    socket.say(json!({ "op": "unsub", "topic": "a" })).await;
    socket.heard().await;
    socket.say(json!({ "op": "sub", "topic": "c" })).await;
    assert_eq!(socket.heard().await["op"], "sub");
    socket.say(json!({ "op": "ping" })).await;
    socket.heard().await;
    socket.say(json!({ "op": "ping", "id": 9 })).await;
    let refused = socket.heard().await;
    assert_eq!(
        (&refused["type"], &refused["id"]),
        (&"error".into(), &9.into()),
        "{refused}"
    );
    assert_eq!(refused["retry_after_ms"], 10_000);
}

// fault 70
#[tokio::test(flavor = "multi_thread")]
async fn what_a_socket_says_it_listens_to_moves_no_terminal() {
    let upstream = echo().await;
    let socket = r#"{ command = { name_at = "op", resource_at = "topic", starts = ["sub"] } }"#;
    let gate = Gate::of_text(&page(&format!("http://{upstream}"), socket, 2)).await;
    let ann = gate.user("ann");
    let Ok(mut socket) = open_at(&gate, "/live", &ann).await else {
        panic!("it does not open")
    };
    let topic = "pump\u{1b}[31m\r\nforged\u{9b}2J";
    socket.say(json!({ "op": "sub", "topic": topic })).await;
    socket.heard().await;
    let shown = gate.run(&["sockets", "--user", "ann"]);
    assert_eq!(shown.lines().count(), 2, "{shown:?}");
    assert!(!shown.replace('\n', "").contains(char::is_control), "{shown:?}");
    let listed = gate.run_json(&["sockets", "--user", "ann"]);
    assert_eq!(
        listed[0]["devices"][0], topic,
        "whoever reads it as data gets it as it is"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_socket_listens_to_is_followed_where_its_route_says_so() {
    let upstream = echo().await;
    for (socket, is_followed) in [
        ("{}", false),
        ("{ resources_max = 1 }", true),
        ("{ command = {} }", true),
    ] {
        let gate = Gate::of_text(&page(&format!("http://{upstream}"), socket, 2)).await;
        let ann = gate.user("ann");
        let mut open = open_at(&gate, "/live", &ann)
            .await
            .unwrap_or_else(|refused| panic!("{}", refused.text()));
        let most = if socket.contains("resources") { 1 } else { 100 };
        for device in 0..=most {
            let message = json!({ "type": "listen_start", "device_id": device, "id": device });
            open.say(message.clone()).await;
            let heard = open.heard().await;
            if is_followed && device == most {
                assert_eq!(
                    (&heard["type"], &heard["id"]),
                    (&"error".into(), &device.into()),
                    "{socket}"
                );
            } else {
                assert_eq!(heard, message, "{socket}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_loop_past_its_rate_evicts_nothing() {
    let text = page("embedded:tempest", "{ refuse = \"evict oldest\" }", 1);
    let gate = Gate::of_text(&format!(
        "{text}\n[limit.connects]\nwho = \"known\"\nper = \"user\"\nrate = \"1 per hour\"\n"
    ))
    .await;
    let ann = gate.user("ann");
    let mut open = opened(&gate, &ann).await;
    for _ in 0..5 {
        let Err(refused) = open_at(&gate, "/swd/data", &ann).await else {
            panic!("it opened")
        };
        assert_eq!(refused.json()["limit"], "connects");
        assert_eq!(
            refused.json()["connections"].as_array().map(Vec::len),
            Some(1),
            "slots refuse too"
        );
    }
    assert_eq!(open.heard().await["type"], "connection_opened");
    open.say(json!({ "type": "listen_stop", "device_id": 1, "id": 1 }))
        .await;
    open.heard().await;
}

// docs/semantics.md rule 24: under a lowered cap as many go as it takes, because the route says so.
#[tokio::test(flavor = "multi_thread")]
async fn evict_oldest_under_a_lowered_cap_sends_as_many_away_as_it_takes() {
    let gate = Gate::of_text(&page("embedded:tempest", "{ refuse = \"evict oldest\" }", 4)).await;
    let ann = gate.user("ann");
    let mut sockets = Vec::new();
    for _ in 0..4 {
        sockets.push(opened(&gate, &ann).await);
    }
    gate.run(&["limit", "set", "websockets-per-user", "2", "--user", "ann"]);
    let _newest = opened(&gate, &ann).await;
    for socket in &mut sockets[..3] {
        assert_eq!(u16::from(socket.closed().await), 1008);
    }
    until_used(&gate, "ann", 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_by_frame_are_bounded_and_past_it_the_handshake_is_refused() {
    let gate = std::sync::Arc::new(Gate::of_text(&page("embedded:tempest", "{ refuse = \"frame\" }", 1)).await);
    let ann = gate.user("ann");
    let _open = opened(&gate, &ann).await;
    // Refused ones that are not read stay open until the close times out, so they pile up to the bound.
    let mut held = Vec::new();
    let mut refused = 0;
    for _ in 0..100 {
        match open_at(&gate, "/swd/data", &ann).await {
            Ok(socket) => held.push(socket),
            Err(answer) => {
                assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
                refused += 1;
            }
        }
    }
    assert!(
        held.len() >= 64 && refused > 0,
        "{} by frame, {refused} at the handshake",
        held.len()
    );
}

// docs/platforms/tempest.md T8: a token that ends ends its sockets, also to an API elsewhere.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_whose_time_is_over_ends_its_socket() {
    let upstream = echo().await;
    let gate = Gate::of_text(&page(&format!("http://{upstream}"), "{}", 2)).await;
    gate.user("ann");
    let brief = gate.token("ann", &["--expires", "90s"]);
    let mut socket = open_at(&gate, "/live", &brief)
        .await
        .unwrap_or_else(|refused| panic!("{}", refused.text()));
    gate.pass(std::time::Duration::from_secs(90));
    assert_eq!(u16::from(socket.closed().await), 1008);
}

#[tokio::test(flavor = "multi_thread")]
async fn binary_data_of_any_length_is_1003_where_only_text_is_understood() {
    use futures_util::SinkExt;
    let gate = Gate::start().await;
    let ann = gate.user("ann");
    for length in [40, 40_000] {
        let mut socket = opened(&gate, &ann).await;
        let message = tokio_tungstenite::tungstenite::Message::binary(vec![7; length]);
        socket.0.send(message).await.unwrap();
        assert_eq!(u16::from(socket.closed().await), 1003, "{length} bytes");
    }
}

// docs/semantics.md rule 6: a refusal for our own lack of capacity charges nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_handshake_past_the_gates_own_bound_is_503_and_costs_nothing() {
    let text = page("embedded:tempest", "{}", 10)
        + r#"
[limit.connects-per-user]
who = "known"
per = "user"
rate = "5 per minute"
[server]
sockets_max = 1
"#;
    let gate = Gate::of_text(&text).await;
    let ann = gate.user("ann");
    let socket = opened(&gate, &ann).await;
    // More than the rate would let through, were they charged.
    for _ in 0..8 {
        let refused = refused(&gate, &ann).await;
        assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE, "{}", refused.text());
    }
    socket.close().await;
    until_used(&gate, "ann", 0).await;
    opened(&gate, &ann).await;
    let me = gate.get("/limits/me", &ann).await.json();
    let used = |name: &str| me.as_array().unwrap().iter().find(|row| row["limit"] == name).unwrap()["used"].clone();
    assert_eq!(used("connects-per-user"), 2, "the two that opened");
}
