//! GroveStreams whole: the platform's own examples replayed byte for byte, `asPut`, sessions, cycles and uids through
//! the gate.

use http::StatusCode;
use serde_json::json;
use tidegate_config::Source;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::gate::{Ask, Gate, START_MS};

async fn grovestreams() -> Gate {
    Gate::with(Source::Preset("grovestreams".into()), None).await
}

/// Sends these bytes and returns what comes back until the connection closes.
async fn exchange(gate: &Gate, head: &str, body: &[u8]) -> String {
    let mut stream = tokio::net::TcpStream::connect(gate.address()).await.unwrap();
    stream.write_all(head.replace('\n', "\r\n").as_bytes()).await.unwrap();
    stream.write_all(body).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
    let pairs = digits.chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
    pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
}

// The platform's Python 2.7 example: samples in the URL, an empty body, the key and the organisation in a cookie.
#[tokio::test(flavor = "multi_thread")]
async fn the_python_examples_url_is_stored_and_read_back_by_range() {
    let gate = grovestreams().await;
    let ann = gate.user("ann");
    let head = format!(
        "PUT /api/feed?compId=sensor-test&temperature=-7&humidity=40 HTTP/1.1\nHost: 127.0.0.1\n\
         Accept-Encoding: identity\nContent-Length: 0\nConnection: close\nContent-type: application/json\n\
         X-Forwarded-For: 192.168.1.72\nCookie: org=ORG;api_key={ann}\n\n"
    );
    let answer = exchange(&gate, &head, b"").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let read = |sd: i64, ed: i64| {
        let path = format!("/api/comp/sensor-test/stream/temperature/feed?sd={sd}&ed={ed}&retStreamId&api_key={ann}");
        gate.send(Ask::get(&path))
    };
    assert_eq!(
        read(START_MS, START_MS + 1).await.json()["data"],
        json!([[START_MS, -7]])
    );
    assert_eq!(
        read(START_MS - 1000, START_MS).await.json()["data"],
        json!([]),
        "the end is excluded"
    );
    let whole = gate.get("/api/comp/sensor-test/feed?retStreamId", &ann).await.json();
    assert_eq!(
        whole,
        json!([
            {"time": START_MS, "data": -7, "streamId": "temperature"},
            {"time": START_MS, "data": 40, "streamId": "humidity"},
        ])
    );
}

// The platform's Python 3 example: a JSON list in gzip.
#[tokio::test(flavor = "multi_thread")]
async fn the_python_examples_gzip_batch_is_stored() {
    let gate = grovestreams().await;
    let ann = gate.user("ann");
    let body = bytes(
        "1f8b08000000000002038bae564acecf2df04c51b252502a4ecd2bce2fd22d492d2e51d201724b8a521373215225a9b905a945892\
         5a545a920a994c49244a0b09161ad8e0291266494e666a664965422693731a88d0500a6f6373e81000000",
    );
    let head = format!(
        "PUT /api/feed HTTP/1.1\nHost: 127.0.0.1\nAccept-Encoding: identity\nContent-Length: {}\n\
         Content-Encoding: gzip\nConnection: close\nContent-type: application/json\nX-Forwarded-For: 192.168.1.72\n\
         Cookie: api_key={ann}\n\n",
        body.len()
    );
    let answer = exchange(&gate, &head, &body).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let last = gate.get("/api/comp/sensor-test/last_value", &ann).await.json();
    assert_eq!((&last[0]["data"], &last[1]["data"]), (&json!(21), &json!(40)));
}

// The platform's Raspberry Pi example: the advanced document in gzip; read back by uid.
#[tokio::test(flavor = "multi_thread")]
async fn the_raspberry_pi_example_is_stored_and_read_by_uid() {
    let gate = grovestreams().await;
    let ann = gate.user("ann");
    let body = bytes(
        "1f8b0800000000000203558ecd0a833010845f25eca9050949fffc7983de7ae8ad0409ba82604c48d693e4dd6bb4b4764fbbc33733\
         3b4387d842c56668ac7176c49196eb3543208fdaecf77be2a071533d05f490316835e9449cf955c58cfd83064d4d96f4b027cb4b21\
         8450512ddab770e36579e2f25670c9f3e4a0de6072c85cfc26d95aecf43450589f1ef54a81ebd961177084f829781a376cf9fed143\
         5431be019650ebbef3000000",
    );
    let head = format!(
        "PUT /api/feed HTTP/1.1\nHost: 127.0.0.1\nAccept-Encoding: identity\nContent-Length: {}\n\
         Content-Encoding: gzip\nConnection: close\nContent-type: application/json\nCookie: api_key={ann}\n\n",
        body.len()
    );
    let answer = exchange(&gate, &head, &body).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let listed = gate.get("/api/component?start=0&limit=10", &ann).await.json();
    assert_eq!(
        (&listed["totalCount"], &listed["component"][0]["id"]),
        (&json!(1), &json!("192.168.1.7"))
    );
    let uid = listed["component"][0]["uid"].as_str().unwrap();
    let path = format!("/api/component/{uid}/feed?startDate=1700000000000&endDate=1700000000001");
    let feed = gate.get(&path, &ann).await;
    assert_eq!(feed.status, StatusCode::OK, "{}", feed.text());
    let stream = &feed.json()["feed"]["component"][0]["stream"][0];
    assert_eq!(
        (&stream["streamId"], &stream["data"]),
        (&json!("cpu_user"), &json!([3.5]))
    );
    let eve = gate.user("eve");
    assert_eq!(gate.get(&path, &eve).await.status, StatusCode::NOT_FOUND);
}

// What collectors send that cannot say PUT: urllib posts a JSON list as if it were a form.
#[tokio::test(flavor = "multi_thread")]
async fn a_post_with_as_put_is_stored() {
    let gate = grovestreams().await;
    let ann = gate.user("ann");
    let head = format!(
        "POST /api/feed?asPut&api_key={ann} HTTP/1.1\nAccept-Encoding: identity\n\
         Content-Type: application/x-www-form-urlencoded\nContent-Length: 62\nHost: 127.0.0.1\n\
         User-Agent: Python-urllib/3.12\nConnection: close\n\n"
    );
    let body = br#"[{"compId": "raspi", "streamId": "outsidetemp", "data": 41.2}]"#;
    let answer = exchange(&gate, &head, body).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let last = gate
        .get("/api/comp/raspi/stream/outsidetemp/last_value", &ann)
        .await
        .json();
    assert_eq!(last["data"], json!([[START_MS, 41.2]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn as_put_meets_the_limits_of_put_whatever_its_method() {
    let preset = concat!(env!("CARGO_MANIFEST_DIR"), "/../../presets/grovestreams.toml");
    let page = std::fs::read_to_string(preset).unwrap();
    let puts = "[limit.puts]\non = [\"feed-put\"]\nper = \"token\"\nrate = \"4 per hour\"\n";
    let gate = Gate::of_text(&format!("{page}\n{puts}")).await;
    let ann = gate.user("ann");
    let ask = |method: http::Method, flag: &str| Ask::new(method, &format!("/api/feed?{flag}compId=c&a=1")).token(&ann);
    use http::Method;
    for (method, flag) in [
        (Method::PUT, ""),
        (Method::GET, "asPut&"),
        (Method::POST, "&asPut=true&"),
        (Method::DELETE, "as%50ut=false&"),
    ] {
        let answer = gate.send(ask(method.clone(), flag)).await;
        assert_eq!(answer.status, StatusCode::OK, "{method} {flag}: {}", answer.text());
    }
    for (method, flag) in [(Method::PUT, ""), (Method::GET, "asPut&"), (Method::POST, "asPut&")] {
        let refused = gate.send(ask(method, flag)).await;
        assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(refused.json()["limit"], "puts");
    }
    let read = gate.get("/api/comp/c/stream/a/last_value", &ann).await;
    assert_eq!(read.status, StatusCode::OK, "reading is another operation");
}

// A session is one more place where a token of ours may be shown.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_shown_as_session_is_known_and_the_parameter_wins_over_the_cookie() {
    let gate = grovestreams().await;
    let (ann, eve) = (gate.user("ann"), gate.user("eve"));
    let put = Ask::put(&format!("/api/feed?session={ann}&org=whatever&compId=c&a=1"));
    assert_eq!(gate.send(put).await.status, StatusCode::OK);
    let read = |path: &str, cookie: &str| gate.send(Ask::get(path).header("cookie", cookie));
    let last = "/api/comp/c/stream/a/last_value";
    assert_eq!(read(last, &format!("session={ann}")).await.status, StatusCode::OK);
    assert_eq!(read(last, "session=unknown").await.status, StatusCode::UNAUTHORIZED);
    let of_eve = format!("{last}?session={eve}");
    assert_eq!(
        read(&of_eve, &format!("session={ann}")).await.status,
        StatusCode::NOT_FOUND
    );
    let streams = gate.get("/api/component?compId=c", &ann).await.json();
    assert_eq!(
        streams["component"]["stream"].as_array().unwrap().len(),
        1,
        "session and org are no streams"
    );
    let login = gate.send(Ask::post("/api/login_guest").token(&ann)).await;
    assert_eq!(login.status, StatusCode::NOT_FOUND);
    assert!(
        login.json()["message"].as_str().unwrap().contains("show a token"),
        "{}",
        login.text()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cycle_is_defined_and_a_daily_stream_follows_the_clocks() {
    let gate = grovestreams().await;
    let ann = gate.user("ann");
    let define = async |path: &str, body: serde_json::Value| {
        let answer = gate.send(Ask::put(path).token(&ann).json(&body)).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        answer.json()
    };
    let day = json!({"name": "Days", "intvlSizeType": "DAY", "numSizeTypesPerIntvl": 1});
    let uid = define("/api/cycle", json!({"cycle": day})).await["cycle"]["uid"].clone();
    let stream = json!({"id": "rain", "valueType": "DOUBLE", "streamType": "intvl_stream", "baseCycle": {"uid": uid}});
    let garden = json!({"id": "garden", "timeZoneId": "America/Denver", "stream": [stream]});
    define("/api/component", json!({"component": garden})).await;
    // 2026-11-01T12:00 and 2026-11-02T12:00 in Denver; the clocks went back in between.
    let noons = [1_793_559_600_000_i64, 1_793_646_000_000];
    let batch = json!([{"compId": "garden", "streamId": "rain", "data": [1, 2], "time": noons}]);
    define("/api/feed", batch).await;
    let data = gate.get("/api/comp/garden/stream/rain/feed", &ann).await.json()["data"].clone();
    let start = |index: usize| data[index][0].as_i64().unwrap();
    assert_eq!(data.as_array().unwrap().len(), 2, "{data}");
    assert_eq!(start(1) - start(0), 25 * 3_600_000, "{data}");
}
