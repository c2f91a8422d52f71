//! Input of any kind gets a clear refusal, and the next request is read right.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::gate::Gate;

/// Sends bytes and reads until the gate closes, as it does after a refusal of framing and when asked to.
async fn raw(gate: &Gate, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(gate.address()).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

// fault 38, fault 39, fault 40, fault 41, fault 42, fault 43, fault 46, fault 47
#[tokio::test(flavor = "multi_thread")]
async fn a_request_with_two_readings_is_400() {
    let gate = Gate::start().await;
    for (what, bytes) in [
        ("no host", "GET /limits HTTP/1.1\r\n\r\n"),
        ("two hosts", "GET /limits HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
        ("host with a path", "GET /limits HTTP/1.1\r\nHost: a/b\r\n\r\n"),
        ("host with a user", "GET /limits HTTP/1.1\r\nHost: a@b\r\n\r\n"),
        (
            "another host in the target",
            "GET http://b/limits HTTP/1.1\r\nHost: a\r\n\r\n",
        ),
        (
            "two codings",
            "POST /limits HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        ),
        (
            "two lengths",
            "POST /limits HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc",
        ),
        (
            "a strange expectation",
            "GET /limits HTTP/1.1\r\nHost: a\r\nExpect: y 100-continue\r\n\r\n",
        ),
        (
            "an underscore",
            "GET /limits HTTP/1.1\r\nHost: a\r\nContent_Length: 5\r\n\r\n",
        ),
        ("line feeds alone", "GET /limits HTTP/1.1\nHost: a\n\n"),
        ("a folded line", "GET /limits HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n"),
        ("a space before the colon", "GET /limits HTTP/1.1\r\nHost : a\r\n\r\n"),
        ("an unknown version", "GET /limits HTTP/1.2\r\nHost: a\r\n\r\n"),
        ("no HTTP at all", "\x16\x03\x01\x02"),
        (
            "equal lengths",
            "POST /limits HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
        ),
        (
            "a length and a coding",
            "POST /limits HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        ),
        ("two slashes", "GET //limits HTTP/1.1\r\nHost: a\r\n\r\n"),
        ("dots", "GET /swd/../limits HTTP/1.1\r\nHost: a\r\n\r\n"),
        ("encoded dots", "GET /swd/%2e%2e/limits HTTP/1.1\r\nHost: a\r\n\r\n"),
        ("an encoded slash", "GET /swd%2flimits HTTP/1.1\r\nHost: a\r\n\r\n"),
        ("an encoded letter", "GET /%6cimits HTTP/1.1\r\nHost: a\r\n\r\n"),
        ("a backslash", "GET /swd\\limits HTTP/1.1\r\nHost: a\r\n\r\n"),
        ("a tunnel", "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n"),
    ] {
        let answer = raw(&gate, bytes.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{what}: {answer}");
        let decision = answer.lines().find_map(|line| line.strip_prefix("tidegate-decision: "));
        let explained = gate.run(&["explain", decision.unwrap_or_else(|| panic!("{what}: {answer}"))]);
        assert!(explained.contains("was not read"), "{what}: {explained}");
    }
}

// fault 44
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_given_before_the_body_was_read_does_not_shift_the_next_request() {
    let gate = Gate::start().await;
    let smuggled = "GET /limits HTTP/1.1\r\nHost: a\r\n\r\n";
    let first = format!(
        "POST /swd/rest/observations HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n{smuggled}",
        smuggled.len()
    );
    let answer = raw(
        &gate,
        format!("{first}GET /nowhere HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").as_bytes(),
    )
    .await;
    let statuses: Vec<&str> = answer
        .match_indices("HTTP/1.1 ")
        .map(|(at, _)| &answer[at + 9..at + 12])
        .collect();
    assert!(
        statuses == ["401", "404"] || statuses == ["401"],
        "{statuses:?}: {answer}"
    );
}

// fault 70
#[tokio::test(flavor = "multi_thread")]
async fn control_characters_in_a_path_reach_no_terminal() {
    let gate = Gate::start().await;
    let answer = raw(
        &gate,
        b"GET /%1b[31mred HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    )
    .await;
    let decision = answer
        .lines()
        .find_map(|line| line.strip_prefix("tidegate-decision: "))
        .unwrap_or_else(|| panic!("{answer}"));
    let explained = gate.run(&["explain", decision]);
    assert!(!explained.contains('\x1b'), "{explained:?}");
}

// fault 70: a field counts as it is sent, and is shown in the refusal's scope. The byte pair is one character that some
// terminals obey like an escape.
#[tokio::test(flavor = "multi_thread")]
async fn control_characters_in_a_field_reach_no_terminal() {
    let gate = Gate::of_text(
        r#"
        upstream = "embedded:grovestreams"
        unmatched = "cadence"
        [route.all]
        match = "* /**"
        needs = "nothing"
        [limit.cadence]
        per = ["ip", "header:x-device"]
        rate = "1 per minute"
        "#,
    )
    .await;
    let request = b"GET /nowhere HTTP/1.1\r\nHost: a\r\nX-Device: pump\xc2\x9b31mred\r\nConnection: close\r\n\r\n";
    raw(&gate, request).await;
    let answer = raw(&gate, request).await;
    assert!(answer.starts_with("HTTP/1.1 429"), "{answer}");
    let decision = answer
        .lines()
        .find_map(|line| line.strip_prefix("tidegate-decision: "))
        .unwrap_or_else(|| panic!("{answer}"));
    for flags in [&[][..], &["--json"]] {
        let explained = gate.run(&[&["explain", decision], flags].concat());
        assert!(explained.contains("pump"), "{explained:?}");
        assert!(!explained.replace('\n', "").contains(char::is_control), "{explained:?}");
    }
}
