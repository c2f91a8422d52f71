//! GroveStreams feeds: simple and batch PUT, feed GET, last value; one tenant never sees another's.

use http::StatusCode;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::gate::{Ask, Gate, START_MS};

#[tokio::test(flavor = "multi_thread")]
async fn samples_put_are_read_back_within_the_tenant_and_nowhere_else() {
    let gate = Gate::start().await;
    gate.run(&["user", "add", "ann", "--tenant", "acme"]);
    gate.run(&["user", "add", "bob", "--tenant", "acme"]);
    let (ann, bob, eve) = (gate.token("ann", &[]), gate.token("bob", &[]), gate.user("eve"));
    let batch = json!([
        { "compId": "kitchen", "streamId": "temp", "data": 21.5, "time": START_MS - 1000 },
        { "compId": "kitchen", "streamId": "temp", "data": 22.5, "time": START_MS },
        { "compId": "hall", "streamId": "door", "data": "open", "time": START_MS },
    ]);
    let put = gate
        .send(Ask::put(&format!("/api/feed?api_key={ann}")).json(&batch))
        .await;
    assert_eq!(
        (put.status, &put.json()["success"]),
        (StatusCode::OK, &true.into()),
        "{}",
        put.text()
    );

    let feed = gate
        .get(
            &format!(
                "/api/comp/kitchen/stream/temp/feed?sd={}&ed={}",
                START_MS - 1000,
                START_MS + 1
            ),
            &bob,
        )
        .await
        .json();
    assert_eq!(feed["data"], json!([[START_MS - 1000, 21.5], [START_MS, 22.5]]));
    let last = gate.get("/api/comp/hall/stream/door/last_value", &bob).await;
    assert!(last.text().contains("open"), "{}", last.text());
    assert_eq!(
        gate.get("/api/comp/kitchen/stream/temp/last_value", &eve).await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_that_is_not_whole_names_the_element_and_stores_nothing() {
    let gate = Gate::start().await;
    let ann = gate.user("ann");
    for (body, named) in [
        (
            r#"[{"compId":"c","streamId":"s","data":1},{"compId":"c","streamId":"s"}]"#,
            "element 1",
        ),
        (
            r#"[{"compId":"c","streamId":"s","data":1},{"streamId":"s","data":2}]"#,
            "element 1",
        ),
        (r#"[{"compId":"c","streamId":"s","data":1},"#, "byte 40"),
        ("{", "byte 1"),
    ] {
        let refused = gate
            .send(Ask::put(&format!("/api/feed?api_key={ann}")).text(body))
            .await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{body}: {}", refused.text());
        assert!(
            refused.json()["message"].as_str().unwrap().contains(named),
            "{body}: {}",
            refused.text()
        );
    }
    assert_eq!(
        gate.get("/api/comp/c/stream/s/last_value", &ann).await.status,
        StatusCode::NOT_FOUND
    );
}

// docs/platforms/grovestreams.md#clients: what the Arduino library sends, byte for byte, and the line it looks for.
#[tokio::test(flavor = "multi_thread")]
async fn the_arduino_librarys_bytes_get_the_status_line_it_looks_for() {
    let gate = Gate::start().await;
    let ann = gate.user("ann");
    let mut stream = tokio::net::TcpStream::connect(gate.address()).await.unwrap();
    let sent = format!(
        "PUT /api/feed?&api_key={ann}&compId=3C71BF&a=1 HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nX-Forwarded-For: 3C71BF\r\nContent-Type: application/json\r\n\r\n"
    );
    stream.write_all(sent.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let last = gate.get("/api/comp/3C71BF/stream/a/last_value", &ann).await;
    assert_eq!(last.status, StatusCode::OK, "{}", last.text());
}
