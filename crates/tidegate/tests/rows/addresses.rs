//! Whose request it is: behind a listed proxy, before a liar, over IPv6 and over a Unix socket.

use futures_util::StreamExt;
use http::StatusCode;
use serde_json::Value;
use tidegate_gateway::ListenAddress;
use tokio::{
    io::{AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpStream, UnixStream},
};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use crate::gate::{Ask, Gate};

const LAST_VALUE: &str = "/api/comp/kitchen/stream/temp/last_value";

/// The platforms' pages, with 127.0.0.1 as a listed proxy and 127.0.0.2 as nobody.
fn page(listed: &str, from: &str) -> String {
    format!(
        "include = [\"preset:default\"]\nunmatched = \"anonymous-per-ip\"\n\
         [server]\ntrusted_proxies = [{listed}]\nclient_address_from = \"{from}\"\n"
    )
}

async fn behind(from: &str) -> Gate {
    Gate::of_text(&page("\"127.0.0.1\"", from)).await
}

/// What somebody unknown asks, through a proxy that names them.
fn named(client: &str) -> Ask {
    Ask::get(LAST_VALUE).header("x-forwarded-for", client)
}

/// Spends the 150 an hour of an unknown address; the refusal after.
async fn spend(gate: &Gate, ask: impl Fn(u32) -> Ask) -> Value {
    for count in 0..150 {
        let answer = gate.send(ask(count)).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{count}: {}", answer.text());
    }
    let refused = gate.send(ask(150)).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    gate.run_json(&["explain", refused.decision()])
}

// fault 62: through a trusted proxy, and what the client itself wrote changes nothing.
#[tokio::test(flavor = "multi_thread")]
async fn behind_a_listed_proxy_each_client_has_150_an_hour_of_its_own() {
    let gate = behind("x-forwarded-for").await;
    let explained = spend(&gate, |count| named(&format!("10.9.8.{}, 192.0.2.1", count % 200))).await;
    assert_eq!(
        (&explained["client"], &explained["scope"]),
        (&"192.0.2.1".into(), &"ip 192.0.2.1".into()),
        "{explained}"
    );
    assert_eq!(gate.send(named("192.0.2.2")).await.status, StatusCode::UNAUTHORIZED);
    // The proxy itself, as when it looks whether we are well.
    assert_eq!(gate.send(Ask::get(LAST_VALUE)).await.status, StatusCode::UNAUTHORIZED);
}

// fault 62: a direct client, and a client whose proxy names garbage.
#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_is_not_listed_is_who_it_is() {
    let gate = behind("x-forwarded-for").await;
    let explained = spend(&gate, |count| named(&format!("192.0.2.{count}")).from([127, 0, 0, 2])).await;
    assert_eq!(explained["client"], "127.0.0.2");
    assert_eq!(
        gate.send(named("192.0.2.1")).await.status,
        StatusCode::UNAUTHORIZED,
        "nobody else pays for it"
    );
}

// docs/semantics.md rule 3
#[tokio::test(flavor = "multi_thread")]
async fn a_v6_client_counts_in_its_blocks_also_behind_a_proxy() {
    let gate = behind("x-forwarded-for").await;
    spend(&gate, |count| named(&format!("[2001:db8::{count:x}]:4711"))).await;
    assert_eq!(
        gate.send(named("2001:db8:0:1::1")).await.status,
        StatusCode::UNAUTHORIZED,
        "another /64 of the same /56"
    );
    for network in 1..4 {
        for count in 0..150 {
            let answer = gate.send(named(&format!("2001:db8:0:{network}::{count:x}"))).await;
            let is_first = network == 1 && count == 149;
            if !is_first {
                assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{network} {count}");
            }
        }
    }
    let refused = gate.send(named("2001:db8:0:4::1")).await;
    assert_eq!(
        refused.status,
        StatusCode::TOO_MANY_REQUESTS,
        "four times 150 for the /56"
    );
    assert_eq!(
        gate.send(named("2001:db8:0:100::1")).await.status,
        StatusCode::UNAUTHORIZED
    );
}

// docs/semantics.md rule 16: behind a listed proxy the sub-key is what stands left of the chosen client address.
#[tokio::test(flavor = "multi_thread")]
async fn a_sub_key_is_what_the_device_wrote_and_not_the_way_it_came() {
    let text = r#"
        upstream = "embedded:grovestreams"
        unmatched = "cadence"
        [server]
        trusted_proxies = ["127.0.0.1", "10.0.0.0/8"]
        client_address_from = "x-forwarded-for"
        [route.all]
        match = "* /**"
        needs = "nothing"
        [limit.cadence]
        per = ["ip", "header:x-forwarded-for"]
        rate = "2 per minute"
    "#;
    let gate = Gate::of_text(text).await;
    for client in ["192.0.2.1", "192.0.2.2"] {
        for device in ["sensor-1", "sensor-2"] {
            let mut statuses = Vec::new();
            for way in ["", ", 10.0.0.7", ", 10.0.0.8, 10.0.0.7"] {
                let asked = named(&format!("{device}, {client}{way}"));
                statuses.push(gate.send(asked).await.status == StatusCode::TOO_MANY_REQUESTS);
            }
            assert_eq!(statuses, [false, false, true], "{device} {client}");
        }
    }
    // Directly the field is as sent, and nobody takes anybody's place by it.
    let direct = named("sensor-1, 192.0.2.1").from([127, 0, 0, 2]);
    assert_ne!(gate.send(direct).await.status, StatusCode::TOO_MANY_REQUESTS);
}

// fault 64
#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_protocol_names_the_client_of_a_connection() {
    let gate = behind("proxy-protocol").await;
    let header = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\x02\x01\x7f\0\0\x01\x11\x11\0\x50";
    let stream = TcpStream::connect(gate.address()).await.unwrap();
    let refused = refused_after_150(stream, header).await;
    assert_eq!(gate.run_json(&["explain", &refused])["client"], "192.0.2.1");
    // Without its header a listed proxy is not served, and a stranger is, under its own address.
    let mut bare = TcpStream::connect(gate.address()).await.unwrap();
    bare.write_all(b"GET / HTTP/1.1\r\nHost: gate\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    let _ = bare.read_to_end(&mut answer).await;
    assert_eq!(answer, b"");
    let stranger = gate.send(Ask::get(LAST_VALUE).from([127, 0, 0, 2])).await;
    assert_eq!(stranger.status, StatusCode::UNAUTHORIZED);
}

// A Unix peer has no address: it is this machine's, 127.0.0.1, or whom it names where it is listed.
#[tokio::test(flavor = "multi_thread")]
async fn over_a_unix_socket_a_caller_is_this_machine_or_whom_a_listed_proxy_names() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| ListenAddress::Unix(dir.path().join(name));
    for (listed, client) in [("\"unix\"", "192.0.2.1"), ("\"127.0.0.0/8\"", "127.0.0.1")] {
        let gate = Gate::of_text_at(&page(listed, "x-forwarded-for"), vec![at("gate.sock")]).await;
        let stream = UnixStream::connect(dir.path().join("gate.sock")).await.unwrap();
        let refused = refused_after_150(stream, b"").await;
        assert_eq!(gate.run_json(&["explain", &refused])["client"], client, "{listed}");
        // A WebSocket too.
        let token = gate.user("ann");
        let mut request = format!("ws://gate/swd/data?token={token}")
            .into_client_request()
            .unwrap();
        request
            .headers_mut()
            .insert("x-forwarded-for", "192.0.2.1".parse().unwrap());
        let stream = UnixStream::connect(dir.path().join("gate.sock")).await.unwrap();
        let (mut socket, _) = tokio_tungstenite::client_async(request, stream).await.unwrap();
        assert_eq!(gate.run_json(&["sockets", "--user", "ann"])[0]["peer"], client);
        socket.close(None).await.unwrap();
        while let Some(Ok(_)) = socket.next().await {}
        gate.stop().await;
        assert!(!dir.path().join("gate.sock").exists());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn over_ipv6_a_mapped_peer_is_its_ipv4_address() {
    let listen = vec!["[::]:0".parse().unwrap()];
    let gate = Gate::of_text_at(&page("\"127.0.0.1\"", "x-forwarded-for"), listen).await;
    let explained = spend(&gate, |_| Ask::get(LAST_VALUE).from([127, 0, 0, 2])).await;
    assert_eq!(explained["client"], "127.0.0.2");
    // The listed one is recognised too.
    let explained = spend(&gate, |_| named("192.0.2.1")).await;
    assert_eq!(explained["client"], "192.0.2.1");
    let port = gate.address().port();
    let v6 = TcpStream::connect(("::1", port)).await.unwrap();
    let refused = refused_after_150(v6, b"").await;
    assert_eq!(gate.run_json(&["explain", &refused])["client"], "::1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_through_a_proxy_is_shown_with_its_clients_address() {
    let gate = behind("forwarded").await;
    let token = gate.user("ann");
    let mut request = format!("ws://{}/swd/data?token={token}", gate.address())
        .into_client_request()
        .unwrap();
    let forwarded = "for=\"[2001:db8::7]:4711\";proto=https".parse().unwrap();
    request.headers_mut().insert("forwarded", forwarded);
    let (_socket, _) = tokio_tungstenite::connect_async(request).await.unwrap();
    let shown = gate.run_json(&["sockets", "--user", "ann"]);
    assert_eq!(shown[0]["peer"], "2001:db8::7", "{shown}");
}

// What is said of a reload is what it did: a list of proxies is part of the policy.
#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_is_listed_and_struck_off_by_a_reload_which_says_so() {
    let nobody = page("\"10.0.0.1\"", "x-forwarded-for");
    let gate = Gate::of_text(&nobody).await;
    let shown = async |text: &str| {
        std::fs::write(gate.dir.path().join("limits.toml"), text).unwrap();
        let told = gate.admin(Ask::post("/reload")).await;
        assert_eq!(told.json()["needs_restart"], serde_json::json!([]), "{}", told.text());
        // A decision id of its own tells whom the gate took it for.
        let refused = gate.send(named("192.0.2.1")).await;
        gate.run_json(&["explain", refused.decision()])["client"].clone()
    };
    assert_eq!(shown(&page("\"127.0.0.1\"", "x-forwarded-for")).await, "192.0.2.1");
    assert_eq!(shown(&page("\"127.0.0.1\"", "forwarded")).await, "127.0.0.1");
    assert_eq!(shown(&page("\"127.0.0.1\"", "x-forwarded-for")).await, "192.0.2.1");
    assert_eq!(shown(&nobody).await, "127.0.0.1");
}

/// Asks 151 times on one connection, naming 192.0.2.1 in a field; the decision id of the refusal.
async fn refused_after_150(mut stream: impl AsyncReadExt + AsyncWrite + Unpin, header: &[u8]) -> String {
    stream.write_all(header).await.unwrap();
    let request = format!("GET {LAST_VALUE} HTTP/1.1\r\nHost: gate\r\nX-Forwarded-For: 192.0.2.1\r\n");
    for _ in 0..150 {
        let asked = format!("{request}\r\n");
        stream.write_all(asked.as_bytes()).await.unwrap();
    }
    let last = format!("{request}Connection: close\r\n\r\n");
    stream.write_all(last.as_bytes()).await.unwrap();
    let mut answers = Vec::new();
    stream.read_to_end(&mut answers).await.unwrap();
    let answers = String::from_utf8_lossy(&answers).to_lowercase();
    assert_eq!(answers.matches("http/1.1 401").count(), 150);
    let refusal = &answers[answers.find("http/1.1 429").expect("a refusal")..];
    let line = refusal
        .lines()
        .find_map(|line| line.strip_prefix("tidegate-decision: "));
    line.expect("a decision id").to_owned()
}
