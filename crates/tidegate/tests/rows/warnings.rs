//! docs/semantics.md rule 13: who is told once that little is left, in a field of the answer or in a text on the
//! socket.

use std::time::Duration;

use http::{Request, StatusCode};
use http_body_util::BodyExt;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use crate::{
    gate::{Answer, Ask, Gate},
    socket::{Socket, open_at, opened, until_used},
};

const STATIONS: &str = "/swd/rest/stations";

/// The page of a weather network with the keys of its socket's table, and so many slots.
fn page(socket: &str, slots: u32) -> String {
    format!(
        r#"
upstream = "embedded:tempest"
refusals = "tempest"
[identity]
sources = ["own"]
read = ["bearer"]
required = true
[route.stations]
match = "GET /swd/rest/stations"
[route.live]
match = "GET /swd/data"
socket = {{ {socket} }}
[limit.websockets-per-user]
on = ["live"]
who = "known"
per = "user"
slots = {slots}
[limit.calls]
who = "known"
per = "user"
rate = "5 per minute"
"#
    )
}

fn is_warned(answer: &Answer, limit: &str) -> bool {
    let fields = answer.field("ratelimit").expect("RateLimit");
    let item = fields
        .split(", ")
        .find(|item| item.starts_with(&format!("\"{limit}\"")));
    item.expect("the limit's item").ends_with(";warn")
}

/// Which of so many calls are answered with the warning, counted from one.
async fn warned(gate: &Gate, token: &str, calls: usize) -> Vec<usize> {
    let mut warned = Vec::new();
    for call in 1..=calls {
        if is_warned(&gate.get(STATIONS, token).await, "rest-per-user") {
            warned.push(call);
        }
    }
    warned
}

async fn row(gate: &Gate, token: &str, limit: &str) -> Value {
    let rows = gate.get("/limits/me", token).await.json();
    rows.as_array()
        .unwrap()
        .iter()
        .find(|row| row["limit"] == limit)
        .unwrap()
        .clone()
}

/// The two next messages, whatever their order, as there may be a gap before either.
async fn two(socket: &mut Socket) -> [Value; 2] {
    let mut heard = [socket.heard().await, socket.heard().await];
    heard.sort_by_key(|message| message["type"] == "limit_warning");
    heard
}

/// What is answered to a command at once; nothing came before it.
async fn asked(socket: &mut Socket, id: &str) -> Value {
    socket
        .say(json!({ "type": "listen_start", "device_id": 0, "id": id }))
        .await;
    let answer = socket.heard().await;
    assert_eq!(answer["id"], id, "{answer}");
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn the_call_that_reaches_80_percent_is_told_and_the_next_one_after_use_fell_under_60() {
    let gate = Gate::start().await;
    let ann = gate.user("ann");
    assert_eq!(warned(&gate, &ann, 100).await, [80]);
    let refused = gate.get(STATIONS, &ann).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(!is_warned(&refused, "rest-per-user"));
    assert_eq!(row(&gate, &ann, "rest-per-user").await["warned"], true);

    // A hundred used become 60, which is not under 60 %.
    gate.pass(Duration::from_secs(24));
    assert_eq!(warned(&gate, &ann, 35).await, [0; 0]);
    // 95 become 50.
    gate.pass(Duration::from_secs(27));
    assert_eq!(row(&gate, &ann, "rest-per-user").await["warned"], false);
    assert_eq!(warned(&gate, &ann, 40).await, [30]);

    let metrics = gate.admin(Ask::get("/metrics")).await.text();
    let told = "tidegate_limit_warnings_total{limit=\"rest-per-user\"} 2";
    assert!(metrics.lines().any(|line| line == told), "{metrics}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_calls_on_one_connection_the_same_one_is_told() {
    let gate = Gate::start().await;
    let ann = gate.user("ann");
    let stream = TokioIo::new(TcpStream::connect(gate.address()).await.unwrap());
    let (mut sender, connection) = hyper::client::conn::http1::handshake(stream).await.unwrap();
    tokio::spawn(connection);
    let mut told = Vec::new();
    for call in 1..=100 {
        let request = Request::get(STATIONS)
            .header("host", "weather")
            .header("authorization", format!("Bearer {ann}"));
        sender.ready().await.unwrap();
        let request = request.body(String::new()).unwrap();
        let answer = sender.send_request(request).await.unwrap();
        if answer.headers()["ratelimit"].to_str().unwrap().contains(";warn") {
            told.push(call);
        }
        answer.into_body().collect().await.unwrap();
    }
    assert_eq!(told, [80]);
}

// docs/semantics.md rule 14
#[tokio::test(flavor = "multi_thread")]
async fn a_restart_repeats_no_warning() {
    let text = page("", 5).replace("5 per minute", "10 per hour");
    let gate = Gate::of_text(&text).await;
    let ann = gate.user("ann");
    for call in 1..=8 {
        assert_eq!(is_warned(&gate.get(STATIONS, &ann).await, "calls"), call == 8);
    }
    let gate = gate.restart_at(1_000).await;
    let next = gate.get(STATIONS, &ann).await;
    assert_eq!(next.status, StatusCode::OK);
    assert!(!is_warned(&next, "calls"));
    assert_eq!(row(&gate, &ann, "calls").await["warned"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pardoned_user_is_warned_anew() {
    let gate = Gate::start().await;
    let ann = gate.user("ann");
    assert_eq!(warned(&gate, &ann, 90).await, [80]);
    gate.run(&["pardon", "--user", "ann"]);
    assert_eq!(warned(&gate, &ann, 90).await, [80]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_socket_that_takes_80_percent_of_the_slots_is_told_behind_the_greeting() {
    let text = page("warnings = true", 5).replace("5 per minute", "1000 per minute");
    let gate = Gate::of_text(&text).await;
    let ann = gate.user("ann");
    let greeting = json!({ "type": "connection_opened" });
    let warning = json!({ "type": "limit_warning", "limit": "websockets-per-user", "used": 4, "quota": 5 });
    let mut open = Vec::new();
    for number in 1..=5 {
        let mut socket = opened(&gate, &ann).await;
        assert_eq!(socket.heard().await, greeting);
        if number == 4 {
            assert_eq!(socket.heard().await, warning);
        }
        asked(&mut socket, "a").await;
        open.push(socket);
    }
    for socket in open.drain(..3) {
        socket.close().await;
    }
    until_used(&gate, "ann", 2).await;
    for told in [false, true] {
        let mut socket = opened(&gate, &ann).await;
        assert_eq!(socket.heard().await, greeting);
        if told {
            assert_eq!(socket.heard().await, warning);
        }
        asked(&mut socket, "b").await;
        open.push(socket);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_socket_is_told_anything_where_the_route_does_not_say_so() {
    let text = page("messages_per_minute_max = 5", 1).replace("5 per minute", "1000 per minute");
    let gate = Gate::of_text(&text).await;
    let ann = gate.user("ann");
    let mut socket = opened(&gate, &ann).await;
    assert_eq!(socket.heard().await["type"], "connection_opened");
    for id in ["a", "b", "c", "d", "e"] {
        asked(&mut socket, id).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_that_counts_other_calls_too_warns_in_the_handshakes_fields_and_not_on_the_socket() {
    let gate = Gate::of_text(&page("warnings = true", 100)).await;
    let ann = gate.user("ann");
    for _ in 0..3 {
        assert!(!is_warned(&gate.get(STATIONS, &ann).await, "calls"));
    }
    let mut socket = opened(&gate, &ann).await;
    assert_eq!(row(&gate, &ann, "calls").await["warned"], true);
    assert_eq!(socket.heard().await["type"], "connection_opened");
    asked(&mut socket, "a").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_is_told_when_it_says_nearly_as_much_and_listens_to_nearly_as_many_as_it_may() {
    let text = page("warnings = true, resources_max = 2, messages_per_minute_max = 10", 100);
    let gate = Gate::of_text(&text).await;
    let ann = gate.user("ann");
    let devices = ["ST-00000001", "ST-00000002"].map(|serial| gate.station("ann", serial).1);
    let mut socket = opened(&gate, &ann).await;
    assert_eq!(socket.heard().await["type"], "connection_opened");
    socket
        .say(json!({ "type": "listen_start", "device_id": devices[0], "id": "a" }))
        .await;
    assert_eq!(socket.heard().await["type"], "ack");
    socket
        .say(json!({ "type": "listen_start", "device_id": devices[1], "id": "b" }))
        .await;
    let warning = |limit: &str, used: u32, quota: u32| json!({ "type": "limit_warning", "limit": limit, "used": used, "quota": quota });
    assert_eq!(
        two(&mut socket).await,
        [json!({ "type": "ack", "id": "b" }), warning("resources_max", 2, 2)]
    );
    for id in ["3", "4", "5", "6", "7"] {
        asked(&mut socket, id).await;
    }
    socket
        .say(json!({ "type": "listen_start", "device_id": 0, "id": "8" }))
        .await;
    let [answer, told] = two(&mut socket).await;
    assert_eq!(
        (&answer["id"], told),
        (&"8".into(), warning("messages_per_minute_max", 8, 10))
    );
    asked(&mut socket, "9").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_of_the_handshake_carries_the_warning_too() {
    let text = page("warnings = true", 1).replace("5 per minute", "1000 per minute");
    let gate = Gate::of_text(&text).await;
    let ann = gate.user("ann");
    let mut request = format!("ws://{}/swd/data", gate.address())
        .into_client_request()
        .unwrap();
    request
        .headers_mut()
        .insert("authorization", format!("Bearer {ann}").parse().unwrap());
    let (_socket, granted) = tokio_tungstenite::connect_async(request).await.unwrap();
    let fields = granted.headers()["ratelimit"].to_str().unwrap();
    assert!(fields.starts_with("\"websockets-per-user\";r=0;warn, "), "{fields}");
    assert!(open_at(&gate, "/swd/data", &ann).await.is_err());
}
