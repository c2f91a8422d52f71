//! docs/semantics.md rule 4: callers that an issuer or a listed proxy vouches for, before a real API.

use std::{net::SocketAddr, time::Duration};

use http::StatusCode;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use crate::{
    gate::{Ask, Gate, START_MS},
    issuer::{KeyServer, Signer, set},
    socket::{opened, until_used},
};

pub const ISSUER: &str = "https://issuer.example";

/// An API that answers with the head it was sent.
async fn mirror() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(stream.read_u8().await?);
                }
                let length = head.len();
                let fields = format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n");
                stream.write_all(fields.as_bytes()).await?;
                stream.write_all(&head).await
            });
        }
    });
    address
}

/// A page before that API, with these sources and what belongs to them.
pub async fn gate(tables: &str, sources: &str) -> Gate {
    let api = mirror().await;
    Gate::of_text(&format!(
        r#"
        upstream = "http://{api}"
        {tables}
        [identity]
        sources = {sources}
        [route.any]
        match = "* /**"
        [limit.per-user]
        who = "known"
        per = "user"
        rate = "3 per minute"
        [limit.per-tenant]
        who = "known"
        per = "tenant"
        rate = "100 per minute"
        [limit.per-ip]
        who = "anonymous"
        per = "ip"
        rate = "150 per hour"
        [plan.gold]
        limit.per-user = 5
        "#
    ))
    .await
}

pub fn jwt_table(server: &KeyServer, more: &str) -> String {
    let url = server.url();
    format!("[identity.jwt]\njwks = \"{url}\"\nissuer = \"{ISSUER}\"\naudience = \"api\"\n{more}\n")
}

/// What a token says: its user, an hour to live, and more.
pub fn says(user: &str, more: Value) -> Value {
    let mut says = json!({ "iss": ISSUER, "aud": "api", "sub": user, "exp": START_MS / 1_000 + 3_600 });
    for (name, value) in more.as_object().unwrap() {
        says[name] = value.clone();
    }
    says
}

pub fn row(rows: &Value, limit: &str) -> Value {
    let found = rows.as_array().unwrap().iter().find(|row| row["limit"] == limit);
    found.unwrap_or_else(|| panic!("{limit} in {rows}")).clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn all_tokens_of_an_issuers_user_count_together_and_staff_see_where_they_stand() {
    let key = Signer::es256("k1");
    let server = KeyServer::of(&set(&[&key])).await;
    let gate = gate(&jwt_table(&server, ""), "[\"own\", \"jwt\"]").await;
    let own = gate.user("ann");
    let first = key.sign(&says("ann", json!({ "org": "acme", "jti": "1" })));
    let second = key.sign(&says("ann", json!({ "org": "acme", "jti": "2" })));
    for token in [&first, &second, &first] {
        let answer = gate.get("/items", token).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        assert!(
            answer.text().contains(token.as_str()),
            "the token goes through as it came"
        );
    }
    let refused = gate.get("/items", &second).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(
        gate.get("/items", &own).await.status,
        StatusCode::OK,
        "our own ann is somebody else"
    );

    let mine = gate.get("/limits/me", &first).await.json();
    assert_eq!(
        (&row(&mine, "per-user")["scope"], &row(&mine, "per-user")["used"]),
        (&json!("user jwt:ann"), &json!(3))
    );
    assert_eq!(row(&mine, "per-tenant")["scope"], "tenant jwt:acme");
    let shown = gate.run_json(&["limit", "show", "--user", "jwt:ann"]);
    assert_eq!(
        (&row(&shown, "per-user")["used"], &row(&shown, "per-tenant")["used"]),
        (&json!(3), &json!(3))
    );
    assert!(gate.run(&["explain", "--user", "jwt:ann"]).contains("per-user"));
    assert_eq!(
        gate.try_run(&["limit", "show", "--user", "jwt:bob"]).status.code(),
        Some(1)
    );
    gate.run(&["pardon", "--user", "jwt:ann"]);
    assert_eq!(gate.get("/items", &second).await.status, StatusCode::OK);
    assert_eq!(server.asked(), 1);
}

// docs/platforms/tempest.md T9
#[tokio::test(flavor = "multi_thread")]
async fn an_expired_token_is_told_so_and_a_forged_one_is_told_something_else() {
    let (key, forger) = (Signer::es256("k1"), Signer::es256("k1"));
    let server = KeyServer::of(&set(&[&key])).await;
    let gate = gate(&jwt_table(&server, "leeway_s = 0"), "\"jwt\"").await;
    let token = key.sign(&says("ann", json!({})));
    assert_eq!(gate.get("/items", &token).await.status, StatusCode::OK);
    let forged = gate.get("/items", &forger.sign(&says("ann", json!({})))).await;
    gate.pass(Duration::from_secs(3_600));
    let expired = gate.get("/items", &token).await;
    let malformed = gate.get("/items", "tg_pat_nonsense").await;
    for (answer, word) in [
        (&forged, "signature"),
        (&expired, "expired"),
        (&malformed, "not in the form"),
    ] {
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert!(answer.text().contains(word), "{word}: {}", answer.text());
        assert!(
            answer.field("ratelimit").unwrap().contains("per-ip"),
            "docs/semantics.md rule 1"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_with_a_plan_has_that_plans_quota() {
    let key = Signer::ed25519("k1");
    let server = KeyServer::of(&set(&[&key])).await;
    let gate = gate(&jwt_table(&server, "plan = \"realm.tier\""), "\"jwt\"").await;
    let token = key.sign(&says("ann", json!({ "realm": { "tier": "gold" } })));
    assert_eq!(gate.until_refused("/items", &token).await.0, 5);
}

// docs/platforms/tempest.md T5: all counts of a user's tokens roll up to the user, also those of somebody else's.
#[tokio::test(flavor = "multi_thread")]
async fn where_the_names_are_ours_a_token_counts_with_the_users_other_tokens() {
    let key = Signer::es256("k1");
    let server = KeyServer::of(&set(&[&key])).await;
    let gate = gate(&jwt_table(&server, "users = \"own\""), "[\"own\", \"jwt\"]").await;
    let own = gate.user("ann");
    let token = key.sign(&says("ann", json!({ "plan": "gold" })));
    for token in [&own, &token, &token] {
        assert_eq!(gate.get("/items", token).await.status, StatusCode::OK);
    }
    for token in [&own, &token] {
        assert_eq!(gate.get("/items", token).await.status, StatusCode::TOO_MANY_REQUESTS);
    }
    let stranger = gate.get("/items", &key.sign(&says("bob", json!({})))).await;
    let elsewhere = gate
        .get("/items", &key.sign(&says("ann", json!({ "org": "acme" }))))
        .await;
    assert_eq!(
        (stranger.status, elsewhere.status),
        (StatusCode::UNAUTHORIZED, StatusCode::UNAUTHORIZED)
    );
    let both = gate
        .send(
            Ask::get("/items")
                .token(&own)
                .header("authorization", &format!("Bearer {token}")),
        )
        .await;
    assert_eq!(both.status, StatusCode::BAD_REQUEST, "two credentials of one role");
}

// fault 68
#[tokio::test(flavor = "multi_thread")]
async fn without_keys_nobody_is_let_in_nobody_is_called_unknown_and_others_are_not_held_up() {
    let key = Signer::es256("k1");
    let server = KeyServer::of("").await;
    server.serve_with("503 Service Unavailable", "", "");
    let gate = gate(&jwt_table(&server, ""), "[\"own\", \"jwt\"]").await;
    let own = gate.user("ann");
    let token = key.sign(&says("ann", json!({})));
    for _ in 0..5 {
        assert_eq!(
            gate.get("/items", &token).await.status,
            StatusCode::INTERNAL_SERVER_ERROR
        );
    }
    assert_eq!(gate.get("/items", &own).await.status, StatusCode::OK);
    assert_eq!(server.asked(), 1);
    server.serve(&set(&[&key]));
    gate.pass(Duration::from_secs(5));
    assert_eq!(gate.get("/items", &token).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_token_does_not_become_a_caller_of_its_own_by_its_hash() {
    let (key, forger) = (Signer::rs256("k1"), Signer::hs256("k1", &[7; 32]));
    let server = KeyServer::of(&set(&[&key])).await;
    let gate = gate(&jwt_table(&server, ""), "[\"jwt\", \"opaque\"]").await;
    assert_eq!(gate.get("/items", "any-key-at-all").await.status, StatusCode::OK);
    assert_eq!(
        gate.get("/items", &key.sign(&says("ann", json!({})))).await.status,
        StatusCode::OK
    );
    let forged = gate.get("/items", &forger.sign(&says("ann", json!({})))).await;
    assert_eq!(forged.status, StatusCode::UNAUTHORIZED);
}

const PROXY: [u8; 4] = [127, 0, 0, 7];
const LISTED: &str = "[server]\ntrusted_proxies = [\"127.0.0.7\"]\nclient_address_from = \"x-forwarded-for\"\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_listed_proxy_names_callers_and_nobody_else_does() {
    let gate = gate(
        &format!("{LISTED}[identity.header]\ntenant = \"x-org\""),
        "[\"header\", \"own\"]",
    )
    .await;
    let named = || Ask::get("/items").header("x-user", "ann").header("x-org", "acme");
    let believed = gate.send(named().header("x_user", "bob").from(PROXY)).await;
    assert_eq!(believed.status, StatusCode::OK, "{}", believed.text());
    let seen = believed.text().to_lowercase();
    assert!(seen.contains("x-user: ann\r\n") && !seen.contains("x_user"), "{seen}");
    let shown = gate.run_json(&["limit", "show", "--user", "header:ann"]);
    assert_eq!(
        (&row(&shown, "per-user")["used"], &row(&shown, "per-tenant")["used"]),
        (&json!(1), &json!(1))
    );

    let own = gate.user("ann");
    for ask in [named(), named().header("x_user", "ann").header("X-User", "bob")] {
        let lied = gate.send(ask.token(&own)).await;
        assert_eq!(lied.status, StatusCode::OK, "{}", lied.text());
        let seen = lied.text().to_lowercase();
        assert!(
            !seen.contains("x-user") && !seen.contains("x_user") && !seen.contains("x-org"),
            "{seen}"
        );
    }
    assert_eq!(gate.send(named()).await.status, StatusCode::UNAUTHORIZED);
    let shown = gate.run_json(&["limit", "show", "--user", "header:ann"]);
    assert_eq!(row(&shown, "per-user")["used"], 1);
    let twice = gate.send(named().header("x-user", "bob").from(PROXY)).await;
    assert_eq!(
        twice.status,
        StatusCode::BAD_REQUEST,
        "somebody wrote one beside the proxy"
    );
    let own = gate.send(Ask::get("/items").token(&own).from(PROXY)).await;
    assert_eq!(
        own.status,
        StatusCode::OK,
        "where the proxy names nobody, the next source is asked"
    );
}

/// The Tempest API inside, for callers of an issuer and our own.
async fn live_gate(server: &KeyServer, more: &str) -> Gate {
    let jwt = jwt_table(server, more);
    Gate::of_text(&format!(
        r#"
        upstream = "embedded:tempest"
        {jwt}
        [identity]
        sources = ["own", "jwt"]
        [route.live]
        match = "GET /swd/data"
        socket = {{}}
        [limit.websockets-per-user]
        who = "known"
        per = "user"
        slots = 10
        "#
    ))
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_ends_when_its_token_does_and_others_stay() {
    let key = Signer::es256("k1");
    let server = KeyServer::of(&set(&[&key])).await;
    let gate = live_gate(&server, "").await;
    let long = key.sign(&says("ann", json!({})));
    let short = key.sign(&says("ann", json!({ "exp": START_MS / 1_000 + 60 })));
    let (_stays, mut ends) = (opened(&gate, &long).await, opened(&gate, &short).await);
    until_used(&gate, "jwt:ann", 2).await;
    // A minute, and the leeway of thirty seconds.
    gate.pass(Duration::from_secs(90));
    assert_eq!(u16::from(ends.closed().await), 1008);
    until_used(&gate, "jwt:ann", 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_see_the_sockets_of_a_users_keys_and_of_an_issuers_users() {
    let key = Signer::es256("k1");
    let server = KeyServer::of(&set(&[&key])).await;
    let gate = live_gate(&server, "").await;
    let own = gate.user("ann");
    let shared = gate.token("ann", &["--kind", "development", "--expires", "90d"]);
    let _open = (
        opened(&gate, &own).await,
        opened(&gate, &shared).await,
        opened(&gate, &key.sign(&says("ann", json!({})))).await,
    );
    let users = |name: &str| {
        let listed = gate.run_json(&["sockets", "--user", name]);
        let users = listed
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["user"].as_str().unwrap().to_owned());
        users.collect::<Vec<_>>()
    };
    let mut anns = users("ann");
    anns.sort();
    assert!(
        anns.len() == 2 && anns[0] == "ann" && anns[1].starts_with("key:"),
        "{anns:?}"
    );
    assert_eq!(users("jwt:ann"), ["jwt:ann"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_a_share_is_told_on_a_socket_that_an_issuers_token_opened() {
    let key = Signer::es256("k1");
    let server = KeyServer::of(&set(&[&key])).await;
    let gate = live_gate(&server, "users = \"own\"").await;
    gate.run(&["user", "add", "ann"]);
    gate.run(&["user", "add", "bob"]);
    let (station, device) = gate.station("bob", "ST-00000001");
    gate.run(&["station", "share", &station.to_string(), "--with", "ann"]);
    let mut socket = opened(&gate, &key.sign(&says("ann", json!({})))).await;
    socket
        .say(json!({ "type": "listen_start", "device_id": device, "id": "a" }))
        .await;
    for expected in ["connection_opened", "ack"] {
        assert_eq!(socket.heard().await["type"], expected);
    }
    gate.run(&["station", "unshare", &station.to_string(), "--with", "ann"]);
    let told = socket.heard().await;
    assert_eq!(told["type"], "error", "{told}");
    assert!(told.to_string().contains(&device.to_string()), "{told}");
}
