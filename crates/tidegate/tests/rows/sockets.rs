//! docs/platforms/tempest.md T1, T2, T4, T6, T7, T12: sockets are counted as what is open, and nothing leaks.

use http::StatusCode;
use serde_json::json;

use crate::{
    gate::{Ask, Gate},
    socket::{Socket, assert_over_the_cap, open, opened, refused, slots_used, until_used},
};

// docs/platforms/tempest.md T1, T5
#[tokio::test(flavor = "multi_thread")]
async fn ten_open_over_three_tokens_and_the_eleventh_is_refused_with_the_open_ones_listed() {
    let gate = Gate::start().await;
    let tokens = [gate.user("ann"), gate.token("ann", &[]), gate.token("ann", &[])];
    let mut sockets = Vec::new();
    for n in 0..10 {
        sockets.push(opened(&gate, &tokens[n % 3]).await);
    }
    for token in &tokens {
        let refused = refused(&gate, token).await;
        assert_over_the_cap(&refused);
        let body = refused.json();
        assert_eq!(body["connections"].as_array().map(Vec::len), Some(10), "{body}");
        assert_eq!((&body["used"], &body["quota"]), (&10.into(), &10.into()));
        let explained = gate.run_json(&["explain", refused.decision()]);
        assert_eq!(
            explained["retry_after_s"],
            serde_json::Value::Null,
            "a hint is no promise"
        );
    }
}

// docs/platforms/tempest.md T1: any order of open, close and crash; never refused at nine or fewer, never an eleventh.
// fault 31
#[tokio::test(flavor = "multi_thread")]
async fn in_any_order_of_opens_closes_and_resets_the_count_is_what_is_open() {
    let gate = Gate::of_text(NO_CONNECT_CAP).await;
    let tokens = [gate.user("ann"), gate.token("ann", &[]), gate.token("ann", &[])];
    let mut sockets: Vec<Socket> = Vec::new();
    // A fixed walk that leans up, then down, so that both edges are met often.
    let mut state: u32 = 7;
    for step in 0..300 {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let wants_open = (state >> 16) % 10 < if step % 100 < 60 { 7 } else { 3 };
        if wants_open {
            match (open(&gate, &tokens[(state >> 8) as usize % 3]).await, sockets.len()) {
                (Ok(socket), 0..10) => sockets.push(socket),
                (Err(refused), 10) => assert_over_the_cap(&refused),
                (Ok(_), open) => panic!("step {step}: one more than {open} opened"),
                (Err(refused), open) => panic!("step {step}: refused at {open}: {}", refused.text()),
            }
        } else if !sockets.is_empty() {
            let socket = sockets.swap_remove((state >> 20) as usize % sockets.len());
            match state >> 30 {
                0 => socket.close().await,
                1 => socket.reset(),
                _ => drop(socket),
            }
            until_used(&gate, "ann", sockets.len()).await;
        }
    }
    assert_eq!(slots_used(&gate, "ann"), sockets.len() as u64);
}

/// The Tempest page with its cap on sockets and without the one on connects.
const NO_CONNECT_CAP: &str = r#"
upstream = "embedded:tempest"
refusals = "tempest"
unmatched = "anonymous-per-ip"

[identity]
sources = ["own"]
read = ["bearer", "query:token"]
required = true

[route.socket]
match = "GET /swd/data"
socket = { resources_max = 3, messages_per_minute_max = 20 }

[limit.websockets-per-user]
on = ["socket"]
who = "known"
per = "user"
slots = 10
hint = "One socket carries many devices: send a listen_start for each of them."

[limit.anonymous-per-ip]
who = "anonymous"
per = "ip"
rate = "10_000 per hour"
"#;

// docs/platforms/tempest.md T1
#[tokio::test(flavor = "multi_thread")]
async fn of_a_hundred_opens_at_once_exactly_ten_open() {
    let gate = std::sync::Arc::new(Gate::of_text(NO_CONNECT_CAP).await);
    let token = gate.user("ann");
    let opening = (0..100).map(|_| {
        let (gate, token) = (gate.clone(), token.clone());
        tokio::spawn(async move { open(&gate, &token).await })
    });
    let mut sockets = Vec::new();
    for opened in opening.collect::<Vec<_>>() {
        match opened.await.unwrap() {
            Ok(socket) => sockets.push(socket),
            Err(refused) => assert_over_the_cap(&refused),
        }
    }
    assert_eq!(sockets.len(), 10);
}

// docs/platforms/tempest.md T2: "the rate limit should fall off as soon as you close one of your open connections".
#[tokio::test(flavor = "multi_thread")]
async fn the_slot_is_free_before_the_close_is_answered() {
    let gate = Gate::of_text(NO_CONNECT_CAP).await;
    let token = gate.user("ann");
    let mut sockets = Vec::new();
    for _ in 0..10 {
        sockets.push(opened(&gate, &token).await);
    }
    for _ in 0..50 {
        sockets.pop().unwrap().close().await;
        sockets.push(opened(&gate, &token).await);
    }
}

// fault 28, fault 37; docs/platforms/tempest.md T12
#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_handshakes_that_come_to_nothing_leave_no_lease() {
    let gate = Gate::of_text(NO_CONNECT_CAP).await;
    let token = gate.user("ann");
    let handshake = |version: &str, key: &str| {
        Ask::get("/swd/data")
            .header("connection", "upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-version", version)
            .header("sec-websocket-key", key)
    };
    let good = "AAAAAAAAAAAAAAAAAAAAAA==";
    for round in 0..250 {
        for (ask, status) in [
            (handshake("13", good), StatusCode::UNAUTHORIZED),
            (handshake("13", "short").token(&token), StatusCode::BAD_REQUEST),
            (handshake("8", good).token(&token), StatusCode::UPGRADE_REQUIRED),
            (handshake("13", good).token("tg_pat_nonsense"), StatusCode::UNAUTHORIZED),
        ] {
            let answer = gate.send(ask).await;
            assert_eq!(answer.status, status, "round {round}: {}", answer.text());
            if status == StatusCode::UPGRADE_REQUIRED {
                assert_eq!(answer.field("sec-websocket-version"), Some("13"), "RFC 6455 4.4");
            }
        }
    }
    assert!(gate.app.engine.sockets.is_empty());
    assert_eq!(slots_used(&gate, "ann"), 0);
}

// docs/platforms/tempest.md T4
#[tokio::test(flavor = "multi_thread")]
async fn rest_and_sockets_do_not_touch_each_other() {
    let gate = Gate::start().await;
    let (ann, bob) = (gate.user("ann"), gate.user("bob"));
    gate.until_refused("/swd/rest/stations", &ann).await;
    let _socket = opened(&gate, &ann).await;
    let mut sockets = Vec::new();
    for _ in 0..10 {
        sockets.push(opened(&gate, &bob).await);
    }
    assert_over_the_cap(&refused(&gate, &bob).await);
    assert_eq!(gate.until_refused("/swd/rest/stations", &bob).await.0, 100);
}

// docs/platforms/tempest.md T6, docs/semantics.md rule 9
// fault 34
#[tokio::test(flavor = "multi_thread")]
async fn a_raised_cap_acts_on_the_next_open_and_a_lowered_one_closes_nothing_and_admits_nothing() {
    let gate = Gate::start().await;
    let token = gate.user("ann");
    let mut sockets = Vec::new();
    for _ in 0..10 {
        sockets.push(opened(&gate, &token).await);
    }
    assert_over_the_cap(&refused(&gate, &token).await);
    gate.run(&["limit", "set", "websockets-per-user", "20", "--user", "ann"]);
    for _ in 0..10 {
        sockets.push(opened(&gate, &token).await);
    }
    gate.run(&["limit", "set", "websockets-per-user", "5", "--user", "ann"]);
    assert_eq!(slots_used(&gate, "ann"), 20);
    for left in (5..20).rev() {
        assert_over_the_cap(&refused(&gate, &token).await);
        sockets.pop().unwrap().close().await;
        assert_eq!(slots_used(&gate, "ann"), left);
    }
    assert_over_the_cap(&refused(&gate, &token).await);
    sockets.pop().unwrap().close().await;
    opened(&gate, &token).await;
}

// docs/semantics.md rule 21: a developer who restarts often never meets it, a loop does.
#[tokio::test(flavor = "multi_thread")]
async fn connects_are_capped_beside_sockets_and_a_refused_one_takes_no_connect() {
    let gate = Gate::start().await;
    let token = gate.user("ann");
    for _ in 0..120 {
        opened(&gate, &token).await.close().await;
    }
    let refused = refused(&gate, &token).await;
    assert_eq!(refused.json()["limit"], "connects-per-user");
    assert_eq!(refused.retry_after_ms(), 500);
    gate.pass(std::time::Duration::from_millis(500));
    opened(&gate, &token).await;
}

// fault 33
#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_token_ends_its_sockets_and_no_others() {
    let gate = Gate::start().await;
    gate.run(&["user", "add", "ann"]);
    let made = gate.run_json(&["token", "create", "--user", "ann"]);
    let (id, first) = (made["id"].as_str().unwrap(), made["token"].as_str().unwrap());
    let second = gate.token("ann", &[]);
    let (mut ended, mut stays) = (opened(&gate, first).await, opened(&gate, &second).await);
    gate.run(&["token", "revoke", id]);
    assert_eq!(u16::from(ended.closed().await), 1008);
    until_used(&gate, "ann", 1).await;
    stays
        .say(json!({ "type": "listen_stop", "device_id": 1, "id": "x" }))
        .await;
    stays.heard().await;
}

// docs/platforms/tempest.md T10, T11
#[tokio::test(flavor = "multi_thread")]
async fn staff_and_callers_see_open_sockets_and_close_a_ghost() {
    let gate = Gate::start().await;
    let (ann, bob) = (gate.user("ann"), gate.user("bob"));
    let mut first = opened(&gate, &ann).await;
    // They are listed by when they were opened.
    gate.pass(std::time::Duration::from_secs(1));
    let mut second = opened(&gate, &ann).await;
    let listed = gate.run_json(&["sockets", "--user", "ann"]);
    let row = &listed[0];
    for key in ["id", "user", "since", "peer", "route", "devices"] {
        assert!(row.get(key).is_some(), "{key} in {row}");
    }
    assert_eq!(
        (&row["user"], &row["peer"], &row["route"]),
        (&"ann".into(), &"127.0.0.1".into(), &"socket".into())
    );
    gate.run(&["sockets", "close", row["id"].as_str().unwrap()]);
    first.closed().await;
    until_used(&gate, "ann", 1).await;

    let own = gate.get("/limits/me/connections", &ann).await.json();
    let path = format!("/limits/me/connections/{}", own[0]["id"].as_str().unwrap());
    let delete = |token: &str| gate.send(Ask::new(http::Method::DELETE, &path).token(token));
    assert_eq!(
        delete(&bob).await.status,
        StatusCode::NOT_FOUND,
        "somebody else's is unknown"
    );
    assert_eq!(delete(&ann).await.status, StatusCode::NO_CONTENT);
    assert_eq!(u16::from(second.closed().await), 1000);
    assert_eq!(gate.try_run(&["sockets", "close", "nothing"]).status.code(), Some(1));
}

// fault 29, docs/semantics.md rule 21: with the real times.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_vanished_gives_its_slot_back_within_45_seconds() {
    let gate = Gate::start().await;
    let token = gate.user("ann");
    // Open, and from then on nobody reads or answers: no Close, no FIN, no pong.
    let vanished = opened(&gate, &token).await;
    let mut ticks = 0;
    let freed = async {
        let mut tick = tokio::time::interval(std::time::Duration::from_millis(100));
        while !gate.app.engine.sockets.is_empty() {
            tick.tick().await;
            ticks += 1;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(45), freed)
        .await
        .expect("freed within 45 s");
    assert!(ticks > 200, "it was not taken for gone within twenty seconds");
    assert_eq!(slots_used(&gate, "ann"), 0);
    drop(vanished);
}
